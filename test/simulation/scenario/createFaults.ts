import type { Random } from '../random.ts'
import {
  type AnswerOverride,
  type Call,
  type Fault,
  MINUTE_MS,
  type RecordingSpec,
  type TaskEvent,
} from './scenario.ts'

const LOST_ANSWERS: [AnswerOverride, ...AnswerOverride[]] = [
  { done: true, lost: 'timeout' },
  { done: true, status: 206, code: 65 },
  { done: true, status: 504, code: 62 },
]

/**
 * Faults that are worst together, when a recording starts or receives a command: a start whose answer is lost, a
 * reporter that crashes, notifications or reports that do not arrive, a task that fails over or whose status is unclear.
 */
export const clusteredFaults = (
  random: Random,
  recordings: readonly RecordingSpec[],
  latestAt: number,
): Fault[] => {
  const recording = random.integer(0, recordings.length - 1)
  const { createAt = 0, commands = [] } = recordings[recording] ?? {}
  const at = Math.min(latestAt, random.pick([createAt, ...commands.map((each) => each.at)]))
  const lostStart: Fault = {
    ...{ at, kind: 'answer', call: 'start', times: random.integer(1, 8), forMs: MINUTE_MS },
    override: random.pick(LOST_ANSWERS),
  }
  const lostNotifications: Fault = {
    ...{ at, kind: 'notification', share: 1, forMs: random.integer(30_000, 3 * MINUTE_MS) },
    delivery: random.pick(['dropped', 'delayed']),
  }
  const crash: Fault = {
    ...{ at, kind: 'crash', step: random.integer(0, 40) },
    forMs: random.integer(1500, MINUTE_MS),
  }
  const failover: Fault = {
    ...{ at: Math.max(0, at - random.integer(0, 20_000)), kind: 'task', recording },
    ...{ event: { kind: 'failover', moved: random.chance(0.5) }, forMs: random.integer(40_000, 85_000) },
    target: 'newest',
  }
  const unsettled: Fault = {
    ...{ at, kind: 'task', recording, target: 'newest', forMs: random.integer(2 * MINUTE_MS, 6 * MINUTE_MS) },
    event: { kind: 'unsettled', status: 3, ends: random.chance(0.5) },
  }
  const lostReports: Fault = {
    at,
    kind: 'reports',
    share: 1,
    forMs: random.integer(MINUTE_MS, 6 * MINUTE_MS),
  }
  return random.pick<Fault[]>([
    [unsettled, lostReports],
    [lostStart, lostNotifications],
    [crash, lostNotifications],
    [lostStart, crash, lostNotifications],
    [failover],
    [failover, lostNotifications],
  ])
}

/** A fault without the moment at which it is injected. */
type Untimed = Fault extends infer Each ? (Each extends Fault ? Omit<Each, 'at'> : never) : never

export const randomFault = (random: Random, recordings: number): Untimed => {
  const forMs = random.chance(0.5) ? random.integer(500, 20_000) : random.integer(20_000, 9 * MINUTE_MS)
  const kind = random.pick(FAULT_KINDS)
  switch (kind) {
    case 'answer': {
      const call = random.pick(['acquire', 'start', 'start', 'query', 'stop', 'update'] as const)
      const override = random.pick(ANSWER_OVERRIDES[call])
      return { kind, call, override, times: random.integer(1, 8), forMs }
    }
    case 'notification':
      return { kind, delivery: random.pick(DELIVERY_FAULTS), share: random.pick([0.3, 1]), forMs }
    case 'task':
      return {
        kind,
        recording: random.integer(0, recordings - 1),
        ...taskEvent(random, forMs),
        target: random.pick(['oldest', 'newest']),
      }
    case 'crash':
      return { kind, step: random.integer(0, 40), forMs }
    case 'egress':
      return { kind, how: random.pick(['refused', 'timeout']), forMs }
    case 'store':
      return { kind, how: random.pick(['locked', 'locked', 'conflict']), forMs: random.integer(200, 30_000) }
    case 'reports':
      return { kind, share: random.pick([0.05, 0.2, 0.5]), forMs }
    case 'clockStep': {
      const stepMs = random.pick([random.integer(500, 20_000), random.integer(20_000, 120 * MINUTE_MS)])
      return { kind, byMs: random.chance(0.6) ? -stepMs : stepMs, forMs: 0 }
    }
    case 'pageServer':
    case 'suspension':
    case 'ingress':
      return { kind, forMs }
  }
}

