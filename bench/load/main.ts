import { setTimeout as sleep } from 'node:timers/promises'
import { readCommandLine } from '@stillrolling/examples/commandLine'
import { median, percentile, print } from '../figures.ts'
import { type CallAt, type LoadRig, startLoadRig } from './loadRig.ts'
import type { ProcessStats } from './measureProcess.ts'
import type { PagesStats } from './pages.ts'
import { measureRecoveries, type Recovery } from './recovery.ts'

const HELP = `Runs many recordings on one reporter process, with the default policy, and lets pages fall silent one by one.
Measures false restarts, how late deadlines are noticed, and what a recording costs in CPU and memory.

  npx -y pnpm@12 bench:load [flags]

  --recordings <n>        recordings at the same time (10000)
  --seconds <n>           how long to measure (600); pages fall silent from second 40 until 60 s before the end
  --qps <n>               requests per second that the reporter may send to Agora (10)
  --fault-every <s>       a page falls silent this often (2)
  --help                  this text

Prints JSON lines, times in milliseconds. With --qps below recordings / queryInterval (120 s) the quota does not
suffice for all routine queries, and urgent requests must still be sent in time.`

const { numberOf } = readCommandLine({
  name: 'bench:load',
  help: HELP,
  options: {
    recordings: { type: 'string' },
    seconds: { type: 'string' },
    qps: { type: 'string' },
    'fault-every': { type: 'string' },
  },
})

/** The first page falls silent after this time, in seconds: after its start the reporter grants a grace period. */
const FIRST_FAULT = 40
/** No page falls silent in the last seconds, so that every recovery ends before the measurement does. */
const AFTER_LAST_FAULT = 60

const options = {
  recordings: numberOf('recordings', { min: 1, fallback: 10_000 }),
  seconds: numberOf('seconds', { min: 1, fallback: 600 }),
  qps: numberOf('qps', { min: 1, fallback: 10 }),
  faultEvery: numberOf('fault-every', { min: 1, fallback: 2 }),
}

const BENCH = 'load'
/** The quota while the recordings are created: at the default quota 10,000 would take half an hour. */
const SETUP_QPS = 1000
/** How many recordings may have been created and not have loaded yet. */
const MAX_STARTING = 300
const SETUP_TIMEOUT_MS = 1_200_000

const createAll = async ({ api, pageStats }: LoadRig): Promise<void> => {
  let created = 0
  for (const deadline = Date.now() + SETUP_TIMEOUT_MS; ; await sleep(200)) {
    const { loaded } = await pageStats()
    if (loaded === options.recordings) return
    if (Date.now() > deadline) throw new Error(`Only ${loaded} of ${options.recordings} pages have loaded`)
    for (; created < Math.min(options.recordings, loaded + MAX_STARTING); created += 1) {
      const id = `load${created}`
      const url = `https://app.example.com/room/${id}`
      await api.create({ id, url, maxRecordingHour: 24, expect: ['#board'] })
    }
  }
}

/** Silences pages one by one. @returns the ids of their recordings */
const silenceSome = async ({ silence }: LoadRig, until: number): Promise<string[]> => {
  const silent: string[] = []
  // The ids are spread over the whole range, so that no part of it is special.
  const step = Math.max(1, Math.floor(options.recordings / (options.seconds / options.faultEvery)))
  for (let index = 0; Date.now() < until && index < options.recordings; index += step) {
    silence(`load${index}`)
    silent.push(`load${index}`)
    await sleep(options.faultEvery * 1000)
  }
  return silent
}

const printPhase = (phase: string, ms: number, qps: number): void =>
  print({ bench: BENCH, phase, recordings: options.recordings, ms, qps })

interface Measurement {
  seconds: number
  silent: readonly string[]
  recoveries: readonly Recovery[]
  /** Recordings with more than one attempt. */
  restarted: readonly string[]
  calls: readonly CallAt[]
  pages: PagesStats
  /** Of a reporter without recordings, at the beginning of the measurement, and at its end. */
  stats: { empty: ProcessStats; before: ProcessStats; after: ProcessStats }
}

const measure = async (rig: LoadRig): Promise<Measurement> => {
  const first = await rig.startReporter(SETUP_QPS)
  const empty = await first.measure()
  const createdFrom = Date.now()
  await createAll(rig)
  printPhase('created', Date.now() - createdFrom, SETUP_QPS)
  await first.stop()

  const restartedAt = Date.now()
  const reporter = await rig.startReporter(options.qps)
  printPhase('resumed', Date.now() - restartedAt, options.qps)
  const before = await reporter.measure()
  await rig.pageStats()

  const from = Date.now()
  const endsAt = from + options.seconds * 1000
  await sleep(FIRST_FAULT * 1000)
  const silent = await silenceSome(rig, endsAt - AFTER_LAST_FAULT * 1000)
  await sleep(Math.max(0, endsAt - Date.now()))

  const after = await reporter.measure()
  const pages = await rig.pageStats()
  const calls = rig.calls.filter(({ at }) => at >= from)
  const recoveries = await measureRecoveries(rig, silent)
  const restarted = (await rig.api.list()).filter(({ attemptCount }) => attemptCount > 1).map(({ id }) => id)
  const seconds = (Date.now() - from) / 1000
  return { seconds, silent, recoveries, restarted, calls, pages, stats: { empty, before, after } }
}

const printMeasurement = (measurement: Measurement): void => {
  const { seconds, silent, recoveries, restarted, calls, pages, stats } = measurement
  const { empty, before, after } = stats
  const perRecording = (bytes: number): number => Math.round(bytes / options.recordings)
  print({
    bench: BENCH,
    phase: 'measured',
    ...options,
    seconds: Math.round(seconds),
    falseRestarts: restarted.filter((id) => !silent.includes(id)).length,
    silent: silent.length,
    recovered: recoveries.length,
    lateness: distribution(recoveries.map(({ lateness }) => lateness)),
    suspicionToDecision: distribution(recoveries.map(({ suspicionToDecision }) => suspicionToDecision)),
    decisionToStart: distribution(recoveries.map(({ decisionToStart }) => decisionToStart)),
    eventLoopDelay: after.eventLoopDelay,
    cpuShare: Math.round(((after.cpuSeconds - before.cpuSeconds) / seconds) * 100) / 100,
    heapPerRecording: perRecording(after.heapUsed - empty.heapUsed),
    rssPerRecording: perRecording(after.rss - empty.rss),
    rssMiB: Math.round(after.rss / 2 ** 20),
    reports: pages.answers,
    reportLatency: pages.latency,
    agora: { busiestSecond: busiestSecond(calls), ...countCalls(calls) },
  })
}

const distribution = (times: readonly number[]) => ({
  median: median(times),
  p99: percentile(times, 99),
  worst: Math.max(...times),
})

const countCalls = (calls: readonly CallAt[]): Record<string, number> =>
  Object.fromEntries(
    (['acquire', 'start', 'query', 'stop'] as const).map((name) => [
      name,
      calls.filter(({ call }) => call === name).length,
    ]),
  )

/** The largest number of requests that reached Agora within one second. */
const busiestSecond = (calls: readonly CallAt[]): number => {
  let from = 0
  let busiest = 0
  for (const [index, { at }] of calls.entries()) {
    while ((calls[from]?.at ?? at) <= at - 1000) from += 1
    busiest = Math.max(busiest, index - from + 1)
  }
  return busiest
}

const rig = await startLoadRig(options.recordings)
try {
  printMeasurement(await measure(rig))
} finally {
  await rig.close()
}
