import { setTimeout as sleep } from 'node:timers/promises'
import { launchChromium } from '@stillrolling/emulator'
import { readCommandLine } from '@stillrolling/examples/commandLine'
import type { CDPSession, Page } from 'playwright-core'
import { startCollector } from '../../test/probe/collector.ts'
import { servePages } from '../../test/probe/pageServer.ts'
import { percentile, print } from '../figures.ts'
import { baselineScript, EXPECTATIONS, NODES, page, VIDEOS } from './page.ts'

const HELP = `Measures what the probe costs a page of 10,000 nodes with 50 expectations and 4 videos, compared with the same
page without it, and with the simplest script that makes the same checks.

  npx -y pnpm@12 bench:probe [flags]

  --seconds <n>           how long to measure the page with the probe (600), at least 20; the others at most 60
  --help                  this text

Prints JSON lines. Times are the main thread's, in milliseconds.`

const { numberOf } = readCommandLine({
  name: 'bench:probe',
  help: HELP,
  options: { seconds: { type: 'string' } },
})
const seconds = numberOf('seconds', { min: 20, fallback: 600 })

/** How long the other pages are measured. */
const comparisonSeconds = Math.min(seconds, 60)
/** Before the measurement: the page loads, and the browser warms up. */
const WARM_UP_S = 10
const BENCH = 'probe'

/** Cross-origin isolated, because otherwise the page's clock has a resolution of only 0.1 ms. */
const ISOLATION_HEADERS = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'credentialless',
}

const metricsOf = async (session: CDPSession): Promise<Record<string, number>> => {
  const { metrics } = await session.send('Performance.getMetrics')
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]))
}

/** Bytes in use after a garbage collection. */
const heapOf = async (session: CDPSession): Promise<number> => {
  await session.send('HeapProfiler.collectGarbage')
  return (await session.send('Runtime.getHeapUsage')).usedSize
}

const collector = await startCollector()
const pages = await servePages(collector.url)
const launched = await launchChromium()

/** What `page.ts` puts into the page. */
interface BenchWindow {
  timed: () => number[]
  failing?: string[]
  Stillrolling?: { state: { phase: string } }
}

/** @throws if the page is not isolated, or its checks do not all pass */
const warmUp = async (opened: Page, isChecked: boolean): Promise<number> => {
  await sleep(WARM_UP_S * 1000)
  const state = await opened.evaluate(() => {
    const { timed, failing, Stillrolling } = window as unknown as BenchWindow
    timed()
    return {
      isolated: window.crossOriginIsolated,
      nodes: document.querySelectorAll('*').length,
      // Undefined on the page without checks.
      failing: Stillrolling ? (Stillrolling.state.phase === 'loaded' ? [] : ['not loaded']) : failing,
      probe: Stillrolling?.state,
    }
  })
  if (!state.isolated) throw new Error('the page is not cross-origin isolated: its clock is too coarse')
  if (isChecked && state.failing?.length !== 0) {
    throw new Error(`the page's checks do not all pass: ${JSON.stringify(state)}`)
  }
  return state.nodes
}

interface Measured {
  name: string
  path: string
  /** Tags of the script under test; empty for the page without one. */
  script: string
  seconds: number
}

/** Opens a page, keeps it open, and prints what it cost. */
const measure = async ({ name, path, script, seconds }: Measured): Promise<void> => {
  pages.add(path, page(script), ISOLATION_HEADERS)
  const context = await launched.browser.newContext({ viewport: { width: 1280, height: 720 } })
  const opened = await context.newPage()
  const session = await context.newCDPSession(opened)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  await opened.goto(`${pages.url}/made/${path}?stillrolling=v1.bench-1.x`)
  const nodes = await warmUp(opened, script !== '')

  const from = await metricsOf(session)
  const heap = [await heapOf(session)]
  for (let tenth = 1; tenth <= 10; tenth++) {
    await sleep((seconds * 1000) / 10)
    heap.push(await heapOf(session))
  }
  const to = await metricsOf(session)
  const spent = await opened.evaluate(() => (window as unknown as BenchWindow).timed())
  const perSecond = (metric: string) =>
    Number((((to[metric] ?? 0) - (from[metric] ?? 0)) / seconds).toFixed(4))
  print({
    bench: BENCH,
    page: name,
    nodes,
    videos: VIDEOS,
    expectations: script ? EXPECTATIONS.length : 0,
    seconds,
    ...(script && tickTimes(spent)),
    layoutsPerSecond: perSecond('LayoutCount'),
    layoutSecondsPerSecond: perSecond('LayoutDuration'),
    scriptSecondsPerSecond: perSecond('ScriptDuration'),
    taskSecondsPerSecond: perSecond('TaskDuration'),
    heapKiB: heap.map((bytes) => Math.round(bytes / 1024)),
  })
  await context.close()
}

/**
 * Milliseconds per tick, one a second: of all ticks, of those that only poll, and of those that also report, which spend
 * most of it in the browser's own `fetch`.
 */
const tickTimes = (ticks: readonly number[]) => ({
  ticks: times(ticks),
  polls: times(ticks.filter((ms) => ms >= 0)),
  reports: times(ticks.filter((ms) => ms < 0)),
})

const times = (ticks: readonly number[]) => {
  const ms = ticks.map(Math.abs)
  const at = (share: number) => Number(percentile(ms, share).toFixed(3))
  return { count: ms.length, p50: at(50), p95: at(95), p99: at(99), max: at(100) }
}

if (EXPECTATIONS.length !== 50) throw new Error(`50 expectations, not ${EXPECTATIONS.length}`)
const expectations = JSON.stringify(EXPECTATIONS).replaceAll("'", '&#39;')
const probeTag = `<script src="{{reporter}}/probe.js" crossorigin data-expect='${expectations}'></script>`
try {
  // One after the other: two cores cannot draw two such pages.
  await measure({ name: 'without the probe', path: 'bare', script: '', seconds: comparisonSeconds })
  await measure({
    name: 'with the simplest script',
    path: 'baseline',
    script: baselineScript(EXPECTATIONS),
    seconds: comparisonSeconds,
  })
  await measure({ name: 'with the probe', path: 'probed', script: probeTag, seconds })
  print({
    bench: BENCH,
    intendedNodes: NODES,
    reports: collector.reports.length,
    failed: collector.reports.filter(
      ({ type, checks, media }) => type === 'heartbeat' && [...checks, ...media].some(({ ok }) => !ok),
    ).length,
  })
} finally {
  await launched.close()
  await pages.close()
  await collector.close()
}
