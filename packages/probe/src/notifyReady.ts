/**
 * Calls `navigator.notifyReady()`, with which a page tells Agora's recorder that it is ready. It exists only there, and
 * may be added late. It is called as a method, because browser functions refuse to be called unbound.
 *
 * @returns false if there is nothing to call yet
 * @throws what the recorder's function throws
 */
export const notifyReady = (navigator: Navigator & { notifyReady?: unknown }): boolean => {
  if (typeof navigator.notifyReady !== 'function') return false
  navigator.notifyReady()
  return true
}
