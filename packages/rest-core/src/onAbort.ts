const listenersOf = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Calls `listener` when the signal aborts. A signal has one event listener of ours, however many calls share it: Node
 * warns of a leak from the eleventh.
 *
 * @param signal must not have aborted yet
 * @returns removes the listener, and after the last one also what was added to the signal
 */
export const onAbort = (signal: AbortSignal, listener: () => void): (() => void) => {
  const listeners = listenersOf.get(signal) ?? listenTo(signal)
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0 || listenersOf.get(signal) !== listeners) return
    listenersOf.delete(signal)
    signal.removeEventListener('abort', notify)
  }
}

const listenTo = (signal: AbortSignal): Set<() => void> => {
  const listeners = new Set<() => void>()
  listenersOf.set(signal, listeners)
  signal.addEventListener('abort', notify, { once: true })
  return listeners
}

function notify(this: AbortSignal): void {
  const listeners = listenersOf.get(this)
  listenersOf.delete(this)
  for (const listener of listeners ?? []) listener()
}
