import { type Launched, launchChromium } from '@stillrolling/emulator'
import type { Check, MediaCheck, Report, ReportType } from '@stillrolling/probe/types'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { type Collector, startCollector } from './collector.ts'
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
  readonly launched: Launched
  /**
   * Opens a page in a context of its own, as the recorder would.
   * @param path below the page server: `video.html`, `made/x`, `example/healthy.html`
   */
  open(
    path: string,
    options?: { token?: string | null; before?: (page: Page) => Promise<unknown> },
  ): Promise<Recorded>
}

/** A browser for the tests of a file, a collector and pages for all of them; contexts are closed after each test. */
export const stage = (args: readonly string[] = [], without: readonly string[] = []): Stage => {
  let launched: Launched
  let collector: Collector
  let pages: PageServer
  let opened = 0

  beforeAll(async () => {
    launched = await launchChromium(args, without)
    collector = await startCollector()
    pages = await servePages(collector.url)
  })
  afterEach(async () => {
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
    open: async (path, { token = `${TOKEN}-${++opened}`, before } = {}) => {
      const context = await launched.browser.newContext({ viewport: { width: 1280, height: 720 } })
      const page = await context.newPage()
      await before?.(page)
      const address = new URL(path, `${pages.url}/`)
      if (token) address.searchParams.set('stillrolling', token)
      await page.goto(address.href, { waitUntil: 'commit' })
      const reports = () => collector.reports.filter((report) => report.token === token)
      const wait = async (
        what: string,
        find: () => ReturnType<typeof reports>[number] | undefined,
        ms: number,
      ) => {
        await expect
          .poll(() => (find() ? 'told' : heard(reports())), { timeout: ms, interval: 20, message: what })
          .toBe('told')
        return find() as ReturnType<typeof reports>[number]
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
