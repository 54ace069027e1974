import type { PolicyInput } from '../../../packages/reporter/src/supervisor/policy.ts'
import type { Random } from '../random.ts'
import {
  type ChannelScript,
  type ChannelSpec,
  type Command,
  type Fault,
  MINUTE_MS,
  type RecordingSpec,
  runMs,
  type TaskFault,
  type TimedCommand,
  type Visit,
} from './scenario.ts'

/** Some of the recordings are of channels. Faults refer to them as before. */
export const withChannels = (
  random: Random,
  recordings: readonly RecordingSpec[],
  hours: number,
): { recordings: RecordingSpec[]; channels: ChannelScript[] } => {
  const names = random.list(random.integer(1, 3), (index) => `channel${index}`) as [string, ...string[]]
  const share = random.pick([0.4, 0.8, 1])
  const mixed = recordings.map((spec) => (random.chance(share) ? asChannel(random, spec, names) : spec))
  const used = names.filter((name) => mixed.some(({ channel }) => channel?.name === name))
  const channels = used.map((name) => ({ name, visits: visitsOf(random, hours) }))
  return { recordings: mixed, channels }
}

const asChannel = (
  random: Random,
  spec: RecordingSpec,
  names: readonly [string, ...string[]],
): RecordingSpec => {
  const channel = channelSpec(random, names)
  const commands = [...spec.commands, ...moreCommands(random)].map((each) =>
    channelCommand(random, each, channel),
  )
  return { ...spec, channel, policy: random.pick(POLICIES), commands, pages: [] }
}

const channelSpec = (random: Random, names: readonly [string, ...string[]]): ChannelSpec => ({
  name: random.pick(names),
  mode: random.pick(['mix', 'individual']),
  maxIdleTime: random.pick([10, 30, 60, 300, 300]),
  ha: random.chance(0.2)
    ? random.list(30, () => 'never')
    : random.list(random.pick([0, 0, 1, 3]), () => random.pick(['prompt', 'late', 'never'])),
})

/** Changes of layout and subscription. */
const moreCommands = (random: Random): TimedCommand[] =>
  random.chance(0.4)
    ? random.list(random.integer(1, 3), () => ({
        at: random.integer(0, 75 * MINUTE_MS),
        command: random.pick(['layout', 'subscription']),
      }))
    : []

/** A channel is not paused, and only composite recordings have a layout. */
const channelCommand = (
  random: Random,
  { at, command }: TimedCommand,
  { mode }: ChannelSpec,
): TimedCommand => {
  const change = command === 'pause' ? random.pick<Command>(['layout', 'subscription']) : command
  return { at, command: change === 'layout' && mode === 'individual' ? 'subscription' : change }
}

/** The defaults, and policies on empty channels, on high availability, and on restarts. */
const POLICIES: [PolicyInput, ...PolicyInput[]] = [
  {},
  {},
  {},
  { onIdleExit: 'wait' },
  { onIdleExit: 'wait', restart: { delays: [0, 1, 3] } },
  { onIdleExit: 'end' },
  { requireHa: true },
  { requireHa: true, onIdleExit: 'wait' },
  { handOver: 'replace', restart: { maxFailures: 2, slowDelays: [20, 60] } },
  { rollOverAhead: 0, restart: { delays: [0, 30], maxFailures: 3, slowDelays: [45], jitter: 0.4 } },
  { confirmTimeout: 30, queryInterval: 30, rollOverAhead: 300 },
  { restart: { delays: [0], jitter: 0, maxFailures: 2, maxNeverLoaded: 2, slowDelays: [30, 90, 180] } },
  { restart: { delays: [0], maxNeverLoaded: 2, final: true } },
]

/** When users are in a channel: a lesson or two, all the time, a host who comes and goes, or never. */
const visitsOf = (random: Random, hours: number): Visit[] => {
  switch (random.pick(['lessons', 'lessons', 'always', 'onOff', 'onOff', 'never'])) {
    case 'lessons':
      return random.list(random.integer(1, 4), () => lesson(random, hours)).flat()
    case 'always':
      return [{ from: 0, to: runMs({ hours }) + MINUTE_MS, publishes: random.chance(0.8) }]
    case 'onOff':
      return onOff(random, hours)
    default:
      return []
  }
}

