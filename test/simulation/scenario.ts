import type { PolicyInput } from '../../packages/reporter/src/supervisor/policy.ts'
import { createRandom, type Random } from './random.ts'

/** All that is decided before a run begins. Times are milliseconds since the run's beginning. */
export interface Scenario {
  seed: number
  recordings: Wish[]
  faults: Fault[]
}

/** A recording that a business server wants, and what it asks for later. */
export interface Wish {
  id: string
  createAt: number
  policy: PolicyInput
  maxRecordingHour: number
  commands: { at: number; command: Command }[]
  /** How the pages of its tasks behave, in the order in which they are opened; those after the last are well. */
  pages: PageStory[]
}

export type Command = 'stop' | 'restart' | 'pause' | 'resume'

/** One document in a recorder, from its opening. */
export interface PageStory {
  /** From the opening to all expectations met; null: never. */
  loadMs: number | null
  /** After so long without it, it says that it will not load any more. */
  patienceMs: number | null
  /** Its reports go nowhere: no script tag, or the reporter's address is not reachable from outside. */
  mute: boolean
  /** What befalls it, after so long from its opening. */
  turns: { after: number; turn: PageTurn }[]
}

export type PageTurn =
  /** Says nothing and does nothing any more. */
  | 'die'
  /** As if it had died, and is back after a while. */
  | 'freeze'
  | 'thaw'
  /** A check turns. */
  | 'fail'
  | 'mend'
  /** The document is opened anew in the same recorder. */
  | 'reload'

/** Something that goes wrong from `at` on; each ends before the calm. */
export type Fault = { at: number } & (
  | { kind: 'answers'; call: Call; twist: Twist; times: number; forMs: number }
  | { kind: 'notices'; fate: NoticeFate; share: number; forMs: number }
  | { kind: 'task'; recording: number; event: TaskEvent; forMs: number }
  /** The reporter dies at the `step`th step that it makes from then on. */
  | { kind: 'crash'; step: number; forMs: number }
  /** SIGSTOP: nothing runs, and everything that came meanwhile is there afterwards. */
  | { kind: 'suspension'; forMs: number }
  /** Neither pages nor Agora reach the reporter. */
  | { kind: 'ingress'; forMs: number }
  /** The reporter does not reach Agora. */
  | { kind: 'egress'; how: 'refused' | 'timeout'; forMs: number }
  /** The store rejects whatever it is asked. */
  | { kind: 'store'; forMs: number }
)

export type Call = 'acquire' | 'start' | 'query' | 'stop' | 'update'

/** In place of an answer. `done` means that the service did what it was asked all the same. */
export interface Twist {
  done: boolean
  /** No answer at all: after the time-out, or at once. */
  lost?: 'timeout' | 'reset'
  status?: number
  code?: number
}

export type NoticeFate = 'dropped' | 'doubled' | 'redundant' | 'delayed'

export type TaskEvent =
  | { do: 'stopped'; code: 0 | 2 | 3 | 4 | 5 | 6 }
  | { do: 'limit' }
  | { do: 'reload' }
  | { do: 'exit' }
  /** Gone, and nothing says so. `status`: what queries say for a while, before 404. */
  | { do: 'vanish'; status: null | 7 | 8 | 20 }
  /** 404 for a while; `moved`: the page dies with the old server, and is opened by the new one. */
  | { do: 'failover'; moved: boolean }
  | { do: 'fatal' }

const MINUTE = 60_000
/** Faults, commands and pages that fail come before. */
export const CALM_AT: number = 90 * MINUTE
/** No fault lasts longer than the minutes that are left then. */
const LAST_FAULT = CALM_AT - 10 * MINUTE
export const RUN_MS: number = 120 * MINUTE

export const createScenario = (seed: number): Scenario => {
  const random = createRandom(seed, 'scenario')
  const recordings = random.list(random.pick([1, 2, 2, 3, 4]), (index) => wish(random, index))
  if (random.chance(0.1)) recordings.push(...burst(random, recordings.length))
  const moments = recordings.flatMap(({ createAt, commands }) => [createAt, ...commands.map(({ at }) => at)])
  const faults: Fault[] = random.chance(0.4) ? knot(random, recordings) : []
  for (let left = random.whole(0, 14); left > 0; left -= 1) {
    const at = momentNear(random, moments)
    // One more trouble in the midst of another is worth more than one alone.
    moments.push(at)
    faults.push({ at, ...fault(random, recordings.length) })
  }
  return { seed, recordings, faults: faults.toSorted((one, other) => one.at - other.at) }
}

