import fc from 'fast-check'
import { withAttempts } from '../attempts.ts'
import { decide } from '../decide.ts'
import { mergePolicy, type PolicyInput } from '../policy.ts'
import {
  type Attempt,
  type Downtimes,
  NO_DOWNTIMES,
  newRecording,
  RECORDING_KINDS,
  type Recording,
  type RecordingKind,
  UPLOADING_STATUSES,
} from '../recording.ts'
import type { Effect, Signal } from '../signal.ts'

/**
 * Any sequence of signals, with any time between them: late, repeated, out of order, about any attempt. Only two
 * rules hold: time does not go back, and the outcome of an effect arrives once, after the effect.
 */
export interface Step {
  seconds: number
  random: number
  pick: number
  event: Event
}

type Event =
  | { source: 'effect'; outcome: number; kind: Effect['kind'] }
  | {
      source: 'page'
      type: 'hello' | 'loaded' | 'heartbeat' | 'bye'
      page: number
      seq: number
      failing: boolean
    }
  | { source: 'agora'; eventType: number; code: number | undefined; sid: number }
  | { source: 'clock' }
  | {
      source: 'command'
      type: 'stop' | 'restart' | 'pause' | 'resume' | 'changed' | 'joined'
      policy: number
    }
  | { source: 'downtime'; clockStepBackMs: number }
  | { source: 'ingress'; type: 'canary' | 'replaceSilent' }

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      source: fc.constant('effect' as const),
      outcome: fc.nat(9),
      kind: fc.constantFrom<Effect['kind']>('start', 'query', 'stop', 'update'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      source: fc.constant('page' as const),
      type: fc.constantFrom('hello' as const, 'loaded' as const, 'heartbeat' as const, 'bye' as const),
      page: fc.nat(3),
      seq: fc.integer({ min: 1, max: 6 }),
      failing: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      source: fc.constant('agora' as const),
      eventType: fc.constantFrom(1, 4, 11, 12, 13, 30, 31, 32, 33, 34, 40, 41, 42, 43, 44, 70, 71, 72, 73),
      code: fc.option(fc.nat(7), { nil: undefined }),
      sid: fc.nat(3),
    }),
  },
  { weight: 6, arbitrary: fc.constant({ source: 'clock' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      source: fc.constant('command' as const),
      // A stop ends the run, so it is rare.
      type: fc.constantFrom(
        'stop',
        ...(['restart', 'pause', 'resume', 'changed', 'joined'] as const).flatMap((type) => [type, type]),
      ),
      policy: fc.nat(15),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      source: fc.constant('downtime' as const),
      clockStepBackMs: fc.constantFrom(0, 3_600_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      source: fc.constant('ingress' as const),
      type: fc.constantFrom('canary' as const, 'replaceSilent' as const),
    }),
  },
)

const step: fc.Arbitrary<Step> = fc.record({
  seconds: fc.oneof(
    fc.constant(0),
    fc.integer({ min: 0, max: 40 }),
    fc.double({ min: 0, max: 400, noNaN: true }),
  ),
  random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  pick: fc.nat(1000),
  event,
})

const POLICIES: readonly PolicyInput[] = [
  {},
  { handOver: 'replace', restart: { maxFailures: 1, maxNeverLoaded: 2, final: true } },
  { restart: { maxFailures: 1, maxNeverLoaded: 2, slowDelays: [30, 60] } },
  { restart: { delays: [0], jitter: 0, maxFailures: 50, maxNeverLoaded: 50, stableAfter: 5 } },
  { onNoFiles: 'restart', fileTimeout: 20, queryInterval: 10, restart: { maxNeverLoaded: 2 } },
  { onStopCode: { 6: 'giveUp', 5: 'restartOnce', 4: 'rollOver' }, unhealthyTimeout: 0, failoverWindow: 0 },
  { onIdleExit: 'wait' },
  { onIdleExit: 'end', requireHa: true, restart: { maxFailures: 2, slowDelays: [30], final: true } },
]

/** One decision of a run, and the effects that are in flight after it. */
export interface Decision {
  now: number
  random: number
  downtimes: Downtimes
  signal: Signal
  /** With the attempt that the signal names, even if it has settled. */
  before: Recording
  /** With the attempts that settled by this decision. */
  after: Recording
  /** `before` with all attempts, as if none had ever settled. */
  whole: Recording
  effects: Effect[]
  timeline: { code: string }[]
  inFlight: Effect[]
}

const RUNS = 1000
/** Enough for several attempts: about five signals take one from its start until its page has loaded. */
const MAX_STEPS = 60

/**
 * Checks a rule on many runs, each of a recording of any kind and policy.
 * @param last steps with which each run ends
 */
export const checkRuns = (rule: (decisions: Decision[]) => void, last: readonly Step[] = []): void =>
  fc.assert(
    fc.property(
      fc.constantFrom(...POLICIES),
      fc.array(step, { maxLength: MAX_STEPS }),
      fc.constantFrom(...RECORDING_KINDS),
      (policy, steps, kind) => rule(run(policy, [...steps, ...last], kind)),
    ),
    { numRuns: RUNS },
  )

