import { standbyIdOf } from '../../../packages/reporter/src/standbyId.ts'
import type { PolicyInput } from '../../../packages/reporter/src/supervisor/policy.ts'

/** Everything that is decided before a run starts. Times are milliseconds since the start of the run. */
export interface Scenario {
  seed: number
  /** How long it runs, in hours. */
  hours: number
  /** The run's operations on its store are repeated on the SQL store. */
  isRepeatedOnSql: boolean
  /** Removes what is older than this, in milliseconds, every ten minutes; null: keeps everything. */
  retentionMs: number | null
  recordings: RecordingSpec[]
  /** The users of the channels that are recorded. */
  channels: ChannelScript[]
  faults: Fault[]
}

/** A recording that the business server requests, and the commands that it sends later. */
export interface RecordingSpec {
  id: string
  createAt: number
  policy: PolicyInput
  /** A channel's `resourceExpiredHour`. */
  maxRecordingHour: number
  commands: TimedCommand[]
  /** How the pages of its tasks behave, in the order in which they open. Pages after the last one are healthy. */
  pages: PageSpec[]
  /** Null for a page. */
  channel: ChannelSpec | null
  /** A second recording of the same runs beside it. Its tasks, pages and commands are like those of the first. */
  standby: boolean
  /** Null: it begins when it is created, and ends at a stop. */
  schedule: ScheduleSpec | null
}

/** Of the request. Times of day are here since the start of the run; the others are seconds. */
export interface ScheduleSpec {
  startAt: number | null
  startAhead: number
  stopAt: number | null
  maxDuration: number | null
}

/** The recording, and its standby. */
export const idsOf = ({ id, standby }: Pick<RecordingSpec, 'id' | 'standby'>): string[] =>
  standby ? [id, standbyIdOf(id)] : [id]

/** A value of its own for each recording and each standby. */
export const byId = <T>(
  recordings: readonly RecordingSpec[],
  make: (spec: RecordingSpec) => T,
): Map<string, T> =>
  new Map(recordings.flatMap((spec) => idsOf(spec).map((id): [string, T] => [id, make(spec)])))

export interface ChannelSpec {
  /** Several recordings may be of the same channel. */
  name: string
  mode: 'mix' | 'individual'
  /** Seconds without users after which Agora ends a task. */
  maxIdleTime: number
  /** When Agora registers the tasks for high availability, in the order in which they start; later ones promptly. */
  ha: ('prompt' | 'late' | 'never')[]
}

export interface ChannelScript {
  name: string
  visits: Visit[]
}

/** A user is in the channel from `from` to `to`. */
export interface Visit {
  from: number
  to: number
  publishes: boolean
}

export interface TimedCommand {
  at: number
  command: Command
}

/** `layout`, `subscription` and `labels`: the user changes them. */
export type Command = 'stop' | 'restart' | 'pause' | 'resume' | 'layout' | 'subscription' | 'labels'

/** One document in a recorder, from its opening on. */
export interface PageSpec {
  /** From the opening until all expectations are met; null: they never are. */
  loadMs: number | null
  /** After this time without loading, the page reports that it is overdue; null: it never does. */
  overdueMs: number | null
  /** No report reaches the reporter: the script tag is missing, or the reporter's address cannot be reached. */
  unreported: boolean
  events: TimedPageEvent[]
}

export interface TimedPageEvent {
  /** Since the page opened. */
  afterMs: number
  event: PageEvent
}

export type PageEvent =
  /** The page stops for good, without a report. */
  | 'die'
  /** The page stops as if it had died, until `thaw`. */
  | 'freeze'
  | 'thaw'
  /** A check fails, and passes again. */
  | 'failCheck'
  | 'passCheck'
  /** The document is opened again in the same recorder. */
  | 'reload'

