import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  candidateAttempt,
  currentAttempt,
  findAttempt,
  isSupervised,
  supervisedAttempts,
} from './attempts.ts'
import { decide } from './decide.ts'
import { mergePolicy, type PolicyInput } from './policy.ts'
import {
  type Downtimes,
  dueAt,
  NO_DOWNTIMES,
  newRecording,
  type Recording,
  UPLOADING_STATUSES,
  type UploadStatus,
} from './recording.ts'
import type { Effect, Signal } from './signal.ts'
import { uploadStatusOf } from './uploads.ts'

/**
 * Any sequence of signals, with any time between them: late, repeated, out of order, about any attempt. Only two
 * rules hold: time does not go back, and the outcome of an effect arrives once, after the effect.
 */
interface Step {
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
  | { source: 'command'; type: 'stop' | 'restart' | 'pause' | 'resume' }
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
      eventType: fc.constantFrom(1, 4, 11, 12, 30, 31, 32, 33, 34, 40, 70, 71, 72, 73),
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
      type: fc.constantFrom('stop', 'restart', 'restart', 'pause', 'pause', 'resume', 'resume'),
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

const policies: PolicyInput[] = [
  {},
  { handOver: 'replace', restart: { maxFailures: 1, maxNeverLoaded: 2, final: true } },
  { restart: { maxFailures: 1, maxNeverLoaded: 2, slowDelays: [30, 60] } },
  { restart: { delays: [0], jitter: 0, maxFailures: 50, maxNeverLoaded: 50, stableAfter: 5 } },
  { onNoFiles: 'restart', fileTimeout: 20, queryInterval: 10, restart: { maxNeverLoaded: 2 } },
  { onStopCode: { 6: 'giveUp', 5: 'restartOnce', 4: 'rollOver' }, unhealthyTimeout: 0, failoverWindow: 0 },
]

/** One decision of a run, and the effects that are in flight after it. */
interface Decision {
  now: number
  downtimes: Downtimes
  signal: Signal
  before: Recording
  after: Recording
  effects: Effect[]
  timeline: { code: string }[]
  inFlight: Effect[]
}

const run = (policy: PolicyInput, steps: Step[]): Decision[] => {
  let recording = newRecording('class42', mergePolicy(policy), 0, 3)
  let now = 1_800_000_000_000
  let downtimes = NO_DOWNTIMES
  let inFlight: Effect[] = []
  const decisions: Decision[] = []
  const handle = (signal: Signal, random: number): void => {
    const before = recording
    // The input is frozen: a decision that changed it would throw.
    const {
      recording: after,
      effects,
      timeline,
    } = decide(deepFreeze(before), signal, {
      ...{ now, random, downtimes },
    })
    inFlight = [...inFlight, ...effects]
    decisions.push({ now, downtimes, signal, before, after, effects, timeline, inFlight })
    recording = after
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
      handle(outcomeOf(effect, event.outcome), random)
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

const outcomeOf = ({ kind, attempt }: Effect, outcome: number): Signal => {
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
    const onhold = outcome > 4
    return {
      type: 'updateAnswered',
      attempt,
      onhold,
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
      const details = { module: 1, errorLevel: code, status: code, progress: (code ?? 0) * 2500 }
      return { type: 'notification', attempt, notification: { eventType, sid, code, ...details, files } }
    }
    case 'command':
    case 'ingress':
      return { type: event.type }
    case 'clock':
      return { type: 'due' }
  }
}

const sidOf = (attempt: number): string => `sid${attempt}`

/** Checks the rule after every decision of a thousand runs. */
const always = (name: string, rule: (decision: Decision) => void): void => {
  test(name, () => {
    fc.assert(
      fc.property(fc.constantFrom(...policies), fc.array(step, { maxLength: 60 }), (policy, steps) => {
        for (const decision of run(policy, steps)) rule(decision)
      }),
      { numRuns: 1000 },
    )
  })
}

describe('after any sequence of signals', () => {
  always('at most one attempt is current, and at most one a candidate beside it', ({ after }) => {
    const states = after.attempts.map(({ state }) => state)
    const current = states.filter((state) => state === 'starting' || state === 'current').length
    const candidates = states.filter((state) => state === 'candidate').length
    expect(current).toBeLessThanOrEqual(1)
    expect(candidates).toBeLessThanOrEqual(current)
  })

  always(
    'a task that Agora records is stopped only if another one has loaded, or on request',
    ({ before, after, signal }) => {
      const current = currentAttempt(before)
      const isKept = before.policy.handOver === 'overlap' && before.desired === 'running'
      if (!isKept || current?.sid == null || signal.type === 'stop' || signal.type === 'restart') return
      const now = findAttempt(after, current.number)
      if (now?.state !== 'superseded') return
      // Agora's own answers and notifications may say that it has ended, or that it will never write again.
      const isHard = ['lost_at_agora', 'stopped_by_agora', 'resume_failed', 'stopped'].includes(
        now.endReason?.code ?? '',
      )
      expect(isHard || currentAttempt(after)?.page?.loaded === true).toBe(true)
    },
  )

  always('a recording is not failed unless a policy or a refusal says so', ({ after, signal }) => {
    if (after.state !== 'failed' || after.policy.restart.final) return
    const isRefused = signal.type === 'startFailed' || after.gaveUp?.code === 'start_failed'
    const isPolicy = Object.values(after.policy.onStopCode).some((action) => action !== 'restart')
    expect(isRefused || isPolicy).toBe(true)
  })

  always('no uid is used twice', ({ after }) => {
    const uids = after.attempts.map(({ uid }) => uid)
    expect(new Set(uids).size).toBe(uids.length)
    expect(uids).toEqual(uids.map((_, index) => String(after.uidBase + index + 1)))
  })

  always(
    'an attempt is started when it is created, and again only if its start was postponed',
    (decision) => {
      const { before, after, effects } = decision
      const made = after.attempts.flatMap(({ number }) => (number > before.attemptCount ? [number] : []))
      const started = effects.filter(({ kind }) => kind === 'start').map(({ attempt }) => attempt)
      const postponed = supervisedAttempts(before).find((attempt) => attempt.postponed)?.number
      expect(started.filter((number) => number !== postponed)).toEqual(made)
    },
  )

  always('a recording that is to be stopped starts nothing', ({ before, after, effects }) => {
    if (before.desired === 'stopped') expect(after.desired).toBe('stopped')
    if (after.desired === 'running') return
    expect(effects.filter(({ kind }) => kind === 'start')).toEqual([])
    expect(after.attempts.filter(({ state }) => state === 'current')).toEqual([])
    expect(['stopping', 'stopped']).toContain(after.state)
  })

  always('a known sid never changes, and an ended attempt stays ended', ({ before, after }) => {
    for (const attempt of before.attempts) {
      const now = findAttempt(after, attempt.number)
      // It has ended, and another start of the attempt may have gone through.
      if (attempt.sid !== null && now?.earlierSids.at(-1) === attempt.sid) {
        expect(now.state).toBe(now.sid === null ? 'orphaned' : 'superseded')
        continue
      }
      if (attempt.sid !== null) expect(now?.sid).toBe(attempt.sid)
      // Only an attempt that was believed not to have started can turn out to run.
      if (attempt.state === 'ended' && attempt.sid !== null) expect(now?.state).toBe('ended')
    }
  })

  always('queries, stops and updates are sent only for an attempt with a sid', ({ after, effects }) => {
    for (const { kind, attempt } of effects) {
      if (kind !== 'start') expect(findAttempt(after, attempt)?.sid).not.toBeNull()
    }
  })

  always('at most one start, query, stop and update of an attempt is in flight', ({ inFlight }) => {
    const keys = inFlight.map(({ kind, attempt }) => `${kind} ${attempt}`)
    expect(new Set(keys).size).toBe(keys.length)
  })

  always(
    'a rolling recording has a current attempt with a sid and a loaded page that passes all checks',
    ({ after }) => {
      expect(after.rollingSince !== null).toBe(after.state === 'rolling')
      if (after.state !== 'rolling') return
      const attempt = currentAttempt(after)
      expect(attempt).toMatchObject({
        state: 'current',
        page: { loaded: true, failing: [] },
        suspicion: null,
      })
      expect(attempt?.sid).not.toBeNull()
    },
  )

  always('an attempt that has ended or is being stopped has a reason', ({ after }) => {
    const supervised = supervisedAttempts(after).map(({ number }) => number)
    for (const { number, state, endReason, endedAt } of after.attempts) {
      if (!supervised.includes(number)) expect(endReason).not.toBeNull()
      expect(endedAt === null).toBe(state !== 'ended')
    }
  })

  always('a recording has a reason while it is not well, and none while it is rolling', ({ after }) => {
    if (['unhealthy', 'recovering', 'stopping', 'stopped', 'failed'].includes(after.state)) {
      expect(after.reason).not.toBeNull()
    }
    if (after.state === 'rolling') expect(after.reason).toBeNull()
  })

  always(
    'attention names the attempts without files, with failing uploads, or in the backup',
    ({ after }) => {
      const named = (code: string): number[] =>
        (after.attention.find((each) => each.code === code)?.attempts ?? []).toSorted((a, b) => a - b)
      const numbersOf = (...statuses: UploadStatus[]): number[] =>
        after.attempts
          .filter((attempt) => statuses.includes(uploadStatusOf(attempt)))
          .map(({ number }) => number)
      const withoutFiles = after.attempts.filter(({ noFiles }) => noFiles === 'confirmed')
      expect(named('no_files')).toEqual(withoutFiles.map(({ number }) => number))
      expect(named('upload_failing')).toEqual(numbersOf('failing', 'failed'))
      expect(named('uploads_backuped')).toEqual(numbersOf('backed_up'))
    },
  )

  always('a recording that makes no further attempt does not retry slowly', ({ after }) => {
    const isOver = after.desired === 'stopped' || after.gaveUp !== null
    if (isOver) expect(after.attention.map(({ code }) => code)).not.toContain('slow_retries')
  })

  always('every change of a state has a timeline entry', ({ before, after, timeline }) => {
    if (after.state !== before.state) expect(timeline).not.toEqual([])
    for (const { number, state } of after.attempts) {
      if (findAttempt(before, number)?.state !== state) expect(timeline).not.toEqual([])
    }
  })

  always('a recording that is not terminal has a deadline or an effect in flight', ({ after, inFlight }) => {
    if (after.state === 'stopped' || after.state === 'failed') return
    expect(dueAt(after) !== undefined || inFlight.length > 0).toBe(true)
    if (after.desired === 'stopped') return
    if (!currentAttempt(after)) expect(after.deadlines.retryAt).toBeDefined()
    // An attempt depends on its own effects and deadlines, not on those of other attempts.
    for (const { number, deadlines, postponed } of supervisedAttempts(after)) {
      const awaited = inFlight.some(({ kind, attempt }) => attempt === number && kind !== 'stop')
      const isDue = postponed ? after.deadlines.retryAt !== undefined : Object.keys(deadlines).length > 0
      expect(isDue || awaited).toBe(true)
    }
  })

  always(
    'the pause at Agora is as requested, or an update is in flight or scheduled',
    ({ after, inFlight }) => {
      for (const { number, sid, onhold, update } of supervisedAttempts(after)) {
        if (sid === null || onhold === after.paused || after.desired === 'stopped') continue
        const sent = inFlight.some(({ kind, attempt }) => kind === 'update' && attempt === number)
        expect(sent || typeof update?.nextAt === 'number').toBe(true)
      }
    },
  )

  always('a paused recording has no deadline for failed checks', ({ after }) => {
    if (!after.paused) return
    for (const { deadlines } of after.attempts) expect(deadlines.healthyBy).toBeUndefined()
  })

  always('a superseded attempt has a stop in flight or scheduled', ({ after, inFlight }) => {
    for (const { number, state, stop } of after.attempts) {
      if (state !== 'superseded') continue
      const sent = inFlight.some(({ kind, attempt }) => kind === 'stop' && attempt === number)
      expect(sent || typeof stop?.nextAt === 'number').toBe(true)
    }
  })

  always('a due signal leaves no deadline in the past', ({ signal, after, now }) => {
    if (signal.type !== 'due') return
    expect(dueAt(after) ?? now).toBeGreaterThanOrEqual(now)
    const next = decide(after, { type: 'due' }, { now: now + 1, random: 0 })
    expect(dueAt(next.recording) ?? now + 1).toBeGreaterThan(now)
  })

  always(
    'a decision changes none of its inputs, and gives the same result each time',
    ({ before, signal, now, downtimes, after }) => {
      const copy = structuredClone(before)
      const again = decide(copy, signal, { now, random: 0.5, downtimes })
      expect(copy).toEqual(before)
      expect(decide(before, signal, { now, random: 0.5, downtimes })).toEqual(again)
      // The random number affects the length of a delay, and nothing else.
      expect(again.recording.state === 'recovering' || again.recording.state === after.state).toBe(true)
    },
  )

  always('a signal about an attempt that is not supervised changes nothing about the others', (decision) => {
    const { before, after, signal } = decision
    if (!('attempt' in signal) || isSupervised(before, signal.attempt)) return
    if (supervisedAttempts(before).some(({ number }) => number === signal.attempt)) return
    // A downtime changes the deadlines of all of them.
    if (before.appliedDowntimes.count < after.appliedDowntimes.count) return
    for (const attempt of supervisedAttempts(before)) {
      expect(findAttempt(after, attempt.number)).toEqual(attempt)
    }
    expect({ ...after.deadlines, stopBy: 0 }).toEqual({ ...before.deadlines, stopBy: 0 })
    if (currentAttempt(before)) expect(after.state).toBe(before.state)
    expect(candidateAttempt(after)?.number).toBe(candidateAttempt(before)?.number)
  })
})
