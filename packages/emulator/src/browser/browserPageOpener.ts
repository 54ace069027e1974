import { type LaunchedBrowser, launchChromium } from './launchChromium.ts'
import { EngineError, type PageOpener } from './pageOpener.ts'
import { type BrowserLog, createTaskPage } from './taskPage.ts'

/**
 * Opens pages in one Chromium. The browser is launched for the first page, and again for the next
 * page after it died.
 */
export const createBrowserPageOpener = (log: BrowserLog): PageOpener => {
  let launched: Promise<LaunchedBrowser> | null = null
  let closing = false

  const launch = (): Promise<LaunchedBrowser> => {
    if (closing) return Promise.reject(new EngineError('the emulator is closing'))
    if (launched) return launched
    const launching = launchChromium()
    launched = launching
    const forget = () => {
      if (launched === launching) launched = null
    }
    launching.then(
      ({ browser, pid }) => {
        log(`launched ${browser.browserType().name()} ${browser.version()}, process ${pid}`)
        browser.on('disconnected', () => {
          forget()
          if (!closing) log('the browser exited unexpectedly')
        })
      },
      (error: unknown) => {
        forget()
        log(error instanceof Error ? error.message : String(error))
      },
    )
    return launching
  }

  return {
    createPage: (options, onSignal) =>
      createTaskPage(options, {
        launch: async () => (await launch()).browser,
        onSignal: (signal) => {
          if (!closing) onSignal(signal)
        },
        log,
      }),
    close: async () => {
      closing = true
      // A launch that failed left nothing to close.
      const last = await launched?.catch(() => null)
      await last?.close()
    },
  }
}
