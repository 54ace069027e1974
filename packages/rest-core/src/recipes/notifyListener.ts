/**
 * Calls a listener if there is one. If it throws, the recipe continues and the process gets a warning. It does not
 * quote the error's message, which may quote the event.
 */
export const notifyListener = <Event>(listener: ((event: Event) => void) | undefined, event: Event): void => {
  try {
    listener?.(event)
  } catch (error) {
    process.emitWarning(`A listener of a cloud recording recipe threw (${errorNameOf(error)})`)
  }
}

/** The error's name, or the type of a thrown value that is no error; safe to log. */
export const errorNameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error)
