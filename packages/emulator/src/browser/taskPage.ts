import { randomBytes } from 'node:crypto'
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core'
import type { Screencast } from '../recorder/recorder.ts'
import { injectNotifyReady } from './injectNotifyReady.ts'
import { AccessError, type PageOptions, type PageSignal, type RecordedPage } from './pageOpener.ts'
import { startScreencast } from './startScreencast.ts'

export type BrowserLog = (message: string) => void

export interface TaskPageContext {
  /** The running browser; launches one if there is none. */
  launch: () => Promise<Browser>
  onSignal: (signal: PageSignal) => void
  log: BrowserLog
}

/** Longest time until the page's server begins to answer. */
const NAVIGATION_TIMEOUT_MS = 30_000

const CRASH_TIMEOUT_MS = 5000

interface OpenedPage {
  context: BrowserContext
  page: Page
  session: CDPSession
  /** Crashed or frozen: the page cannot navigate. */
  dead: boolean
  loaded: boolean
}

/** Playwright's message without the call log that follows it. */
const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? ''

const newPage = async (
  context: BrowserContext,
  onSignal: (signal: PageSignal) => void,
  screencast: Screencast | undefined,
): Promise<OpenedPage> => {
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  const opened: OpenedPage = { context, page, session, dead: false, loaded: false }
  const binding = `notifyReady${randomBytes(8).toString('hex')}`
  session.on('Runtime.bindingCalled', (call) => {
    if (call.name === binding) onSignal('notifyReady')
  })
  page.on('crash', () => {
    opened.dead = true
    onSignal('crashed')
  })
  await session.send('Runtime.enable')
  await session.send('Runtime.addBinding', { name: binding })
  await page.addInitScript(injectNotifyReady, binding)
  if (screencast) await startScreencast(session, screencast)
  return opened
}

const crash = async ({ page, session }: OpenedPage): Promise<void> => {
  const crashed = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`The renderer was still running ${CRASH_TIMEOUT_MS / 1000} s after Page.crash`)),
      CRASH_TIMEOUT_MS,
    )
    page.once('crash', () => {
      clearTimeout(timer)
      resolve()
    })
  })
  // Page.crash gets no answer, because the renderer that would send it is dead.
  void session.send('Page.crash').catch(() => {})
  await crashed
}

/**
 * Stops the main thread at its next statement, which uses no CPU
 * (https://chromedevtools.github.io/devtools-protocol/tot/Debugger/). Page.setWebLifecycleState does not freeze a
 * visible page, and Playwright's pages always are.
 */
const freeze = async (opened: OpenedPage): Promise<void> => {
  await opened.session.send('Debugger.enable')
  await opened.session.send('Debugger.pause')
  opened.dead = true
}

/** A page in a browser context of its own: tasks share no cookies, cache or storage. */
export const createTaskPage = (
  { url, width, height, mobile, screencast }: PageOptions,
  { launch, onSignal, log }: TaskPageContext,
): RecordedPage => {
  let opened: OpenedPage | null = null
  let stopWatchingBrowser: () => void = () => {}
  let closed = false

  const open = async (): Promise<OpenedPage> => {
    const browser = await launch()
    const onDisconnected = () => onSignal('browserDied')
    browser.once('disconnected', onDisconnected)
    stopWatchingBrowser = () => browser.off('disconnected', onDisconnected)
    const context = await browser.newContext({
      viewport: { width, height },
      isMobile: mobile,
      hasTouch: mobile,
    })
    opened = await newPage(context, onSignal, screencast)
    // Closed while it was being opened, when there was no context to close yet.
    if (closed) await close()
    return opened
  }

  /** The page to navigate: a new one if the current one crashed or is frozen. */
  const navigablePage = async (): Promise<OpenedPage> => {
    if (!opened) return open()
    if (!opened.dead) return opened
    const { page, context } = opened
    opened = await newPage(context, onSignal, screencast)
    await page.close()
    return opened
  }

  const close = async (): Promise<void> => {
    closed = true
    stopWatchingBrowser()
    await opened?.context.close().catch((error: unknown) => log(firstLine(error)))
  }

  const loadedPageOrThrow = (): OpenedPage => {
    if (!opened?.loaded) throw new Error('The page is not open yet')
    return opened
  }

  return {
    load: async () => {
      const target = await navigablePage()
      onSignal('navigating')
      const options = { waitUntil: 'commit', timeout: NAVIGATION_TIMEOUT_MS } as const
      try {
        await (target.loaded ? target.page.reload(options) : target.page.goto(url, options))
        target.loaded = true
      } catch (error) {
        throw new AccessError(firstLine(error))
      }
    },
    crash: async () => crash(loadedPageOrThrow()),
    freeze: async () => freeze(loadedPageOrThrow()),
    cutOff: async () => loadedPageOrThrow().context.setOffline(true),
    close,
  }
}
