/**
 * Tells the recorder that the page is ready: `navigator.notifyReady()`, which exists only in Agora's recorder
 * and may be put there late. Called as a method, because functions of the browser refuse to be called unbound.
 *
 * @returns false as long as there is nothing to call
 * @throws what the recorder's function throws
 */
export const notifyReady = (navigator: Navigator & { notifyReady?: unknown }): boolean => {
  if (typeof navigator.notifyReady !== 'function') return false
  navigator.notifyReady()
  return true
}
