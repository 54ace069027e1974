import { currentAttempt, findAttempt, withAttempts } from '../attempts.ts'
import { decide } from '../decide.ts'
import { mergePolicy, type PolicyInput } from '../policy.ts'
import {
  type Attempt,
  type AttemptDeadlineName,
  type Downtimes,
  dueAt,
  type FailedCheck,
  NO_DOWNTIMES,
  newRecording,
  type Recording,
  type RecordingDeadlineName,
  type RecordingIdentity,
} from '../recording.ts'
import type {
  Effect,
  PageReport,
  QueryAnswer,
  SentUpdate,
  Signal,
  StartFailure,
  StopOutcome,
  TaskNotification,
  UpdateOutcome,
} from '../signal.ts'
import type { TimelineCode, TimelineEntry } from '../timeline.ts'

/** The answer to a query in short: a status, fields of one with status 5, 404, or no clear answer. */
export type Answer = number | { onhold?: boolean; files?: string[] } | 'notFound' | 'unknown'

/** How the page and Agora behave while time passes. */
export interface Conditions {
  /** Agora's answer to every query. Default: 5 (in progress). */
  agora?: Answer
  /** Whether the page of the current attempt sends heartbeats. Default: silent. */
  page?: 'reports' | 'silent'
  /** Agora's answer to every stop. Default: unknown. */
  stops?: StopOutcome
  /** Agora's answer to every update. Default: done. */
  updates?: UpdateOutcome
}

/** A timeline entry, with its time in seconds since the recording was created. */
export interface TimedEntry extends TimelineEntry {
  at: number
}

/** When every recording is created, in milliseconds since the epoch. Any date will do. */
export const STARTED_AT = 1_800_000_000_000
/** The middle of the range, at which jitter leaves a delay as the policy has it. */
const NO_JITTER = 0.5

/**
 * A recording with a clock of its own. Each step passes a signal to `decide`; `effects` and `codes` are the result of
 * the last one, `sent` and `timeline` of all.
 */
export class TrackedRecording {
  recording: Recording
  /** The attempts that have left the recording. */
  readonly settled: Map<number, Attempt> = new Map()
  /** Seconds since the recording was created. */
  now = 0
  /** Whether most pages are silent. */
  ingressSuspect = false
  /** The reporter's downtimes so far. */
  downtimes: Downtimes = NO_DOWNTIMES
  /** Why reports may not arrive. */
  ingressCause: string | undefined
  /** The effects of the last signal. */
  effects: Effect[] = []
  /** The codes of the last signal's timeline entries. */
  codes: string[] = []
  /** The whole timeline. */
  timeline: TimedEntry[] = []
  /** Every effect, and when it was decided on. */
  sent: (Effect & { at: number })[] = []
  /** Effects that have no outcome yet. */
  inFlight: Effect[] = []
  private readonly seqs = new Map<string, number>()

  constructor(policy?: PolicyInput, identity?: Partial<RecordingIdentity>) {
    this.recording = newRecording('class42', mergePolicy(policy), STARTED_AT, 3, identity)
    this.signal({ type: 'created' })
  }

  signal(signal: Signal): this {
    const moment = {
      now: STARTED_AT + Math.round(this.now * 1000),
      random: NO_JITTER,
      ingressSuspect: this.ingressSuspect,
      downtimes: this.downtimes,
      ingressCause: this.ingressCause,
    }
    const named = 'attempt' in signal ? this.settled.get(signal.attempt) : undefined
    const before = named ? withAttempts(this.recording, [named]) : this.recording
    const { recording, settled, effects, timeline } = decide(before, signal, moment)
    this.recording = recording
    for (const attempt of settled) this.settled.set(attempt.number, attempt)
    this.effects = effects
    this.codes = timeline.map(({ code }) => code)
    this.timeline.push(...timeline.map((entry) => ({ ...entry, at: this.now })))
    this.sent.push(...effects.map((effect) => ({ ...effect, at: this.now })))
    this.inFlight.push(...effects)
    return this
  }

  // The clock of the reporter