/** A failover lasts up to 85 s. An unsettled status may last for minutes. */
const taskEvent = (random: Random, forMs: number): { event: TaskEvent; forMs: number } => {
  if (random.chance(0.1)) {
    const status = random.pick([1, 3, 6] as const)
    return { event: { kind: 'unsettled', status, ends: random.chance(0.3) }, forMs }
  }
  return { event: random.pick(TASK_EVENTS), forMs: random.integer(1000, 85_000) }
}

/** A kind that is listed more often is picked more often. */
const FAULT_KINDS = [
  'answer',
  'answer',
  'answer',
  'notification',
  'task',
  'task',
  'task',
  'crash',
  'crash',
  'suspension',
  'ingress',
  'egress',
  'store',
  'reports',
  'pageServer',
  'clockStep',
] as const

const DELIVERY_FAULTS = ['dropped', 'duplicated', 'redelivered', 'delayed'] as const

/** The account or a proxy in between has to change: nothing is wrong with the request. */
const TROUBLE: readonly AnswerOverride[] = [
  { done: false, status: 401 },
  { done: false, status: 400 },
  { done: false, status: 403, foreign: true },
  { done: false, status: 404, foreign: true },
  { done: false, status: 408, foreign: true },
  { done: true, status: 403, foreign: true },
]
const NOT_DONE: readonly AnswerOverride[] = [
  ...TROUBLE,
  { done: false, status: 429 },
  { done: false, status: 503 },
  { done: false, lost: 'timeout' },
  { done: false, lost: 'reset' },
]
const UNCLEAR: readonly AnswerOverride[] = [
  ...NOT_DONE,
  { done: true, status: 206, code: 65 },
  { done: false, status: 206, code: 65 },
  { done: true, status: 504, code: 62 },
  { done: false, status: 504, code: 62 },
  { done: true, status: 503 },
  { done: true, lost: 'timeout' },
  { done: true, lost: 'reset' },
]

/** Answers that Agora's reference lists for each call. None claims success for a request that was not carried out. */
const ANSWER_OVERRIDES: Record<Call, [AnswerOverride, ...AnswerOverride[]]> = {
  acquire: [
    { done: false, status: 400, code: 406 },
    { done: false, status: 400, code: 62 },
    { done: false, status: 500, code: 501 },
    ...NOT_DONE,
    { done: true, lost: 'timeout' },
  ],
  start: [{ done: false, status: 400, code: 2 }, { done: false, status: 500, code: 502 }, ...UNCLEAR],
  query: [{ done: false, status: 500, code: 500 }, ...UNCLEAR],
  stop: [{ done: false, status: 500, code: 500 }, ...UNCLEAR],
  update: [{ done: false, status: 500, code: 500 }, ...UNCLEAR],
}

const TASK_EVENTS: [TaskEvent, ...TaskEvent[]] = [
  { kind: 'stopped', code: 0 },
  { kind: 'stopped', code: 2 },
  { kind: 'stopped', code: 3 },
  { kind: 'stopped', code: 4 },
  { kind: 'stopped', code: 5 },
  { kind: 'stopped', code: 6 },
  { kind: 'stopped', code: 6 },
  { kind: 'capabilityLimit' },
  { kind: 'reload' },
  { kind: 'reload' },
  { kind: 'exit' },
  { kind: 'vanish', status: null },
  { kind: 'vanish', status: 7 },
  { kind: 'vanish', status: 8 },
  { kind: 'vanish', status: 20 },
  { kind: 'failover', moved: false },
  { kind: 'failover', moved: true },
  { kind: 'failover', moved: false },
  { kind: 'fatalError' },
  { kind: 'fatalError' },
]
