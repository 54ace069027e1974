import { setTimeout as sleep } from 'node:timers/promises'
import { type LaunchedBrowser, launchChromium } from '@stillrolling/emulator'
import type { Report } from '@stillrolling/probe/types'
import { type Collector, startCollector } from './collector.ts'
import { openWindow } from './openWindow.ts'
import { type PageServer, servePages } from './pageServer.ts'
import { AGAINST_THROTTLING } from './throttling.ts'

/** What the probe of one page has said. */
export interface Soaked {
  page: string
  /** Milliseconds from navigation until the page had loaded; null: it never did. */
  loadedMs: number | null
  /** One per second and tick. */
  reports: number
  /** Of these, those in which the page was hidden. */
  hidden: number
  /** The latest of all ticks, in milliseconds. */
  lateMaxMs: number
  /** False alarms: failed checks of a page that had loaded. */
  failed: { at: number; name: string; detail?: string }[]
}

/** Healthy pages, each another kind of life. */
const PAGES = [
  'example/healthy.html',
  'example/fed-video.html',
  'example/call.html',
  'canvas.html',
  'long-tasks.html',
]

/** The same page in the background of a browser that holds back its timers: once a minute after five. */
const BACKGROUND = 'example/healthy.html'

const result = (page: string, reports: readonly Report[]): Soaked => {
  const loaded = reports.find(({ type }) => type === 'loaded')
  return {
    page,
    loadedMs: loaded?.at ?? null,
    reports: reports.length,
    hidden: reports.filter(({ visible }) => !visible).length,
    lateMaxMs: Math.max(0, ...reports.map(({ late }) => late)),
    failed: reports
      .filter(({ at }) => loaded && at >= loaded.at)
      .flatMap(({ at, checks, media }) =>
        [...checks, ...media].flatMap(({ ok, name, detail }) => (ok ? [] : [{ at, name, detail }])),
      ),
  }
}

/** How long pages may take to load: they open all at once. */
const LOAD_MS = 30_000

const untilLoaded = async (reports: () => readonly Report[]): Promise<void> => {
  const by = Date.now() + LOAD_MS
  while (!reports().some(({ type }) => type === 'loaded') && Date.now() < by) await sleep(100)
}

const soak = async (
  seconds: number,
  collector: Collector,
  pages: PageServer,
  shown: LaunchedBrowser,
  throttled: LaunchedBrowser,
): Promise<Soaked[]> => {
  collector.reply = () => ({ interval: 1 })
  const address = (path: string, token: string) => `${pages.url}/${path}?stillrolling=v1.${token}.soak`
  const reportsOf = (token: string) =>
    collector.reports.filter((report) => report.token === `v1.${token}.soak`)
  await Promise.all(
    PAGES.map(async (path) => {
      const context = await shown.browser.newContext({ viewport: { width: 1280, height: 720 } })
      const page = await context.newPage()
      await page.goto(address(path, path))
    }),
  )
  const window = await openWindow(throttled, address(BACKGROUND, 'background'))
  await Promise.all([...PAGES, 'background'].map((token) => untilLoaded(() => reportsOf(token))))
  await window.minimise()
  await sleep(seconds * 1000)
  return [
    ...PAGES.map((path) => result(path, reportsOf(path))),
    result(`${BACKGROUND}, in the background`, reportsOf('background')),
  ]
}

/** Opens all healthy pages at once, in a real Chromium, and keeps them open for so many seconds after they have loaded. */
export const runSoak = async (seconds: number): Promise<Soaked[]> => {
  const collector = await startCollector()
  const pages = await servePages(collector.url)
  const shown = await launchChromium()
  const throttled = await launchChromium({ ignoreDefaultArgs: AGAINST_THROTTLING })
  try {
    return await soak(seconds, collector, pages, shown, throttled)
  } finally {
    await Promise.all([shown.close(), throttled.close()])
    await Promise.all([collector.close(), pages.close()])
  }
}
