import { DEFAULT_POLICY, type PolicyInput } from '../../../packages/reporter/src/supervisor/policy.ts'
import { createRandom, type Random } from '../random.ts'
import { channelFaults, withChannels } from './channelScenario.ts'
import { clusteredFaults, randomFault } from './createFaults.ts'
import { flickeringPage } from './flicker.ts'
import { outputFaults, withOutputPolicies } from './outputFaults.ts'
import {
  type ChannelScript,
  type Fault,
  faultsEndAt,
  lastFaultAt,
  MINUTE_MS,
  type PageSpec,
  type RecordingSpec,
  type Scenario,
  type TimedCommand,
} from './scenario.ts'
import { withSchedule } from './scheduleScenario.ts'
import { standbyFaults, withStandbys } from './standbyScenario.ts'
import { strangerFaults } from './strangerFaults.ts'

/** The scenario of a seed: the same one every time. */
export const createScenario = (seed: number): Scenario => {
  const random = createRandom(seed, 'scenario')
  const recordings = random.list(random.pick([1, 2, 2, 3, 4]), (index) => recordingSpec(random, index))
  if (random.chance(0.1)) recordings.push(...burst(random, recordings.length))
  const variant = createRandom(seed, 'variant')
  const isRepeatedOnSql = variant.chance(0.005)
  const retentionMs = variant.chance(0.2) ? variant.integer(15, 40) * MINUTE_MS : null
  const hours = variant.chance(0.003) ? LONG_HOURS : HOURS
  const latestAt = lastFaultAt({ hours })
  const moments = recordings.flatMap((spec) => {
    const commandsAt = spec.commands.map(({ at }) => at)
    return [spec.createAt, ...commandsAt, ...rollOvers(spec).filter((at) => at <= latestAt)]
  })
  const faults: Fault[] = random.chance(0.4) ? clusteredFaults(random, recordings, latestAt) : []
  for (let left = random.integer(0, 14) * (hours === HOURS ? 1 : 5); left > 0; left -= 1) {
    const at = momentNear(random, moments, latestAt)
    // A fault during another fault finds more than one alone.
    moments.push(at)
    faults.push({ at, ...randomFault(random, recordings.length) })
  }
  const channelRandom = createRandom(seed, 'channels')
  const channels: ChannelScript[] = []
  if (channelRandom.chance(0.3)) {
    const mixed = withChannels(channelRandom, recordings, hours)
    recordings.splice(0, Infinity, ...mixed.recordings)
    channels.push(...mixed.channels)
    faults.push(...channelFaults(channelRandom, recordings, latestAt))
  }
  const standbyRandom = createRandom(seed, 'standbys')
  if (standbyRandom.chance(0.12)) {
    recordings.splice(0, Infinity, ...withStandbys(standbyRandom, recordings))
    faults.push(...standbyFaults(standbyRandom, recordings, latestAt))
  }
  const output = createRandom(seed, 'output')
  if (output.chance(0.15)) {
    recordings.splice(0, Infinity, ...withOutputPolicies(output, recordings))
    faults.push(...outputFaults(output, recordings, latestAt))
  }
  const flickering = createRandom(seed, 'flickering')
  if (flickering.chance(0.05) && !recordings[0]?.channel)
    recordings[0]?.pages.unshift(flickeringPage(flickering))
  const strangers = createRandom(seed, 'strangers')
  if (strangers.chance(0.12)) faults.push(...strangerFaults(strangers, recordings, latestAt))
  const scheduling = createRandom(seed, 'schedules')
  if (scheduling.chance(0.08)) recordings.splice(0, Infinity, ...withSchedule(scheduling, recordings))
  const sorted = faults.toSorted((one, other) => one.at - other.at)
  return { seed, hours, isRepeatedOnSql, retentionMs, recordings, channels, faults: sorted }
}

const HOURS = 2
/** Of a few runs, for what shows only after many roll-overs. */
const LONG_HOURS = 48

/** When the attempts of an undisturbed recording are rolled over. */
const rollOvers = ({ createAt, maxRecordingHour }: RecordingSpec): number[] =>
  Array.from(
    { length: LONG_HOURS / maxRecordingHour },
    (_, index) => createAt + (index + 1) * (maxRecordingHour * 60 * MINUTE_MS - ROLL_OVER_AHEAD_MS),
  )

/** The default policy's, in milliseconds. */
const ROLL_OVER_AHEAD_MS: number = DEFAULT_POLICY.rollOverAhead * 1000