const LOST_ANSWERS: [Twist, ...Twist[]] = [
  { done: true, lost: 'timeout' },
  { done: true, status: 206, code: 65 },
  { done: true, status: 504, code: 62 },
]

/**
 * Troubles that are worst together, when a recording begins or somebody wants something of it: a start whose answer is
 * lost, a reporter that dies or hears nothing, a task that is failing over.
 */
const knot = (random: Random, recordings: readonly Wish[]): Fault[] => {
  const recording = random.whole(0, recordings.length - 1)
  const { createAt = 0, commands: asked = [] } = recordings[recording] ?? {}
  const at = Math.min(LAST_FAULT, random.pick([createAt, ...asked.map((each) => each.at)]))
  const lost: Fault = {
    ...{ at, kind: 'answers', call: 'start', times: random.whole(1, 8), forMs: MINUTE },
    twist: random.pick(LOST_ANSWERS),
  }
  const unheard: Fault = {
    ...{ at, kind: 'notices', share: 1, forMs: random.whole(30_000, 3 * MINUTE) },
    fate: random.pick(['dropped', 'delayed']),
  }
  const killed: Fault = { at, kind: 'crash', step: random.whole(0, 40), forMs: random.whole(1500, MINUTE) }
  const failover: Fault = {
    ...{ at: Math.max(0, at - random.whole(0, 20_000)), kind: 'task', recording },
    ...{ event: { do: 'failover', moved: random.chance(0.5) }, forMs: random.whole(40_000, 85_000) },
  }
  return random.pick([
    [lost, unheard],
    [killed, unheard],
    [lost, killed, unheard],
    [failover],
    [failover, unheard],
  ])
}

/** Mostly when something else happens: a recording begins, a command comes, another fault. */
const momentNear = (random: Random, moments: readonly number[]): number => {
  const moment = moments[random.whole(0, moments.length - 1)] ?? 0
  const near = moment + random.whole(-2000, random.pick([1000, 15_000, 60_000]))
  const at = random.chance(0.7) ? near : random.whole(0, LAST_FAULT)
  return Math.min(LAST_FAULT, Math.max(0, at))
}

const wish = (random: Random, index: number): Wish => {
  const createAt = random.whole(0, 10 * MINUTE)
  // While it is being started.
  const hasty = random.chance(0.06)
    ? [{ at: createAt + random.whole(0, 1500), command: command(random).command }]
    : []
  return { ...patientWish(random, index), createAt, commands: [...hasty, ...commands(random)] }
}

const commands = (random: Random): Wish['commands'] =>
  random.chance(0.4) ? random.list(random.whole(1, 4), () => command(random)) : []

const patientWish = (random: Random, index: number): Omit<Wish, 'createAt' | 'commands'> => ({
  id: `r${index}`,
  policy: random.pick(POLICIES),
  maxRecordingHour: random.pick([1, 2, 3]),
  pages: random.list(random.pick([0, 0, 1, 1, 2, 3, 6]), () => pageStory(random)),
})

/** More at once than the quota lets through; none is wanted for long. */
const burst = (random: Random, from: number): Wish[] => {
  const createAt = random.whole(0, 60 * MINUTE)
  return random.list(8, (index) => ({
    ...wish(random, from + index),
    createAt: createAt + random.whole(0, 300),
    commands: [{ at: createAt + random.whole(5000, 2 * MINUTE), command: 'stop' }],
  }))
}

/** The defaults, and others that are hurried, patient, or without limits. */
const POLICIES: [PolicyInput, ...PolicyInput[]] = [
  {},
  {},
  {},
  { onGiveUp: 'stop' },
  { heartbeatInterval: 5, heartbeatTimeout: 15, unhealthyTimeout: 5, queryInterval: 30 },
  { restart: { delays: [0], jitter: 0, maxFailures: 2, maxNeverLoaded: 2 } },
  { restart: { delays: [1, 3], jitter: 0.5, maxFailures: 12 }, onStopCode: { 1: 'restart', 5: 'giveUp' } },
  { readyTimeout: 0, loadTimeout: 40, confirmTimeout: 30, reloadGrace: 20 },
]

const command = (random: Random): { at: number; command: Command } => ({
  at: random.whole(0, CALM_AT),
  command: random.pick(['stop', 'restart', 'restart', 'pause', 'pause', 'resume', 'resume']),
})