  /** Advances the clock, without a signal. */
  wait(seconds: number): this {
    this.now += seconds
    return this
  }
  /** Advances the clock, and then sends `due`, as the sweep does. */
  dueAfter(seconds: number): this {
    return this.wait(seconds).signal({ type: 'due' })
  }
  /** Advances the clock, and sends `due` at every deadline. The page and Agora behave as `conditions` say. */
  pass(seconds: number, conditions: Conditions = {}): this {
    const end = this.now + seconds
    const { heartbeatInterval } = this.recording.policy
    let nextHeartbeat =
      conditions.page === 'reports' ? this.now + heartbeatInterval : Number.POSITIVE_INFINITY
    this.answerAll(conditions)
    while (Math.min(nextHeartbeat, this.due) <= end) {
      this.now = Math.max(this.now, Math.min(nextHeartbeat, this.due))
      if (nextHeartbeat <= this.now) {
        nextHeartbeat += heartbeatInterval
        if (this.live?.page) this.heartbeat()
      }
      if (this.due <= this.now) this.checkDue()
      this.answerAll(conditions)
    }
    this.now = end
    return this
  }
  /** Advances the clock until the timeline has a new entry with this code; throws if it has none within an hour. */
  passUntil(code: TimelineCode, conditions: Conditions = {}): this {
    const before = this.timeline.length
    const hasEntry = () => this.timeline.slice(before).some((entry) => entry.code === code)
    for (const end = this.now + 3600; !hasEntry(); ) {
      if (this.now >= end) throw new Error(`The timeline has no ${code} within an hour`)
      this.pass(0.5, conditions)
    }
    return this
  }
  /** The reporter is down for so long. The recording does not know of it before the next signal. */
  downtime(seconds: number): this {
    return this.wait(seconds).countDowntime({ downtimeMs: seconds * 1000, clockStepBackMs: 0 })
  }
  /** The wall clock steps back. The recording does not know of it before the next signal. */
  clockStepBack(seconds: number): this {
    return this.wait(-seconds).countDowntime({ downtimeMs: 0, clockStepBackMs: seconds * 1000 })
  }
  /** The reporter is down for so long, and the next pass of its sweep finds that a deadline has passed. */
  resumedAfterDowntime(seconds: number): this {
    return this.downtime(seconds).signal({ type: 'due' })
  }

  // Commands of the business server

  stop(): this {
    return this.signal({ type: 'stop' })
  }
  restart(): this {
    return this.signal({ type: 'restart' })
  }
  pause(): this {
    return this.signal({ type: 'pause' })
  }
  resume(): this {
    return this.signal({ type: 'resume' })
  }

  // Outcomes of effects

  acquired(resourceId = `resource${this.newest.number}`, attempt: number = this.newest.number): this {
    return this.signal({ type: 'acquired', attempt, resourceId })
  }
  started(attempt: number = this.newest.number, sid = `sid${attempt}`): this {
    const resourceId = this.resourceOf(attempt)
    return this.complete('start', attempt).signal({ type: 'started', attempt, sid, resourceId })
  }
  startUnknown(attempt: number = this.newest.number): this {
    const resourceId = this.resourceOf(attempt)
    const message = 'The answer was lost'
    return this.complete('start', attempt).signal({
      type: 'startUnknown',
      attempt,
      resourceId,
      message,
      evidence: {},
    })
  }
  startFailed(failure: StartFailure, attempt: number = this.newest.number): this {
    const message = `Agora did not start it (${failure})`
    return this.complete('start', attempt).signal({
      type: 'startFailed',
      attempt,
      failure,
      message,
      evidence: {},
    })
  }
  /** Agora answers the query that is in flight. */
  answers(answer: Answer, attempt: number = this.newest.number): this {
    const listed = this.listedFiles(attempt)
    return this.complete('query', attempt).signal({
      type: 'queried',
      attempt,
      answer: queryAnswer(answer, listed),
    })
  }
  stopAnswers(outcome: StopOutcome, attempt: number): this {
    return this.complete('stop', attempt).signal({ type: 'stopAnswered', attempt, outcome, evidence: {} })
  }
  /** Agora answers the update that is in flight, which was sent with `onhold`: by default the current pause. */
  updateAnswers(outcome: UpdateOutcome, onhold: boolean = this.recording.paused): this {
    return this.updateAnswered(outcome, { onhold })
  }
  updateAnswered(outcome: UpdateOutcome, sent: SentUpdate): this {
    const attempt = this.newest.number
    return this.complete('update', attempt).signal({
      type: 'updateAnswered',
      attempt,
      sent,
      outcome,
      evidence: {},
    })
  }
  /** The first query, which Agora answers with status 5. */
  confirmed(): this {
    return this.dueAfter(5).answers(5)
  }

