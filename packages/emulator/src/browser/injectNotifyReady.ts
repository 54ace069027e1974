/**
 * Runs in the page before any of its scripts, and defines `navigator.notifyReady` as Agora's recorder does. Like a
 * native method it throws if it is called without its navigator. Only the top frame gets it: the recorder waits for
 * the page, not for a frame inside it.
 *
 * @param binding name of the global function that reports the call; it is deleted from the page
 */
export const injectNotifyReady = (binding: string): void => {
  const page = globalThis as unknown as {
    top: unknown
    navigator: object
    [name: string]: unknown
  }
  const report = page[binding] as ((payload: string) => void) | undefined
  delete page[binding]
  if (page.top !== globalThis || !report) return
  const holder = {
    notifyReady(this: unknown): void {
      if (this !== page.navigator) throw new TypeError('Illegal invocation')
      report('')
    },
  }
  Object.defineProperty(Object.getPrototypeOf(page.navigator), 'notifyReady', {
    value: holder.notifyReady,
    configurable: true,
    enumerable: true,
    writable: true,
  })
}
