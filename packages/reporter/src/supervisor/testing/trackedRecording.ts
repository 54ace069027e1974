import { decide } from '../decide.ts'
import { mergePolicy, type PolicyInput } from '../policy.ts'
import {
  type Attempt,
  type DeadlineName,
  type FailedCheck,
  liveAttempt,
  newRecording,
  type Recording,
} from '../recording.ts'
import type {
  Effect,
  PageReport,
  QueryAnswer,
  Signal,
  StartFailure,
  StopOutcome,
  TaskNotification,
  UpdateOutcome,
} from '../signal.ts'
import type { TimelineCode, TimelineEntry } from '../timeline.ts'

/** An answer of Agora in short: a status, whether it writes (while in progress), or how there was none. */
export type Answer = number | { onhold: boolean } | 'notFound' | 'unknown'

/** What goes on around a recording while time passes. */
export interface World {
  /** What Agora says to every query. 5 (in progress) when absent. */
  agora?: Answer
  /** What the page of the newest attempt does; silent when absent. */
  page?: 'reports' | 'silent'
  /** What Agora says to every stop. */
  stops?: StopOutcome
  /** What Agora says to every update. Done when absent. */
  updates?: UpdateOutcome
}

/** One line of the timeline, in seconds since the story began. */
export interface TimedEntry extends TimelineEntry {
  at: number
}

/** When every story begins, in milliseconds since the epoch: any date will do, it is never compared with today. */
const BEGIN = 1_800_000_000_000
/** In the middle: a delay is what the policy says, without jitter. */
const NO_JITTER = 0.5

/**
 * A recording that things happen to, one after the other. Each step hands a signal to `decide` at the story's
 * own time; `effects` and `told` then say what came of the last one.
 */
export class TrackedRecording {
  recording: Recording
  /** Seconds since the beginning. */
  now = 0
  /** Most pages are silent. */
  ingressSuspect = false
  /** Of the last signal. */
  effects: Effect[] = []
  /** Of the last signal. */
  codes: string[] = []
  /** The whole timeline. */
  timeline: TimedEntry[] = []
  /** Every effect, and when it was wanted. */
  sent: (Effect & { at: number })[] = []
  /** Effects whose outcome has not come back. */
  inFlight: Effect[] = []
  private readonly seqs = new Map<string, number>()

  constructor(policy?: PolicyInput) {
    this.recording = newRecording('class42', mergePolicy(policy), BEGIN, 3)
    this.signal({ type: 'created' })
  }

  signal(signal: Signal): this {
    const moment = {
      now: BEGIN + Math.round(this.now * 1000),
      random: NO_JITTER,
      ingressSuspect: this.ingressSuspect,
    }
    const { recording, effects, timeline } = decide(this.recording, signal, moment)
    this.recording = recording
    this.effects = effects
    this.codes = timeline.map(({ code }) => code)
    this.timeline.push(...timeline.map((entry) => ({ ...entry, at: this.now })))
    this.sent.push(...effects.map((effect) => ({ ...effect, at: this.now })))
    this.inFlight.push(...effects)
    return this
  }

  // The reporter's own clock

  /** Time passes, and nothing happens. */
  wait(seconds: number): this {
    this.now += seconds
    return this
  }
  /** Time passes, and then the sweep looks. */
  dueAfter(seconds: number): this {
    return this.wait(seconds).signal({ type: 'due' })
  }
  /** Time passes; every deadline is judged when it passes, the page and Agora do as the world says. */
  pass(seconds: number, world: World = {}): this {
    const end = this.now + seconds
    const { heartbeatInterval } = this.recording.policy
    let beat = world.page === 'reports' ? this.now + heartbeatInterval : Number.POSITIVE_INFINITY
    this.answerAll(world)
    while (Math.min(beat, this.due) <= end) {
      this.now = Math.max(this.now, Math.min(beat, this.due))
      if (beat <= this.now) {
        beat += heartbeatInterval
        if (this.live?.page) this.heartbeat()
      }
      if (this.due <= this.now) this.checkDue()
      this.answerAll(world)
    }
    this.now = end
    return this
  }
  /** Lets time pass until the timeline says so; within an hour, or the story is wrong. */
  passUntil(code: TimelineCode, world: World = {}): this {
    const told = this.timeline.length
    const isTold = () => this.timeline.slice(told).some((line) => line.code === code)
    for (const end = this.now + 3600; !isTold(); ) {
      if (this.now >= end) throw new Error(`Within an hour nothing told of ${code}`)
      this.pass(0.5, world)
    }
    return this
  }
  resumedAfterDowntime(downtimeSeconds: number): this {
    return this.wait(downtimeSeconds).signal({ type: 'resumedAfterDowntime', downtimeSeconds })
  }

  // What the business server wants

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

  // What comes of effects

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
  /** Agora answers the query that is under way. */
  answers(answer: Answer, attempt: number = this.newest.number): this {
    return this.complete('query', attempt).signal({ type: 'queried', attempt, answer: queryAnswer(answer) })
  }
  stopAnswers(outcome: StopOutcome, attempt: number): this {
    return this.complete('stop', attempt).signal({ type: 'stopAnswered', attempt, outcome, evidence: {} })
  }
  /** Agora answers the update that is under way: it was sent with what is wanted now, unless told otherwise. */
  updateAnswers(outcome: UpdateOutcome, onhold: boolean = this.recording.paused): this {
    const attempt = this.newest.number
    return this.complete('update', attempt).signal({
      type: 'updateAnswered',
      attempt,
      onhold,
      outcome,
      evidence: {},
    })
  }
  /** The first query, and Agora's word that it records. */
  confirmed(): this {
    return this.dueAfter(5).answers(5)
  }