/** Mostly close to something else: a recording starts or is rolled over, a command arrives, another fault is injected. */
const momentNear = (random: Random, moments: readonly number[], latestAt: number): number => {
  const moment = moments[random.integer(0, moments.length - 1)] ?? 0
  const near = moment + random.integer(-2000, random.pick([1000, 15_000, 60_000]))
  const at = random.chance(0.7) ? near : random.integer(0, latestAt)
  return Math.min(latestAt, Math.max(0, at))
}

const recordingSpec = (random: Random, index: number): RecordingSpec => {
  const createAt = random.integer(0, 10 * MINUTE_MS)
  const duringStart = random.chance(0.06)
    ? [{ at: createAt + random.integer(0, 1500), command: timedCommand(random).command }]
    : []
  return { ...baseSpec(random, index), createAt, commands: [...duringStart, ...timedCommands(random)] }
}

const timedCommands = (random: Random): TimedCommand[] =>
  random.chance(0.4) ? random.list(random.integer(1, 4), () => timedCommand(random)) : []

const baseSpec = (random: Random, index: number): Omit<RecordingSpec, 'createAt' | 'commands'> => ({
  id: `r${index}`,
  policy: random.pick(POLICIES),
  maxRecordingHour: random.pick([1, 2, 3]),
  pages: random.list(random.pick([0, 0, 1, 1, 2, 3, 6]), () => pageSpec(random)),
  channel: null,
  standby: false,
  schedule: null,
})

/** Recordings that start together, more than the quota allows. Each is stopped within two minutes. */
const burst = (random: Random, firstIndex: number): RecordingSpec[] => {
  const createAt = random.integer(0, 60 * MINUTE_MS)
  return random.list(8, (index) => ({
    ...recordingSpec(random, firstIndex + index),
    createAt: createAt + random.integer(0, 300),
    commands: [{ at: createAt + random.integer(5000, 2 * MINUTE_MS), command: 'stop' }],
  }))
}

/** The defaults, and policies with short timeouts, long ones, or none. */
const POLICIES: [PolicyInput, ...PolicyInput[]] = [
  {},
  {},
  {},
  {},
  { handOver: 'replace', restart: { final: true, maxFailures: 4 } },
  { handOver: 'replace', restart: { maxFailures: 2, slowDelays: [20, 60] } },
  { rollOverAhead: 0, restart: { delays: [0, 30], maxFailures: 3, slowDelays: [45], jitter: 0.4 } },
  { heartbeatInterval: 5, heartbeatTimeout: 15, unhealthyTimeout: 5, queryInterval: 30 },
  { restart: { delays: [0], jitter: 0, maxFailures: 2, maxNeverLoaded: 2, slowDelays: [30, 90, 180] } },
  { restart: { delays: [0], maxNeverLoaded: 2, final: true } },
  { restart: { delays: [1, 3], jitter: 0.5, maxFailures: 12 }, onStopCode: { 1: 'restart', 5: 'giveUp' } },
  { fence: true, readyTimeout: 20 },
  { readyTimeout: 0, loadTimeout: 40, confirmTimeout: 30, reloadGrace: 20 },
]

const timedCommand = (random: Random): TimedCommand => ({
  at: random.integer(0, faultsEndAt({ hours: HOURS })),
  command: random.pick(['stop', 'restart', 'restart', 'pause', 'pause', 'resume', 'resume']),
})

const pageSpec = (random: Random): PageSpec => {
  const trouble = random.pick([
    'slow',
    'neverLoads',
    'unreported',
    'die',
    'freeze',
    'failCheck',
    'failCheckOnce',
    'reload',
    'none',
  ])
  const afterMs = random.chance(0.5) ? random.integer(2000, 60_000) : random.integer(60_000, 20 * MINUTE_MS)
  const laterMs = afterMs + random.integer(1000, 60_000)
  const loadMs = random.integer(500, 8000)
  const page: PageSpec = { loadMs, overdueMs: null, unreported: trouble === 'unreported', events: [] }
  const events: Record<string, PageSpec['events']> = {
    die: [{ afterMs, event: 'die' }],
    freeze: [
      { afterMs, event: 'freeze' },
      { afterMs: laterMs, event: 'thaw' },
    ],
    failCheck: [{ afterMs, event: 'failCheck' }],
    failCheckOnce: [
      { afterMs, event: 'failCheck' },
      { afterMs: laterMs, event: 'passCheck' },
    ],
    reload: [{ afterMs, event: 'reload' }],
  }
  if (trouble === 'slow') return { ...page, loadMs: random.integer(20_000, 70_000) }
  if (trouble === 'neverLoads') {
    return { ...page, loadMs: null, overdueMs: random.pick([null, 5000, 25_000]) }
  }
  return { ...page, events: events[trouble] ?? [] }
}
