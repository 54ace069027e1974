/**
 * Runs in the page before any of its scripts: gives it `navigator.notifyReady`, as Agora's recorder does. It is a
 * method as native ones are: it throws when it is called without its navigator. Top frame only: the recorder waits
 * for the page, not for a frame in it.
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