  // What the page says

  report(type: PageReport['type'], options: ReportOptions = {}): this {
    const { attempt = this.newest.number, page = `page${attempt}`, failing = [], warnings } = options
    const seq = options.seq ?? (this.seqs.get(page) ?? 0) + 1
    this.seqs.set(page, Math.max(seq, this.seqs.get(page) ?? 0))
    const checks = failing.map((check) => (typeof check === 'string' ? { name: check } : check))
    const report = { type, page, seq, failing: checks, warnings }
    return this.signal({ type: 'report', attempt, report })
  }
  hello(options?: ReportOptions): this {
    return this.report('hello', options)
  }
  loaded(options?: ReportOptions): this {
    return this.report('loaded', options)
  }
  /** A heartbeat of the page that spoke last. */
  heartbeat(options?: ReportOptions): this {
    return this.report('heartbeat', { page: this.live?.page?.id, ...options })
  }
  /** A heartbeat with failed checks. */
  fails(...failing: (string | FailedCheck)[]): this {
    return this.heartbeat({ failing })
  }

  // What Agora notifies

  notified(eventType: number, options: Partial<TaskNotification> & { attempt?: number } = {}): this {
    const { attempt = this.newest.number, ...notification } = options
    return this.signal({
      type: 'notification',
      attempt,
      notification: { eventType, sid: `sid${attempt}`, files: [], ...notification },
    })
  }

  // What can be seen

  get newest(): Attempt {
    const newest = this.recording.attempts.at(-1)
    if (!newest) throw new Error('There is no attempt')
    return newest
  }
  attempt(number: number): Attempt {
    const attempt = this.recording.attempts[number - 1]
    if (!attempt) throw new Error(`There is no attempt ${number}`)
    return attempt
  }
  /** The resource whose start went through: the one acquired last, unless a test says otherwise. */
  private resourceOf(attempt: number): string {
    return this.recording.attempts[attempt - 1]?.resourceId ?? `resource${attempt}`
  }
  get live(): Attempt | undefined {
    return liveAttempt(this.recording)
  }
  get state(): Recording['state'] {
    return this.recording.state
  }
  /** In seconds since the beginning. */
  get deadlines(): Partial<Record<DeadlineName, number>> {
    const entries = Object.entries(this.recording.deadlines)
    return Object.fromEntries(entries.map(([name, at]) => [name, (at - BEGIN) / 1000]))
  }
  /** When the sweep looks next, in seconds since the beginning. */
  get due(): number {
    return Math.min(...Object.values(this.deadlines))
  }
  /** Why each attempt ended, or is being ended. */
  get reasons(): (string | null)[] {
    return this.recording.attempts.map(({ endReason }) => endReason?.code ?? null)
  }
  /** The effects of the last signal, as `start 2`. */
  get effectNames(): string[] {
    return this.effects.map(({ kind, attempt }) => `${kind} ${attempt}`)
  }
  /** When such an effect was wanted, in seconds since the beginning. */
  timesOf(kind: Effect['kind'], attempt: number): number[] {
    return this.sent
      .filter((effect) => isKind(effect.kind, kind) && effect.attempt === attempt)
      .map(({ at }) => at)
  }
  /** When the timeline first said so, in seconds since the beginning. */
  when(code: TimelineCode, attempt?: number): number | undefined {
    return this.timeline.find(
      (line) => line.code === code && (attempt === undefined || line.attempt === attempt),
    )?.at
  }

  /** A deadline that stays in the past would be judged over and over again. */
  private checkDue(): void {
    this.signal({ type: 'due' })
    if (this.due <= this.now) throw new Error(`Still due: ${JSON.stringify(this.deadlines)} at ${this.now}`)
  }

  private answerAll({ agora = 5, stops = 'unknown', updates = 'done' }: World): void {
    for (const { kind, attempt } of [...this.inFlight]) {
      if (isKind(kind, 'query')) this.answers(agora, attempt)
      if (kind === 'stop') this.stopAnswers(stops, attempt)
      if (kind === 'update') this.updateAnswers(updates)
    }
  }

  /** An outcome belongs to an effect: a story that forgets this would test what cannot happen. */
  private complete(kind: Effect['kind'], attempt: number): this {
    const index = this.inFlight.findIndex((effect) => isKind(effect.kind, kind) && effect.attempt === attempt)
    if (index < 0) throw new Error(`No ${kind} of attempt ${attempt} is under way`)
    this.inFlight.splice(index, 1)
    return this
  }
}

/** A query is one whether it waits for its turn or not. */
const isKind = (kind: Effect['kind'], wanted: Effect['kind']): boolean =>
  kind === wanted || (wanted === 'query' && kind === 'routineQuery')

export interface ReportOptions {
  attempt?: number
  page?: string
  seq?: number
  failing?: (string | FailedCheck)[]
  warnings?: FailedCheck[]
}

const queryAnswer = (answer: Answer): QueryAnswer => {
  if (answer === 'notFound') return { kind: 'notFound' }
  if (answer === 'unknown') return { kind: 'unknown', message: 'time-out' }
  if (typeof answer === 'object') return { kind: 'status', status: 5, files: [], ...answer }
  return { kind: 'status', status: answer, files: [] }
}

/** A recording that was just created: attempt 1 is being started. */
export const track = (policy?: PolicyInput): TrackedRecording => new TrackedRecording(policy)

/** A recording that rolls: attempt 1 confirmed, its page loaded, 7 s after the beginning. */
export const rolling = (policy?: PolicyInput): TrackedRecording =>
  track(policy).acquired().started().confirmed().wait(1).hello().wait(1).loaded()
