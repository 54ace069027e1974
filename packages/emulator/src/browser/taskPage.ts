import { randomBytes } from 'node:crypto'
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core'
import { injectNotifyReady } from './injectNotifyReady.ts'
import { AccessError, type PageOptions, type PageSignal, type RecordedPage } from './recorder.ts'

export type BrowserLog = (what: string) => void

/** Time for the page's server to begin to answer. */
const NAVIGATION_TIMEOUT_MS = 30_000

const CRASH_TIMEOUT_MS = 5000

interface Opened {
  context: BrowserContext
  page: Page
  session: CDPSession
  /** Crashed or frozen: it will not navigate. */
  dead: boolean
  loaded: boolean
}

/** Playwright's message is followed by a call log, which says nothing more here. */
const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? ''

const newPage = async (context: BrowserContext, tell: (news: PageSignal) => void): Promise<Opened> => {
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  const opened: Opened = { context, page, session, dead: false, loaded: false }
  const binding = `notifyReady${randomBytes(8).toString('hex')}`
  session.on('Runtime.bindingCalled', (call) => {
    if (call.name === binding) tell('notifyReady')
  })
  page.on('crash', () => {
    opened.dead = true
    tell('crashed')
  })
  await session.send('Runtime.enable')
  await session.send('Runtime.addBinding', { name: binding })
  await page.addInitScript(injectNotifyReady, binding)
  return opened
}

/** Resolves when the renderer is dead. */
const whenCrashed = (page: Page): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the renderer did not end')), CRASH_TIMEOUT_MS)
    page.once('crash', () => {
      clearTimeout(timer)
      resolve()
    })
  })

/** A task's page in a context of its own: no cookie, cache or storage is shared with another task. */
export const createTaskPage = (
  browserOf: () => Promise<Browser>,
  order: PageOptions,
  tell: (news: PageSignal) => void,
  log: BrowserLog,
): RecordedPage => {
  let opened: Opened | null = null
  let forgetBrowser: () => void = () => {}
  let closed = false

  const open = async (): Promise<Opened> => {
    const browser = await browserOf()
    const died = () => tell('browserDied')
    browser.once('disconnected', died)
    forgetBrowser = () => browser.off('disconnected', died)
    const context = await browser.newContext({
      viewport: { width: order.width, height: order.height },
      isMobile: order.mobile,
      hasTouch: order.mobile,
    })
    opened = await newPage(context, tell)
    // Stopped while it was being opened: `close` had nothing to close yet.
    if (closed) await close()
    return opened
  }

  /** The page to load into: a new one after a crash or freeze. */
  const usable = async (): Promise<Opened> => {
    if (!opened) return open()
    if (!opened.dead) return opened
    const { page, context } = opened
    opened = await newPage(context, tell)
    await page.close()
    return opened
  }

  const close = async (): Promise<void> => {
    closed = true
    forgetBrowser()
    await opened?.context.close().catch((error: unknown) => log(firstLine(error)))
  }

  const openPage = (): Opened => {
    if (!opened?.loaded) throw new Error('the page is not open yet')
    return opened
  }

  return {
    load: async () => {
      const target = await usable()
      tell('navigating')
      const options = { waitUntil: 'commit', timeout: NAVIGATION_TIMEOUT_MS } as const
      try {
        await (target.loaded ? target.page.reload(options) : target.page.goto(order.url, options))
        target.loaded = true
      } catch (error) {
        throw new AccessError(firstLine(error))
      }
    },
    crash: async () => {
      const { page, session } = openPage()
      const dead = whenCrashed(page)
      // The command itself is never answered: who would answer is dead.
      void session.send('Page.crash').catch(() => {})
      await dead
    },
    freeze: async () => {
      // Held at its next statement, which costs no processor. (Page.setWebLifecycleState does not freeze a page that
      // counts as visible, and Playwright's always do.)
      const page = openPage()
      await page.session.send('Debugger.enable')
      await page.session.send('Debugger.pause')
      page.dead = true
    },
    cutOff: () => openPage().context.setOffline(true),
    close,
  }
}
