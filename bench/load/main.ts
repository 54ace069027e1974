import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { median, percentile, print } from '../figures.ts'
import { type CallAt, type House, openHouse } from './house.ts'

// Many recordings on one reporter process, the default policy: is a healthy one ever restarted, are deadlines kept, what
// does each cost? Each line of output is one JSON object; times in milliseconds. With --qps below recordings /
// queryInterval (120 s) there is not enough quota for all routine queries, and what is urgent must come first.

const BENCH = 'load'

const { values } = parseArgs({
  options: {
    recordings: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '600' },
    qps: { type: 'string', default: '10' },
    'fault-every': { type: 'string', default: '2' },
  },
})

const count = (name: keyof typeof values): number => {
  const value = Number(values[name])
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} must be a whole number from 1`)
  return value
}

const options = {
  recordings: count('recordings'),
  seconds: count('seconds'),
  qps: count('qps'),
  faultEvery: count('fault-every'),
}

/** While the recordings are made: at the default quota that alone would take half an hour for 10,000. */
const SETUP_QPS = 1000
/** Recordings that are made and have not loaded yet: as many more are begun as the machine gets done. */
const BEGUN_AT_ONCE = 300
const HEARTBEAT_TIMEOUT_MS = 30_000
/** No page falls silent before, in seconds: for so long the reporter forgives silence after its start. */
const FIRST_FAULT = 40
/** No page falls silent so near to the end, in seconds: what is begun is seen to its end. */
const LAST_FAULT = 60
const SETUP_PATIENCE_MS = 1_200_000

const createAll = async ({ api, pages }: House): Promise<void> => {
  let begun = 0
  for (const deadline = Date.now() + SETUP_PATIENCE_MS; ; await sleep(200)) {
    const { loaded } = await pages()
    if (loaded === options.recordings) return
    if (Date.now() > deadline) throw new Error(`Only ${loaded} of ${options.recordings} pages have loaded`)
    for (; begun < Math.min(options.recordings, loaded + BEGUN_AT_ONCE); begun += 1) {
      const id = `load${begun}`
      const url = `https://app.example.com/room/${id}`
      await api.create({ id, url, maxRecordingHour: 24, expect: ['#board'] })
    }
  }
}

/** Lets pages fall silent, one after the other, each once; answers with their ids. */
const silenceSome = async ({ silence }: House, until: number): Promise<string[]> => {
  const silent: string[] = []
  // Far apart, so that no neighbourhood of ids is meant.
  const step = Math.max(1, Math.floor(options.recordings / (options.seconds / options.faultEvery)))
  for (let index = 0; Date.now() < until && index < options.recordings; index += step) {
    silence(`load${index}`)
    silent.push(`load${index}`)
    await sleep(options.faultEvery * 1000)
  }
  return silent
}

interface Recovery {
  /** From the moment when heartbeatTimeout had passed until the page was suspected. */
  lateness: number
  /** From the suspicion until Agora's answer led to a decision. */
  suspicionToDecision: number
  decisionToStart: number
}

const recoveryOf = async (
  { api }: House,
  starts: readonly CallAt[],
  id: string,
): Promise<Recovery | undefined> => {
  const timeline = await api.timeline(id, 0)
  const [first, second] = (await api.get(id)).attempts
  const suspected = timeline.find(({ code }) => code === 'page.silent')
  const decided = timeline.find(({ code }) => code === 'attempt.failed')
  const started = starts.find(({ cname, uid }) => cname === id && uid === second?.uid)
  if (!first?.lastBeatAt || !suspected || !decided || !started) return undefined
  const suspectedAt = Date.parse(suspected.at)
  const decidedAt = Date.parse(decided.at)
  return {
    lateness: suspectedAt - Date.parse(first.lastBeatAt) - HEARTBEAT_TIMEOUT_MS,
    suspicionToDecision: decidedAt - suspectedAt,
    decisionToStart: started.at - decidedAt,
  }
}

const recoveriesOf = async (house: House, silent: readonly string[]): Promise<Recovery[]> => {
  const starts = house.calls.filter(({ call }) => call === 'start')
  const found: Recovery[] = []
  for (const id of silent) {
    const recovery = await recoveryOf(house, starts, id)
    if (recovery) found.push(recovery)
  }
  return found
}

const spread = (times: readonly number[]) => ({
  median: median(times),
  p99: percentile(times, 99),
  worst: Math.max(...times),
})

/** The most requests that reached Agora within any one second. */
const busiestSecond = (calls: readonly CallAt[]): number => {
  let from = 0
  let most = 0
  for (const [index, { at }] of calls.entries()) {
    while ((calls[from]?.at ?? at) <= at - 1000) from += 1
    most = Math.max(most, index - from + 1)
  }
  return most
}

const house = await openHouse(options.recordings)
try {
  const first = await house.startReporter(SETUP_QPS)
  const empty = await first.measure()
  const begunAt = Date.now()
  await createAll(house)
  print({
    bench: BENCH,
    phase: 'created',
    recordings: options.recordings,
    ms: Date.now() - begunAt,
    qps: SETUP_QPS,
  })
  await first.stop()

  const restartedAt = Date.now()
  const reporter = await house.startReporter(options.qps)
  print({
    bench: BENCH,
    phase: 'taken up',
    recordings: options.recordings,
    ms: Date.now() - restartedAt,
    qps: options.qps,
  })
  const before = await reporter.measure()
  await house.pages()

  const measuredFrom = Date.now()
  const endsAt = measuredFrom + options.seconds * 1000
  await sleep(FIRST_FAULT * 1000)
  const silent = await silenceSome(house, endsAt - LAST_FAULT * 1000)
  await sleep(Math.max(0, endsAt - Date.now()))

  const measured = await reporter.measure()
  const pages = await house.pages()
  const calls = house.calls.filter(({ at }) => at >= measuredFrom)
  const recoveries = await recoveriesOf(house, silent)
  const restarted = (await house.api.list()).filter(({ attempts }) => attempts.length > 1).map(({ id }) => id)
  const seconds = (Date.now() - measuredFrom) / 1000
  print({
    bench: BENCH,
    phase: 'measured',
    ...options,
    seconds: Math.round(seconds),
    falseRestarts: restarted.filter((id) => !silent.includes(id)).length,
    silent: silent.length,
    recovered: recoveries.length,
    lateness: spread(recoveries.map(({ lateness }) => lateness)),
    suspicionToDecision: spread(recoveries.map(({ suspicionToDecision }) => suspicionToDecision)),
    decisionToStart: spread(recoveries.map(({ decisionToStart }) => decisionToStart)),
    eventLoopDelay: measured.eventLoopDelay,
    cpuShare: Math.round(((measured.cpuSeconds - before.cpuSeconds) / seconds) * 100) / 100,
    heapPerRecording: Math.round((measured.heapUsed - empty.heapUsed) / options.recordings),
    rssPerRecording: Math.round((measured.rss - empty.rss) / options.recordings),
    rssMiB: Math.round(measured.rss / 2 ** 20),
    reports: pages.answers,
    reportLatency: pages.latency,
    agora: {
      busiestSecond: busiestSecond(calls),
      ...Object.fromEntries(
        (['acquire', 'start', 'query', 'stop'] as const).map((name) => [
          name,
          calls.filter(({ call }) => call === name).length,
        ]),
      ),
    },
  })
} finally {
  await house.close()
}
