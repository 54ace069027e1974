import type { Draft } from './draft.ts'
import type { Policy } from './policy.ts'
import type { Attempt, Evidence, Reason, Recording, RecordingState, Time } from './recording.ts'
import type { QueryAnswer, Signal, TaskNotification } from './signal.ts'

export type NotificationHandler = (draft: Draft, attempt: Attempt, notification: TaskNotification) => void

/** Signals that only one kind of recording has a use for. The other one ignores them. */
export type KindSignal = Extract<
  Signal,
  { type: 'pause' | 'resume' | 'changed' | 'joined' | 'canary' | 'replaceSilent' }
>
export type KindAttemptSignal = Extract<Signal, { type: 'report' | 'tokenRefused' | 'updateAnswered' }>

/**
 * What differs between a page and a channel. All else of the supervisor is the same for both, and asks these rules, which
 * it finds in the draft, instead of the recording's kind.
 */
export interface KindRules {
  words: KindWords
  /** Whether Agora ends a task on its own after `maxRecordingHour` hours. If not, it must be replaced before. */
  endsAtHourLimit: boolean
  /** Agora's events that end a session. */
  sessionEnds: ReadonlySet<number>
  /** What Agora's events mean, by number. */
  events: Readonly<Record<number, NotificationHandler>>

  handleSignal(draft: Draft, signal: KindSignal): void
  handleAttemptSignal(draft: Draft, attempt: Attempt, signal: KindAttemptSignal): void
  /** The user has changed the policy, which was `before`. */
  handlePolicy(draft: Draft, before: Policy): void
  handleCreated(draft: Draft): void

  /** The attempt has a sid: arms the deadlines of what is expected of it. */
  supervise(draft: Draft, attempt: Attempt): void
  /** Checks the deadlines that `supervise` arms, and those of the recording. */
  checkDeadlines(draft: Draft, attempt: Attempt): void
  checkRecordingDeadlines(draft: Draft): void
  /** The reporter was down until `draft.now`: the deadlines of `supervise` start anew, and suspicions are withdrawn. */
  startAnew(draft: Draft, attempt: Attempt): void
  /** A failover has begun. */
  handleFailover(draft: Draft, attempt: Attempt): void

  /** Whether there is proof that the attempt is well, so that a candidate may take over. */
  isProven(recording: Recording, attempt: Attempt): boolean
  /** The candidate has become the current attempt without proof, because the current one has ended. */
  handleTakeOver(draft: Draft, attempt: Attempt): void
  /** Something other than Agora shows that the task runs. */
  showsLife(draft: Draft, attempt: Attempt): boolean
  /** It does, or it still has time to. */
  mayShowLife(draft: Draft, attempt: Attempt): boolean
  /** Until when an attempt that was well before is known to have been well. */
  lastWellAt(draft: Draft, attempt: Attempt): Time | null

  /** Agora has answered a query clearly, with any status. */
  handleAnswer(draft: Draft, attempt: Attempt, answer: Extract<QueryAnswer, { kind: 'status' }>): void
  /** Agora records (status 4 or 5); the next routine query is armed. */
  handleRecording(draft: Draft, attempt: Attempt, status: number): void
  /** The task has ended on its own: Agora has answered status 7 or 8 twice. */
  handleExit(draft: Draft, attempt: Attempt, status: number): void
  /** Agora has denied the task for long enough (404). */
  handleLost(draft: Draft, attempt: Attempt, message: string, evidence: Evidence): void
  /** Whether Agora writes files of an attempt that has this status (4 or 5). */
  isWriting(attempt: Attempt, status: number): boolean
  /** Whether Agora writes nothing, or may do so, because of a pause. */
  isOnHold(recording: Recording, attempt: Attempt): boolean
  /** Whether the running task has all that an update would bring. */
  isInSync(recording: Recording, attempt: Attempt): boolean

  /** The state of a recording whose current attempt has a sid and is not being replaced. */
  stateOf(recording: Recording, current: Attempt): RecordingState
  /** Why such a recording is `unhealthy`. */
  problemOf(recording: Recording): Reason
  rollOverReason(recording: Recording, current: Attempt): Reason
  /** Derives what else follows from the facts after each signal. */
  close(draft: Draft): void
}

/** For sentences about an attempt. */
export interface KindWords {
  /** `attempt 1 keeps recording until its page has loaded` */
  proof: string
  /** `Attempt 2 has loaded and takes over` */
  proven: string
  /** `3 consecutive attempts never loaded` */
  neverProven: string
  /** `Agora ends it at 2027-01-15 08:00:07 UTC at the latest` */
  orphanEnd(latest: string): string
}