  // Reports of the page

  report(type: PageReport['type'], options: ReportOptions = {}): this {
    const { attempt = this.newest.number, page = `page${attempt}`, failing = [], ...rest } = options
    const seq = options.seq ?? (this.seqs.get(page) ?? 0) + 1
    this.seqs.set(page, Math.max(seq, this.seqs.get(page) ?? 0))
    const checks = failing.map((check) => (typeof check === 'string' ? { name: check } : check))
    const report = { ...rest, type, page, seq, failing: checks }
    return this.signal({ type: 'report', attempt, report })
  }
  hello(options?: ReportOptions): this {
    return this.report('hello', options)
  }
  loaded(options?: ReportOptions): this {
    return this.report('loaded', options)
  }
  /** A heartbeat of the current attempt's current document. */
  heartbeat(options?: ReportOptions): this {
    return this.report('heartbeat', { attempt: this.live?.number, page: this.live?.page?.id, ...options })
  }
  /** A heartbeat with failed checks. */
  checksFail(...failing: (string | FailedCheck)[]): this {
    return this.heartbeat({ failing })
  }

  // Notifications of Agora

  notification(eventType: number, options: Partial<TaskNotification> & { attempt?: number } = {}): this {
    const { attempt = this.newest.number, ...notification } = options
    return this.signal({
      type: 'notification',
      attempt,
      notification: { eventType, sid: `sid${attempt}`, files: [], ...notification },
    })
  }

  // Results

  get newest(): Attempt {
    const newest = this.recording.attempts.at(-1)
    if (!newest) throw new Error('There is no attempt')
    return newest
  }
  attempt(number: number): Attempt {
    const attempt = findAttempt(this.recording, number) ?? this.settled.get(number)
    if (!attempt) throw new Error(`There is no attempt ${number}`)
    return attempt
  }
  /** Of a task that records (status 5): Agora lists a playlist a minute after the start. */
  private listedFiles(attempt: number): string[] {
    const { startedAt } = this.attempt(attempt)
    const isListed = startedAt !== null && STARTED_AT + this.now * 1000 - startedAt >= 60_000
    return isListed ? [`a${attempt}/class42.m3u8`] : []
  }
  /** The resource id that the start was sent with: the one that was acquired last. */
  private resourceOf(attempt: number): string {
    return findAttempt(this.recording, attempt)?.resourceId ?? `resource${attempt}`
  }
  get live(): Attempt | undefined {
    return currentAttempt(this.recording)
  }
  get state(): Recording['state'] {
    return this.recording.state
  }
  /** The deadlines, in seconds since the recording was created. */
  get deadlines(): Partial<Record<AttemptDeadlineName | RecordingDeadlineName, number>> {
    const all = { ...this.live?.deadlines, ...this.recording.deadlines }
    return Object.fromEntries(Object.entries(all).map(([name, at]) => [name, (at - STARTED_AT) / 1000]))
  }
  /** The next deadline, in seconds since the recording was created. */
  get due(): number {
    return ((dueAt(this.recording) ?? Number.POSITIVE_INFINITY) - STARTED_AT) / 1000
  }
  /** Why each attempt ended or is being stopped. */
  get reasons(): (string | null)[] {
    const { attempts } = withAttempts(this.recording, [...this.settled.values()])
    return attempts.map(({ endReason }) => endReason?.code ?? null)
  }
  /** The effects of the last signal, as `start 2`. */
  get effectNames(): string[] {
    return this.effects.map(({ kind, attempt }) => `${kind} ${attempt}`)
  }
  /** When such effects were decided on, in seconds since the recording was created. */
  timesOf(kind: Effect['kind'], attempt: number): number[] {
    return this.sent
      .filter((effect) => isKind(effect.kind, kind) && effect.attempt === attempt)
      .map(({ at }) => at)
  }
  /** When the timeline got its first such entry, in seconds since the recording was created. */
  when(code: TimelineCode, attempt?: number): number | undefined {
    return this.timeline.find(
      (entry) => entry.code === code && (attempt === undefined || entry.attempt === attempt),
    )?.at
  }