/** A host, and guests who come and go meanwhile. */
const lesson = (random: Random, hours: number): Visit[] => {
  const from = random.integer(0, runMs({ hours }) - 30 * MINUTE_MS)
  const to = from + random.integer(5 * MINUTE_MS, 60 * MINUTE_MS)
  const guests = random.list(random.integer(0, 3), () => {
    const begins = random.integer(from, to - 1000)
    return { from: begins, to: random.integer(begins + 500, to), publishes: random.chance(0.5) }
  })
  return [{ from, to, publishes: random.chance(0.9) }, ...guests]
}

/** In and out for some time, with a rhythm near that of the idle exits. */
const onOff = (random: Random, hours: number): Visit[] => {
  const visits: Visit[] = []
  const endsAt = Math.min(runMs({ hours }), random.integer(20, 150) * MINUTE_MS)
  const [stayMs, awayMs] = [random.integer(5, 120) * 1000, random.integer(5, 90) * 1000]
  let at = random.integer(0, 15 * MINUTE_MS)
  while (at < endsAt) {
    const to = at + random.integer(500, stayMs)
    visits.push({ from: at, to, publishes: random.chance(0.8) })
    at = to + random.integer(500, awayMs)
  }
  return visits
}

/** Faults that only channels have, or that are worst for them. */
export const channelFaults = (
  random: Random,
  recordings: readonly RecordingSpec[],
  latestAt: number,
): Fault[] => {
  const indexes = recordings.flatMap(({ channel }, index) => (channel ? [index] : []))
  const [first, ...others] = indexes
  if (first === undefined) return []
  const faults = random.list(random.integer(0, 4), (): Fault[] => {
    const recording = random.pick([first, ...others])
    const at = random.integer(recordings[recording]?.createAt ?? 0, latestAt)
    const task = { at, kind: 'task', recording, target: random.pick(['oldest', 'newest'] as const) } as const
    switch (random.pick(['refuse', 'stop', 'break', 'failover', 'lose'])) {
      case 'refuse':
        return [{ ...refusal(random, recordings[recording], latestAt), recording }]
      case 'stop':
        return [{ ...task, event: { kind: 'stopped', code: 0 }, forMs: 0 }]
      case 'break':
        return [{ ...task, event: { kind: 'capabilityLimit' }, forMs: 0 }]
      case 'failover':
        return failover(random, task)
      default: {
        const delivery = random.pick(['dropped', 'delayed', 'duplicated', 'redelivered'] as const)
        return [{ at, kind: 'notification', delivery, share: random.pick([0.3, 1]), forMs: 5 * MINUTE_MS }]
      }
    }
  })
  return faults.flat()
}

/** Of a failover some of the events may be lost: that it has happened, or that the former session has ended. */
const failover = (
  random: Random,
  task: Pick<TaskFault, 'kind' | 'recording' | 'target'> & { at: number },
): Fault[] => {
  const forMs = random.integer(5000, 85_000)
  const loss: Fault = {
    ...{ at: task.at + forMs - 1, kind: 'notification', delivery: random.pick(['dropped', 'delayed']) },
    ...{ share: 0.5, forMs: 2 },
  }
  return [{ ...task, event: { kind: 'failover', moved: true }, forMs }, ...(random.chance(0.6) ? [loss] : [])]
}

/** Agora refuses updates when the user changes something. */
const refusal = (
  random: Random,
  spec: RecordingSpec | undefined,
  latestAt: number,
): Omit<TaskFault, 'recording'> & { at: number } => {
  const changes = (spec?.commands ?? []).filter(
    ({ command }) => command === 'layout' || command === 'subscription',
  )
  const changedAt = changes[random.integer(0, changes.length)]?.at ?? random.integer(0, latestAt)
  return {
    ...{
      at: Math.max(0, Math.min(latestAt, changedAt) - random.integer(0, 5000)),
      kind: 'task',
      target: 'newest',
    },
    ...{ event: { kind: 'refusesUpdates' }, forMs: random.integer(MINUTE_MS / 10, 9 * MINUTE_MS) },
  }
}