/** A fault that is injected at `at` and lasts `forMs`. Every fault has ended at `faultsEndAt`. */
export type Fault = { at: number } & (
  | { kind: 'answer'; call: Call; override: AnswerOverride; times: number; forMs: number }
  | { kind: 'notification'; delivery: DeliveryFault; share: number; forMs: number }
  | TaskFault
  /** The reporter dies at its `step`th step from then on, and is down for `forMs`. */
  | { kind: 'crash'; step: number; forMs: number }
  /** SIGSTOP: nothing runs, and everything that arrived meanwhile is delivered afterwards. */
  | { kind: 'suspension'; forMs: number }
  /** Neither pages nor Agora reach the reporter. */
  | { kind: 'ingress'; forMs: number }
  /** The reporter does not reach Agora. */
  | { kind: 'egress'; how: 'refused' | 'timeout'; forMs: number }
  /** The store rejects every call, or every write of a recording because another writer was faster. */
  | { kind: 'store'; how: 'locked' | 'conflict'; forMs: number }
  /** Reports are lost one by one, before or after the reporter has stored them. */
  | { kind: 'reports'; share: number; forMs: number }
  /** The pages' own server is down: a page that is opened meanwhile does not load, and Agora ends its task. */
  | { kind: 'pageServer'; forMs: number }
  /** Somebody opens the URL of a page that is recorded, with its token, and closes it in the end, with or without bye. */
  | { kind: 'stranger'; recording: number; page: PageSpec; saysBye: boolean; forMs: number }
  /** The reporter's wall clock steps forward, or back if `byMs` is negative. */
  | { kind: 'clockStep'; byMs: number; forMs: number }
)

/** `recording` is an index into the scenario's recordings. */
export interface TaskFault {
  kind: 'task'
  recording: number
  /** It meets the standby. */
  isStandby?: boolean
  target: 'oldest' | 'newest'
  event: TaskEvent
  forMs: number
}

export type FaultKind = Fault['kind']

export type Call = 'acquire' | 'start' | 'query' | 'stop' | 'update'

/** Replaces an answer of Agora. */
export interface AnswerOverride {
  /** Whether Agora carries out the request all the same. */
  done: boolean
  /** There is no answer: after the timeout, or immediately. */
  lost?: 'timeout' | 'reset'
  status?: number
  code?: number
  /** The body is not Agora's: a proxy or a bot wall has answered. */
  foreign?: boolean
}

/** `redelivered`: the same notification under another `noticeId`. */
export type DeliveryFault = 'dropped' | 'duplicated' | 'redelivered' | 'delayed'

export type TaskEvent =
  | { kind: 'stopped'; code: 0 | 2 | 3 | 4 | 5 | 6 }
  | { kind: 'capabilityLimit' }
  | { kind: 'reload' }
  | { kind: 'exit' }
  /** The task ends without a notification. `status`: what queries answer for a while, before 404. */
  | { kind: 'vanish'; status: null | 7 | 8 | 20 }
  /** 404 for a while. `moved`: the page dies with the old server, and the new server opens it again. */
  | { kind: 'failover'; moved: boolean }
  | { kind: 'fatalError' }
  /** Queries answer a status that is neither recording nor ended. `ends`: the task ends then, without a notification. */
  | { kind: 'unsettled'; status: 1 | 3 | 6; ends: boolean }
  /** Agora lists no file: for a while, or for the rest of the task. */
  | { kind: 'noFiles'; ends: boolean }
  /** The files do not reach the bucket: for a while, or for the rest of the task. `first`: the event that says so first. */
  | { kind: 'uploadsFail'; first: 1 | 30 | 34; ends: boolean }
  /** At the task's end files are in Agora's backup in place of the bucket. */
  | { kind: 'backUp' }
  /** A task that records a channel refuses updates for a while. */
  | { kind: 'refusesUpdates' }

export const MINUTE_MS = 60_000
/**
 * The safety phase ends and the liveness phase starts: faults, commands and failing pages come before. The liveness phase
 * is longer than the longest delay between two slow retries: 30 minutes and 20 % of jitter.
 */
export const faultsEndAt = ({ hours }: Pick<Scenario, 'hours'>): number => runMs({ hours }) - 40 * MINUTE_MS
/** No fault lasts longer than the minutes that are left until then. */
export const lastFaultAt = (scenario: Pick<Scenario, 'hours'>): number =>
  faultsEndAt(scenario) - 10 * MINUTE_MS
export const runMs = ({ hours }: Pick<Scenario, 'hours'>): number => hours * 60 * MINUTE_MS
