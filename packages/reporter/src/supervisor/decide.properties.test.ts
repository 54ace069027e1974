import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide } from './decide.ts'
import { mergePolicy, type PolicyInput } from './policy.ts'
import { isPostponed, liveAttempt, newRecording, type Recording } from './recording.ts'
import type { Effect, Signal } from './signal.ts'

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
  | { source: 'downtime' }

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
      eventType: fc.constantFrom(11, 12, 31, 40, 70, 71, 72, 73),
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
  { weight: 1, arbitrary: fc.constant({ source: 'downtime' as const }) },
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
  { onGiveUp: 'stop', restart: { maxFailures: 1, maxNeverLoaded: 2 } },
  { restart: { delays: [0], jitter: 0, maxFailures: 50, maxNeverLoaded: 50, stableAfter: 5 } },
  { onStopCode: { 6: 'giveUp', 5: 'restartOnce', 4: 'rollOver' }, unhealthyTimeout: 0, failoverWindow: 0 },
]

/** One decision of a run, and the effects that are in flight after it. */
interface Decision {
  now: number
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
  let inFlight: Effect[] = []
  const decisions: Decision[] = []
  const handle = (signal: Signal, random: number): void => {
    const before = recording
    // The input is frozen: a decision that changed it would throw.
    const { recording: after, effects, timeline } = decide(deepFreeze(before), signal, { now, random })
    inFlight = [...inFlight, ...effects]
    decisions.push({ now, signal, before, after, effects, timeline, inFlight })
    recording = after
  }
  handle({ type: 'created' }, 0)
  for (const { seconds, random, pick, event } of steps) {
    now += Math.round(seconds * 1000)
    if (event.source === 'effect') {
      const waiting = inFlight.filter(({ kind }) => kind === event.kind)
      const effect = waiting[pick % Math.max(1, waiting.length)]
      if (!effect) continue
      inFlight = inFlight.filter((other) => other !== effect)
      handle(outcomeOf(effect, event.outcome), random)
      continue
    }
    handle(signalOf(event, 1 + (pick % recording.attempts.length)), random)
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
    return { type: 'queried', attempt, answer: { kind: 'status', status, files: [`f${status}`], onhold } }
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
  return { type: 'stopAnswered', attempt, outcome: outcomes[outcome % 3] ?? 'unknown', evidence: {} }
}

const signalOf = (event: Exclude<Event, { source: 'effect' }>, attempt: number): Signal => {
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
      return { type: 'notification', attempt, notification: { eventType, sid, code, files: ['a.m3u8'] } }
    }
    case 'command':
      return { type: event.type }
    case 'downtime':
      return { type: 'resumedAfterDowntime', downtimeSeconds: 60 }
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

const isLive = ({ state }: { state: string }): boolean => state === 'starting' || state === 'current'

describe('after any sequence of signals', () => {
  always('at most one attempt is live, and it is the newest', ({ after }) => {
    const live = after.attempts.filter(isLive)
    expect(live.length).toBeLessThanOrEqual(1)
    if (live.length === 1) expect(live[0]).toBe(after.attempts.at(-1))
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
      const made = after.attempts.slice(before.attempts.length).map(({ number }) => number)
      const started = effects.filter(({ kind }) => kind === 'start').map(({ attempt }) => attempt)
      const postponed = isPostponed(before) ? liveAttempt(before)?.number : undefined
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
      const now = after.attempts[attempt.number - 1]
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
      if (kind !== 'start') expect(after.attempts[attempt - 1]?.sid).not.toBeNull()
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
      const attempt = liveAttempt(after)
      expect(attempt).toMatchObject({
        state: 'current',
        page: { loaded: true, failing: [] },
        suspicion: null,
      })
      expect(attempt?.sid).not.toBeNull()
    },
  )

  always('an attempt that has ended or is being stopped has a reason', ({ after }) => {
    for (const { state, endReason, endedAt } of after.attempts) {
      if (!isLive({ state })) expect(endReason).not.toBeNull()
      expect(endedAt === null).toBe(state !== 'ended')
    }
  })

  always('a recording has a reason while it is not well, and none while it is rolling', ({ after }) => {
    if (['unhealthy', 'recovering', 'stopping', 'stopped', 'failed'].includes(after.state)) {
      expect(after.reason).not.toBeNull()
    }
    if (after.state === 'rolling') expect(after.reason).toBeNull()
  })

  always('every change of a state has a timeline entry', ({ before, after, timeline }) => {
    if (after.state !== before.state) expect(timeline).not.toEqual([])
    for (const { number, state } of after.attempts) {
      if (before.attempts[number - 1]?.state !== state) expect(timeline).not.toEqual([])
    }
  })

  always('a recording that is not terminal has a deadline or an effect in flight', ({ after, inFlight }) => {
    if (after.state === 'stopped' || after.state === 'failed') return
    expect(Object.keys(after.deadlines).length + inFlight.length).toBeGreaterThan(0)
    const live = liveAttempt(after)
    if (after.desired === 'stopped' && !live) return
    if (!live) expect(after.deadlines.retryAt).toBeDefined()
    // A live attempt depends on its own effects and deadlines, not on those of former attempts.
    const { stopBy: _, ...own } = after.deadlines
    const awaited = inFlight.some(({ kind, attempt }) => attempt === live?.number && kind !== 'stop')
    expect(Object.keys(own).length > 0 || awaited).toBe(true)
  })

  always(
    'the pause at Agora is as requested, or an update is in flight or scheduled',
    ({ after, inFlight }) => {
      const live = liveAttempt(after)
      if (!live || live.sid === null || live.onhold === after.paused) return
      const sent = inFlight.some(({ kind, attempt }) => kind === 'update' && attempt === live.number)
      expect(sent || typeof live.update?.nextAt === 'number').toBe(true)
    },
  )

  always('a paused recording has no deadline for failed checks', ({ after }) => {
    if (after.paused) expect(after.deadlines.healthyBy).toBeUndefined()
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
    for (const at of Object.values(after.deadlines)) expect(at).toBeGreaterThanOrEqual(now)
    const stuck = decide(after, { type: 'due' }, { now: now + 1, random: 0 })
    for (const at of Object.values(stuck.recording.deadlines)) expect(at).toBeGreaterThan(now)
  })

  always(
    'a decision changes none of its inputs, and gives the same result each time',
    ({ before, signal, now, after }) => {
      const copy = structuredClone(before)
      const again = decide(copy, signal, { now, random: 0.5 })
      expect(copy).toEqual(before)
      expect(decide(before, signal, { now, random: 0.5 })).toEqual(again)
      // The random number affects the length of a delay, and nothing else.
      expect(again.recording.state === 'recovering' || again.recording.state === after.state).toBe(true)
    },
  )

  always('a signal about an attempt that is not live changes nothing about the live one', (decision) => {
    const { before, after, signal } = decision
    const live = liveAttempt(before)
    if (!('attempt' in signal) || !live || signal.attempt === live.number) return
    expect(after.attempts[live.number - 1]).toEqual(live)
    expect({ ...after.deadlines, stopBy: 0 }).toEqual({ ...before.deadlines, stopBy: 0 })
    expect(after.state).toBe(before.state)
  })
})