const pageStory = (random: Random): PageStory => {
  const trouble = random.pick(['slow', 'never', 'mute', 'die', 'freeze', 'fail', 'flicker', 'reload', 'well'])
  const after = random.chance(0.5) ? random.whole(2000, 60_000) : random.whole(60_000, 20 * MINUTE)
  const later = after + random.whole(1000, 60_000)
  const loadMs = random.whole(500, 8000)
  const story: PageStory = { loadMs, patienceMs: null, mute: trouble === 'mute', turns: [] }
  const turns: Record<string, PageStory['turns']> = {
    die: [{ after, turn: 'die' }],
    freeze: [
      { after, turn: 'freeze' },
      { after: later, turn: 'thaw' },
    ],
    fail: [{ after, turn: 'fail' }],
    flicker: [
      { after, turn: 'fail' },
      { after: later, turn: 'mend' },
    ],
    reload: [{ after, turn: 'reload' }],
  }
  if (trouble === 'slow') return { ...story, loadMs: random.whole(20_000, 70_000) }
  if (trouble === 'never') return { ...story, loadMs: null, patienceMs: random.pick([null, 5000, 25_000]) }
  return { ...story, turns: turns[trouble] ?? [] }
}

/** Without its moment. */
type Trouble = Fault extends infer Each ? (Each extends Fault ? Omit<Each, 'at'> : never) : never

const fault = (random: Random, recordings: number): Trouble => {
  const forMs = random.chance(0.5) ? random.whole(500, 20_000) : random.whole(20_000, 9 * MINUTE)
  const kind = random.pick(FAULT_KINDS)
  switch (kind) {
    case 'answers': {
      const call = random.pick(['acquire', 'start', 'start', 'query', 'stop', 'update'] as const)
      return { kind, call, twist: random.pick(TWISTS[call]), times: random.whole(1, 8), forMs }
    }
    case 'notices':
      return { kind, fate: random.pick(NOTICE_FATES), share: random.pick([0.3, 1]), forMs }
    case 'task':
      return {
        kind,
        recording: random.whole(0, recordings - 1),
        event: random.pick(TASK_EVENTS),
        forMs: random.whole(1000, 85_000),
      }
    case 'crash':
      return { kind, step: random.whole(0, 40), forMs }
    case 'egress':
      return { kind, how: random.pick(['refused', 'timeout']), forMs }
    case 'store':
      return { kind, forMs: random.whole(200, 30_000) }
    case 'suspension':
    case 'ingress':
      return { kind, forMs }
  }
}

const FAULT_KINDS = [
  'answers',
  'answers',
  'answers',
  'notices',
  'task',
  'task',
  'task',
  'crash',
  'crash',
  'suspension',
  'ingress',
  'egress',
  'store',
] as const

const NOTICE_FATES = ['dropped', 'doubled', 'redundant', 'delayed'] as const

const NOTHING_DONE: readonly Twist[] = [
  { done: false, status: 429 },
  { done: false, status: 503 },
  { done: false, lost: 'timeout' },
  { done: false, lost: 'reset' },
]
const UNCLEAR: readonly Twist[] = [
  ...NOTHING_DONE,
  { done: true, status: 206, code: 65 },
  { done: false, status: 206, code: 65 },
  { done: true, status: 504, code: 62 },
  { done: false, status: 504, code: 62 },
  { done: true, status: 503 },
  { done: true, lost: 'timeout' },
  { done: true, lost: 'reset' },
]

/** Answers that Agora's reference has for each call. None of them says that something was done that was not. */
const TWISTS: Record<Call, [Twist, ...Twist[]]> = {
  acquire: [
    { done: false, status: 400, code: 406 },
    { done: false, status: 500, code: 501 },
    ...NOTHING_DONE,
    { done: true, lost: 'timeout' },
  ],
  start: [{ done: false, status: 500, code: 502 }, ...UNCLEAR],
  query: [{ done: false, status: 500, code: 500 }, ...UNCLEAR],
  stop: [{ done: false, status: 500, code: 500 }, ...UNCLEAR],
  update: [{ done: false, status: 500, code: 500 }, ...UNCLEAR],
}

const TASK_EVENTS: [TaskEvent, ...TaskEvent[]] = [
  { do: 'stopped', code: 0 },
  { do: 'stopped', code: 2 },
  { do: 'stopped', code: 3 },
  { do: 'stopped', code: 4 },
  { do: 'stopped', code: 5 },
  { do: 'stopped', code: 6 },
  { do: 'stopped', code: 6 },
  { do: 'limit' },
  { do: 'reload' },
  { do: 'reload' },
  { do: 'exit' },
  { do: 'vanish', status: null },
  { do: 'vanish', status: 7 },
  { do: 'vanish', status: 8 },
  { do: 'vanish', status: 20 },
  { do: 'failover', moved: false },
  { do: 'failover', moved: true },
  { do: 'failover', moved: false },
  { do: 'fatal' },
  { do: 'fatal' },
]
