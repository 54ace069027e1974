import { type LaunchedBrowser, launchChromium } from '@stillrolling/emulator'
import type { Check, MediaCheck, Report, ReportType } from '@stillrolling/probe/types'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, vi } from 'vitest'
import { type Collector, type Reply, startCollector } from './collector.ts'
import { type PageServer, servePages } from './pageServer.ts'

/** A token as a reporter gives it: the collector does not look at it. */
export const TOKEN = 'v1.test-1.signature'

/** For what is waited for with `expect.poll`: a busy machine has time enough, and one that is not does not wait. */
export const SOON: { timeout: number; interval: number } = { timeout: 15_000, interval: 20 }

/** A page that is recorded, and what its probe has said. */
export interface Recorded {
  page: Page
  /** Told apart from other pages of the test by its token. */
  reports(): (Report & { receivedAt: number })[]
  /** The first report of a type, waited for. */
  first(type: ReportType, timeoutMs?: number): Promise<Report & { receivedAt: number }>
  /** The first report in which a check or medium is as asked, waited for. */
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
   * Opens a page in a context of its own, as the recorder would.
   * @param path below the page server: `video.html`, `made/x`, `example/healthy.html`
   */
  open(path: string, options?: OpenOptions): Promise<Recorded>
}

interface OpenOptions {
  token?: string | null
  before?: (page: Page) => Promise<unknown>
  /** What is answered to the reports of this page. @default what is answered to all pages */
  reply?: (report: Report) => Reply
}

/**
 * A browser for the tests of a file, a collector and pages for all of them; contexts are closed after each test.
 *
 * @param together tests of the file run at the same time: contexts are closed after all of them
 */
export const stage = (
  args: readonly string[] = [],
  without: readonly string[] = [],
  together = false,
): Stage => {
  let launched: LaunchedBrowser
  let collector: Collector
  let pages: PageServer
  let opened = 0

  beforeAll(async () => {
    launched = await launchChromium({ args, ignoreDefaultArgs: without })
    collector = await startCollector()
    pages = await servePages(collector.url)
  })
  afterEach(async () => {
    if (together) return
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
      const context = await launched.browser.newContext({ viewport: { width: 1280, height: 720 } })
      const page = await context.newPage()
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
        // Not `expect.poll`, which does not know its test where several run at the same time.
        const found = () => {
          const report = find()
          if (!report) throw new Error(`${what}; heard: ${heard(reports())}`)
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

/** For whoever has to find out what went wrong. */
const heard = (reports: Report[]): string =>
  reports
    .map(({ type, checks, media }) => {
      const failing = [...checks, ...media].filter(({ ok }) => !ok)
      return `${type}(${failing.map(({ name, detail }) => `${name}: ${detail}`).join(', ')})`
    })
    .join(' ')
