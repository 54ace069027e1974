import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { launchChromium } from '@stillrolling/emulator'
import type { CDPSession } from 'playwright-core'
import { startCollector } from '../../test/probe/collector.ts'
import { servePages } from '../../test/probe/pageServer.ts'
import { percentile, print } from '../figures.ts'
import { EXPECTATIONS, NODES, page, plainestCheck, VIDEOS } from './page.ts'

// What the probe costs a page of 10,000 nodes with 50 expectations and 4 videos, beside the same page without it, and
// with the plainest script that looks at the same things.
// Each line of output is one JSON object. Times are the main thread's, in milliseconds.

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '600' } } })
const seconds = Number(values.seconds)
if (!(seconds >= 20)) throw new Error('--seconds must be a number from 20')

/** For how long the pages beside it are measured: their figures are by the second. */
const beside = Math.min(seconds, 60)
/** Before the figures begin: loading, and the browser's own warming up. */
const WARM_UP_S = 10
const BENCH = 'probe'

const metricsOf = async (session: CDPSession): Promise<Record<string, number>> => {
  const { metrics } = await session.send('Performance.getMetrics')
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]))
}

/** Bytes in use after everything that can go has gone. */
const heapOf = async (session: CDPSession): Promise<number> => {
  await session.send('HeapProfiler.collectGarbage')
  return (await session.send('Runtime.getHeapUsage')).usedSize
}

const collector = await startCollector()
const pages = await servePages(collector.url)
const launched = await launchChromium()

/** Opens the page, lets it live, and prints what it cost. */
const measure = async (name: string, path: string, script: string, seconds: number): Promise<void> => {
  // Isolated across origins: only then does the page's clock tell more than tenths of a millisecond.
  const isolated = {
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'credentialless',
  }
  pages.add(path, page(script), isolated)
  const context = await launched.browser.newContext({ viewport: { width: 1280, height: 720 } })
  const opened = await context.newPage()
  const session = await context.newCDPSession(opened)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  await opened.goto(`${pages.url}/made/${path}?stillrolling=v1.bench-1.x`)
  await sleep(WARM_UP_S * 1000)
  const state = await opened.evaluate(() => {
    const { timed, unwell, Stillrolling } = window as unknown as {
      timed: () => number[]
      unwell?: string[]
      Stillrolling?: { state: { phase: string } }
    }
    timed()
    return {
      isolated: window.crossOriginIsolated,
      nodes: document.querySelectorAll('*').length,
      // What is wrong; undefined where nobody looks.
      unwell: Stillrolling ? (Stillrolling.state.phase === 'loaded' ? [] : ['not loaded']) : unwell,
      probe: Stillrolling?.state,
    }
  })
  if (!state.isolated) throw new Error('the page is not isolated across origins: its clock is too coarse')
  if (script && state.unwell?.length !== 0)
    throw new Error(`the page is not found well: ${JSON.stringify(state)}`)

  const from = await metricsOf(session)
  const heap = [await heapOf(session)]
  for (let minute = 1; minute <= 10; minute++) {
    await sleep((seconds * 1000) / 10)
    heap.push(await heapOf(session))
  }
  const to = await metricsOf(session)
  const spent = await opened.evaluate(() => (window as unknown as { timed: () => number[] }).timed())
  const perSecond = (metric: string) =>
    Number((((to[metric] ?? 0) - (from[metric] ?? 0)) / seconds).toFixed(4))
  print({
    bench: BENCH,
    page: name,
    nodes: state.nodes,
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
 * Milliseconds of the ticks, one a second; of those that only look, and of those that report as well, most of which is
 * the browser's own `fetch`.
 */
const tickTimes = (ticks: readonly number[]) => ({
  ticks: times(ticks),
  looks: times(ticks.filter((ms) => ms >= 0)),
  reports: times(ticks.filter((ms) => ms < 0)),
})

const times = (ticks: readonly number[]) => {
  const ms = ticks.map(Math.abs)
  const at = (share: number) => Number(percentile(ms, share).toFixed(3))
  return { count: ms.length, p50: at(50), p95: at(95), p99: at(99), max: at(100) }
}

if (EXPECTATIONS.length !== 50) throw new Error(`50 expectations, not ${EXPECTATIONS.length}`)
const expectations = JSON.stringify(EXPECTATIONS).replaceAll("'", '&#39;')
try {
  // One after the other: two such pages at once are more than two cores can draw.
  await measure('without the probe', 'bare', '', beside)
  await measure('with the plainest check', 'plain', plainestCheck(EXPECTATIONS), beside)
  await measure(
    'with the probe',
    'watched',
    `<script src="{{reporter}}/probe.js" crossorigin data-expect='${expectations}'></script>`,
    seconds,
  )
  print({
    bench: BENCH,
    nodesWanted: NODES,
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
