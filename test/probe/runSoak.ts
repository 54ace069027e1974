import { setTimeout as sleep } from 'node:timers/promises'
import { type LaunchedBrowser, launchChromium } from '@stillrolling/emulator'
import type { Report } from '@stillrolling/probe/types'
import { type Collector, startCollector } from './collector.ts'
import { openWindow } from './openWindow.ts'
import { type PageServer, servePages } from './pageServer.ts'
import { NO_THROTTLING_FLAGS } from './throttling.ts'

/** What the probe of one page has reported. */
export interface Soaked {
  page: string
  /** Milliseconds from navigation until the page had loaded; null if it never did. */
  loadedMs: number | null
  /** Number of reports: one a second. */
  reports: number
  /** How many of them were sent while the page was hidden. */
  hidden: number
  /** Largest delay of a tick, in milliseconds. */
  lateMaxMs: number
  /** False alarms: failed checks after the page had loaded. */
  failed: { at: number; name: string; detail?: string }[]
}

/** Healthy pages of different kinds. */
const PAGES = [
  'example/healthy.html',
  'example/fed-video.html',
  'example/call.html',
  'canvas.html',
  'long-tasks.html',
]

/** This page also runs in the background of a browser that throttles its timers: to one a minute after five minutes. */
const BACKGROUND = 'example/healthy.html'

const resultOf = (page: string, reports: readonly Report[]): Soaked => {
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

/** All pages load at the same time, which takes longer than one alone. */
const LOAD_TIMEOUT_MS = 30_000

const untilLoaded = async (reports: () => readonly Report[]): Promise<void> => {
  const deadline = Date.now() + LOAD_TIMEOUT_MS
  while (!reports().some(({ type }) => type === 'loaded') && Date.now() < deadline) await sleep(100)
}

interface Browsers {
  /** Its pages are visible. */
  visible: LaunchedBrowser
  /** It throttles hidden pages. */
  throttling: LaunchedBrowser
}

const soak = async (
  seconds: number,
  collector: Collector,
  pages: PageServer,
  { visible, throttling }: Browsers,
): Promise<Soaked[]> => {
  collector.reply = () => ({ interval: 1 })
  const urlOf = (path: string, token: string) => `${pages.url}/${path}?stillrolling=v1.${token}.soak`
  const reportsOf = (token: string) =>
    collector.reports.filter((report) => report.token === `v1.${token}.soak`)
  await Promise.all(
    PAGES.map(async (path) => {
      const context = await visible.browser.newContext({ viewport: { width: 1280, height: 720 } })
      const page = await context.newPage()
      await page.goto(urlOf(path, path))
    }),
  )
  const window = await openWindow(throttling, urlOf(BACKGROUND, 'background'))
  await Promise.all([...PAGES, 'background'].map((token) => untilLoaded(() => reportsOf(token))))
  await window.minimise()
  await sleep(seconds * 1000)
  return [
    ...PAGES.map((path) => resultOf(path, reportsOf(path))),
    resultOf(`${BACKGROUND}, in the background`, reportsOf('background')),
  ]
}

/** Opens all healthy pages together in a real Chromium, and keeps them open for a time in seconds after they have loaded. */
export const runSoak = async (seconds: number): Promise<Soaked[]> => {
  const collector = await startCollector()
  const pages = await servePages(collector.url)
  const visible = await launchChromium()
  const throttling = await launchChromium({ ignoreDefaultArgs: NO_THROTTLING_FLAGS })
  try {
    return await soak(seconds, collector, pages, { visible, throttling })
  } finally {
    await Promise.all([visible.close(), throttling.close()])
    await Promise.all([collector.close(), pages.close()])
  }
}