  private countDowntime(added: { downtimeMs: number; clockStepBackMs: number }): this {
    const { count, downtimeMs, clockStepBackMs } = this.downtimes
    this.downtimes = {
      count: count + 1,
      downtimeMs: downtimeMs + added.downtimeMs,
      clockStepBackMs: clockStepBackMs + added.clockStepBackMs,
      endedAt: STARTED_AT + Math.round(this.now * 1000),
    }
    return this
  }

  /** Throws if a deadline is still due after `due`: the sweep would send it for ever. */
  private checkDue(): void {
    this.signal({ type: 'due' })
    if (this.due <= this.now) throw new Error(`Still due: ${JSON.stringify(this.deadlines)} at ${this.now}`)
  }

  private answerAll({ agora = 5, stops = 'unknown', updates = 'done' }: Conditions): void {
    for (const { kind, attempt } of [...this.inFlight]) {
      if (isKind(kind, 'query')) this.answers(agora, attempt)
      if (kind === 'stop') this.stopAnswers(stops, attempt)
      if (kind === 'update') this.updateAnswers(updates)
    }
  }

  /** Throws if no such effect is in flight: an outcome without one cannot happen. */
  private complete(kind: Effect['kind'], attempt: number): this {
    const index = this.inFlight.findIndex((effect) => isKind(effect.kind, kind) && effect.attempt === attempt)
    if (index < 0) throw new Error(`No ${kind} of attempt ${attempt} is in flight`)
    this.inFlight.splice(index, 1)
    return this
  }
}

/** Whether an effect is of this kind; a routine query is a query, too. */
const isKind = (kind: Effect['kind'], expected: Effect['kind']): boolean =>
  kind === expected || (expected === 'query' && kind === 'routineQuery')

export interface ReportOptions {
  attempt?: number
  page?: string
  seq?: number
  failing?: (string | FailedCheck)[]
  warnings?: FailedCheck[]
  errors?: number
  firstError?: string
}

const queryAnswer = (answer: Answer, files: string[]): QueryAnswer => {
  if (answer === 'notFound') return { kind: 'notFound' }
  if (answer === 'unknown') return { kind: 'unknown', message: 'timeout' }
  if (typeof answer === 'object') return { kind: 'status', status: 5, files, ...answer }
  return { kind: 'status', status: answer, files: answer === 5 ? files : [] }
}

/** A recording that was just created: the start of attempt 1 is in flight. */
export const track = (policy?: PolicyInput): TrackedRecording => new TrackedRecording(policy)

/** A rolling recording: attempt 1 is confirmed, and its page has loaded after 7 s. */
export const rolling = (policy?: PolicyInput): TrackedRecording =>
  track(policy).acquired().started().confirmed().wait(1).hello().wait(1).loaded()

/**
 * Today's order without candidates: the current attempt is stopped when the next one starts, and reaching a limit ends the
 * recording.
 */
const REPLACE = { handOver: 'replace', rollOverAhead: 0 } as const

const withReplace = (policy: PolicyInput = {}): PolicyInput => ({
  ...REPLACE,
  ...policy,
  restart: { final: true, ...policy.restart },
})

export const trackWithReplace = (policy?: PolicyInput): TrackedRecording => track(withReplace(policy))

export const rollingWithReplace = (policy?: PolicyInput): TrackedRecording => rolling(withReplace(policy))
