import { type LaunchedBrowser, launchChromium } from './launchChromium.ts'
import { EngineError, type Recorder } from './recorder.ts'
import { type BrowserLog, createTaskPage } from './taskPage.ts'

/**
 * Opens pages in one real Chromium, launched when the first page is wanted and again after it died.
 */
export const createBrowserRecorder = (log: BrowserLog): Recorder => {
  let launched: Promise<LaunchedBrowser> | null = null
  let closing = false

  const launch = (): Promise<LaunchedBrowser> => {
    if (closing) return Promise.reject(new EngineError('the emulator is closing'))
    if (launched) return launched
    const mine = launchChromium()
    launched = mine
    const forget = () => {
      if (launched === mine) launched = null
    }
    mine.then(
      ({ browser, pid }) => {
        log(`${browser.browserType().name()} ${browser.version()} launched, process ${pid}`)
        browser.on('disconnected', () => {
          forget()
          if (!closing) log('the browser ended by itself')
        })
      },
      (error: unknown) => {
        forget()
        log(error instanceof Error ? error.message : String(error))
      },
    )
    return mine
  }

  return {
    createPage: (order, tell) =>
      createTaskPage(
        async () => (await launch()).browser,
        order,
        (news) => {
          if (!closing) tell(news)
        },
        log,
      ),
    close: async () => {
      closing = true
      // A launch that fails leaves nothing to close.
      const last = await launched?.catch(() => null)
      await last?.close()
    },
  }
}