const run = (policy: PolicyInput, steps: readonly Step[], kind: RecordingKind): Decision[] => {
  const maxIdleTime = kind === 'channel' ? 30 : null
  let recording = newRecording('class42', mergePolicy(policy), 0, 3, { kind, maxIdleTime })
  let now = 1_800_000_000_000
  let downtimes = NO_DOWNTIMES
  let inFlight: Effect[] = []
  const settled = new Map<number, Attempt>()
  const decisions: Decision[] = []
  const handle = (signal: Signal, random: number): void => {
    const named = 'attempt' in signal ? settled.get(signal.attempt) : undefined
    const before = named ? withAttempts(recording, [named]) : recording
    const whole = withAttempts(before, [...settled.values()])
    // The input is frozen: a decision that changed it would throw.
    const decision = decide(deepFreeze(before), signal, { now, random, downtimes })
    const { effects, timeline } = decision
    const after = withAttempts(decision.recording, decision.settled)
    inFlight = [...inFlight, ...effects]
    decisions.push({ now, random, downtimes, signal, before, after, whole, effects, timeline, inFlight })
    recording = decision.recording
    for (const attempt of decision.settled) settled.set(attempt.number, attempt)
  }
  handle({ type: 'created' }, 0)
  for (const { seconds, random, pick, event } of steps) {
    now += Math.round(seconds * 1000)
    if (event.source === 'downtime') {
      now -= event.clockStepBackMs
      downtimes = {
        count: downtimes.count + 1,
        downtimeMs: downtimes.downtimeMs + 60_000,
        clockStepBackMs: downtimes.clockStepBackMs + event.clockStepBackMs,
        endedAt: now,
      }
      continue
    }
    if (event.source === 'effect') {
      const waiting = inFlight.filter(({ kind }) => kind === event.kind)
      const effect = waiting[pick % Math.max(1, waiting.length)]
      if (!effect) continue
      inFlight = inFlight.filter((other) => other !== effect)
      handle(outcomeOf(effect, event.outcome, recording), random)
      continue
    }
    handle(signalOf(event, 1 + (pick % recording.attemptCount)), random)
  }
  return decisions
}

const deepFreeze = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const each of Object.values(value)) deepFreeze(each)
  return Object.freeze(value)
}

const outcomeOf = ({ kind, attempt }: Effect, outcome: number, recording: Recording): Signal => {
  if (kind === 'start') {
    const failures = ['failed', 'busy', 'permanent', 'cancelled'] as const
    const failure = failures[outcome - 6]
    if (failure) return { type: 'startFailed', attempt, failure, message: 'no', evidence: {} }
    if (outcome === 5)
      return { type: 'startUnknown', attempt, resourceId: 'r', message: 'lost', evidence: {} }
    return { type: 'started', attempt, sid: sidOf(attempt), resourceId: 'r' }
  }
  if (kind === 'query') {
    if (outcome === 9) return { type: 'queried', attempt, answer: { kind: 'unknown', message: 'timeout' } }
    if (outcome > 6) return { type: 'queried', attempt, answer: { kind: 'notFound' } }
    const status = [5, 4, 5, 2, 6, 7, 20][outcome] ?? 5
    const onhold = [undefined, true, false][outcome % 3]
    const files = outcome % 2 === 0 ? [] : [`f${status}`]
    return { type: 'queried', attempt, answer: { kind: 'status', status, files, onhold } }
  }
  if (kind === 'update') {
    const outcomes = ['done', 'done', 'refused', 'notFound', 'unknown'] as const
    const { layout, subscription } = recording.revisions
    const change = outcome > 4 ? { layout } : { subscription }
    return {
      type: 'updateAnswered',
      attempt,
      sent: recording.kind === 'page' ? { onhold: outcome > 4 } : change,
      outcome: outcomes[outcome % 5] ?? 'done',
      evidence: {},
    }
  }
  const outcomes = ['stopped', 'notFound', 'unknown'] as const
  const uploadingStatus = UPLOADING_STATUSES[outcome]
  return {
    type: 'stopAnswered',
    attempt,
    outcome: outcomes[outcome % 3] ?? 'unknown',
    evidence: {},
    uploadingStatus,
  }
}

const signalOf = (event: Exclude<Event, { source: 'effect' | 'downtime' }>, attempt: number): Signal => {
  switch (event.source) {
    case 'page': {
      const failing = event.failing ? [{ name: '#board' }] : []
      const { type, seq } = event
      return { type: 'report', attempt, report: { type, page: `page${attempt}.${event.page}`, seq, failing } }
    }
    case 'agora': {
      const { eventType, code } = event
      // An unknown sid is rare, and must not be acted on.
      const sid = event.sid === 0 ? 'unknownSid' : sidOf(attempt)
      const files = eventType === 4 || eventType === 71 ? ['a.m3u8'] : []
      const details = {
        module: 1,
        errorLevel: code,
        status: code,
        progress: (code ?? 0) * 2500,
        leaveCode: code === undefined ? undefined : 1 << code,
        streamUid: `${attempt}`,
        state: code,
      }
      return { type: 'notification', attempt, notification: { eventType, sid, code, ...details, files } }
    }
    case 'command':
      if (event.type === 'changed') return changeOf(event.policy)
      if (event.type === 'joined') return { type: 'joined', uid: '7' }
      return { type: event.type }
    case 'ingress':
      return { type: event.type }
    case 'clock':
      return { type: 'due' }
  }
}

/** A number without a policy changes layout and subscription alone. */
const changeOf = (index: number): Signal => {
  const policy = POLICIES[index]
  const other = policy && { fields: ['policy'], policy: mergePolicy(policy) }
  return { type: 'changed', changes: ['layout', 'subscription'], ...other }
}

const sidOf = (attempt: number): string => `sid${attempt}`
