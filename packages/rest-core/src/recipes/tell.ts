/** Tells a listener. One that throws must not cost a recording; its message may quote what it was told. */
export const tell = <Event>(listener: ((event: Event) => void) | undefined, event: Event): void => {
  try {
    listener?.(event)
  } catch (error) {
    process.emitWarning(`A listener of a cloud recording recipe threw (${nameOf(error)})`)
  }
}

/** What may be said of an error that somebody else threw. */
export const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error)
