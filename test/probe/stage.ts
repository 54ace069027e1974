import { setTimeout } from 'node:timers/promises'
import { type LaunchedBrowser, launchChromium } from '@stillrolling/emulator'
import type { Check, MediaCheck, Report, ReportType } from '@stillrolling/probe/types'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, vi } from 'vitest'
import { type Collector, type Reply, startCollector } from './collector.ts'
import { type PageServer, servePages } from './pageServer.ts'

/** A token like a reporter's; the collector does not verify it. */
export const TOKEN = 'v1.test-1.signature'

/** For `expect.poll`: long enough for a busy machine, and polled often. */
export const SOON: { timeout: number; interval: number } = { timeout: 15_000, interval: 20 }

/** A page that is recorded, and the reports of its probe. */
export interface Recorded {
  page: Page
  /** The reports with this page's token. */
  reports(): (Report & { receivedAt: number })[]
  /** Waits for the first report of a type. */
  first(type: ReportType, timeoutMs?: number): Promise<Report & { receivedAt: number }>
  /** Waits for the first report in which a check or medium has these properties. */
  report(
    name: string,
    be: Partial<Check & MediaCheck>,
    timeoutMs?: number,
  ): Promise<Report & { receivedAt: number }>
}

export interface Stage {
  readonly collector: Collector
  readonly pages: PageServer
  readonly launched: LaunchedBrowser
  /**
   * Opens a page in a context of its own, as the recorder does.
   * @param path below the page server: `video.html`, `made/x`, `example/healthy.html`
   */
  open(path: string, options?: OpenOptions): Promise<Recorded>
}

interface OpenOptions {
  token?: string | null
  before?: (page: Page) => Promise<unknown>
  /** The reply to this page's reports. @default the collector's reply */
  reply?: (report: Report) => Reply
}

interface StageOptions {
  /** Launches the browser. @default the emulator's Chromium */
  launch?: () => Promise<LaunchedBrowser>
  /** Default arguments of Playwright that are left out. */
  ignoreDefaultArgs?: readonly string[]
  /** The tests of the file run concurrently, so contexts are closed after all of them. @default after each test */
  concurrent?: boolean
}

/** A browser, a collector and pages for the tests of a file. */
export const stage = ({ launch, ignoreDefaultArgs, concurrent = false }: StageOptions = {}): Stage => {
  let launched: LaunchedBrowser
  let collector: Collector
  let pages: PageServer
  let opened = 0

  beforeAll(async () => {
    launched = await (launch?.() ?? launchChromium({ ignoreDefaultArgs }))
    collector = await startCollector()
    pages = await servePages(collector.url)
  })
  afterEach(async () => {
    if (concurrent) return
    await Promise.all(launched.browser.contexts().map((context) => context.close()))
    collector.reply = () => ({})
  })
  afterAll(async () => {
    await launched.close()
    await collector.close()
    await pages.close()
  })

  return {
    get collector() {
      return collector
    },
    get pages() {
      return pages
    },
    get launched() {
      return launched
    },
    open: async (path, { token = `${TOKEN}-${++opened}`, before, reply } = {}) => {
      const page = await newPage(launched.browser)
      await before?.(page)
      const address = new URL(path, `${pages.url}/`)
      if (token && reply) collector.replies.set(token, reply)
      if (token) address.searchParams.set('stillrolling', token)
      await page.goto(address.href, { waitUntil: 'commit' })
      const reports = () => collector.reports.filter((report) => report.token === token)
      const wait = async (
        what: string,
        find: () => ReturnType<typeof reports>[number] | undefined,
        ms: number,
      ) => {
        // Not `expect.poll`, which cannot tell which test it belongs to if several run concurrently.
        const found = () => {
          const report = find()
          if (!report) throw new Error(`${what}; received: ${describeReports(reports())}`)
          return report
        }
        return vi.waitFor(found, { timeout: ms, interval: 20 })
      }
      return {
        page,
        reports,
        first: (type, ms = 15_000) => wait(type, () => reports().find((report) => report.type === type), ms),
        report: (name, be, ms = 15_000) =>
          wait(
            `${name} ${JSON.stringify(be)}`,
            () =>
              reports().find(({ checks, media }) =>
                [...checks, ...media].some(
                  (check) =>
                    check.name === name &&
                    Object.entries(be).every(([key, value]) => check[key as 'ok'] === value),
                ),
              ),
            ms,
          ),
      }
    },
  }
}

/** A browser's first page takes a second on a busy machine. */
const NEW_PAGE_MS = 20_000

/**
 * A page in a context of its own. The driver misses an event of an old Chromium once in a while, and then waits for it for
 * ever: a second context is tried.
 */
const newPage = async (browser: Browser, isLast = false): Promise<Page> => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } })
  const late = setTimeout(NEW_PAGE_MS, undefined, { ref: false })
  const page = await (isLast ? context.newPage() : Promise.race([context.newPage(), late]))
  return page ?? newPage(browser, true)
}

/** For the message of a failed wait. */
const describeReports = (reports: Report[]): string =>
  reports
    .map(({ type, checks, media }) => {
      const failing = [...checks, ...media].filter(({ ok }) => !ok)
      return `${type}(${failing.map(({ name, detail }) => `${name}: ${detail}`).join(', ')})`
    })
    .join(' ')
