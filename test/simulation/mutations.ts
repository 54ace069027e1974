import { createQuota } from '@stillrolling/rest-core'
import type { StoreOperations } from '../../packages/reporter/src/store/store.ts'
import { type Decision, decide } from '../../packages/reporter/src/supervisor/decide.ts'
import type { Moment } from '../../packages/reporter/src/supervisor/draft.ts'
import {
  type Attempt,
  liveAttempt,
  type Recording,
} from '../../packages/reporter/src/supervisor/recording.ts'
import type { Signal } from '../../packages/reporter/src/supervisor/signal.ts'
import type { InvariantName } from './invariants.ts'
import { type Kit, ourKit } from './kit.ts'

/** A mistake that supervisors make, and the invariant that it breaks. */
export interface Mutation {
  breaks: InvariantName
  what: string
  kit: Kit
}

/** What is decided on is changed before, or not decided on at all. */
const mishear = (
  mistake: (before: Recording, signal: Signal, moment: Moment) => [Recording, Signal] | 'nothing',
): Kit => ({
  ...ourKit,
  decide: (before, signal, moment) => {
    const heard = mistake(before, signal, moment)
    return heard === 'nothing'
      ? { recording: before, effects: [], timeline: [] }
      : decide(heard[0], heard[1], moment)
  },
})

/** What was decided is changed afterwards. */
const misdecide = (mistake: (decision: Decision, before: Recording, signal: Signal) => Decision): Kit => ({
  ...ourKit,
  decide: (before, signal, moment) => mistake(decide(before, signal, moment), before, signal),
})

const misstore = (mistake: (verbs: StoreOperations) => Partial<StoreOperations>): Kit => ({
  ...ourKit,
  verbs: (verbs) => ({ ...verbs, ...mistake(verbs) }),
})

const ignore = (which: (signal: Signal, before: Recording) => boolean): Kit =>
  mishear((before, signal) => (which(signal, before) ? 'nothing' : [before, signal]))

/** The recording with its attempt of this number changed. */
const withAttempt = (
  recording: Recording,
  number: number,
  change: (attempt: Attempt) => Partial<Attempt>,
): Recording => ({
  ...recording,
  attempts: recording.attempts.map((each) => (each.number === number ? { ...each, ...change(each) } : each)),
})

export const MUTATIONS: readonly Mutation[] = [
  {
    breaks: 'oneCurrent',
    what: 'the attempt before goes on counting',
    kit: misdecide((decision, before) => {
      const live = liveAttempt(before)
      const grown = decision.recording.attempts.length > before.attempts.length
      if (!live || !grown) return decision
      return {
        ...decision,
        recording: withAttempt(decision.recording, live.number, () => ({ state: live.state })),
      }
    }),
  },
  {
    breaks: 'oneStart',
    what: 'a uid is used again',
    kit: misdecide((decision) => ({
      ...decision,
      recording: {
        ...decision.recording,
        attempts: decision.recording.attempts.map((attempt) => ({ ...attempt, uid: '900001' })),
      },
    })),
  },
  {
    breaks: 'oneStart',
    what: 'effects are claimed without a lease',
    kit: misstore((verbs) => ({
      claimEffects: (now, options) => verbs.claimEffects(now, { ...options, leaseMs: 0 }),
    })),
  },
  {
    breaks: 'asked',
    what: 'silence is believed without asking Agora',
    kit: {
      ...ourKit,
      decide: (before, signal, moment) => {
        const decision = decide(before, signal, moment)
        const live = liveAttempt(decision.recording)
        if (signal.type !== 'due' || live?.suspicion !== 'silent') return decision
        const answer = { kind: 'status' as const, status: 5, files: [] }
        return decide(decision.recording, { type: 'queried', attempt: live.number, answer }, moment)
      },
    },
  },
  {
    breaks: 'settled',
    what: 'the resource is not stored before start is sent with it',
    kit: ignore(({ type }) => type === 'acquired'),
  },
  {
    breaks: 'settled',
    what: 'a stop during start is forgotten',
    kit: ignore(({ type }, before) => type === 'stop' && liveAttempt(before)?.sid === null),
  },
  {
    breaks: 'settled',
    what: 'a stop is sent once, whatever Agora answers',
    kit: mishear((before, signal) =>
      signal.type === 'stopAnswered' ? [before, { ...signal, outcome: 'stopped' }] : [before, signal],
    ),
  },
  {
    breaks: 'settled',
    what: 'a 404 to stop is believed after 30 s',
    kit: mishear((before, signal) => {
      if (signal.type !== 'stopAnswered' || signal.outcome !== 'notFound') return [before, signal]
      const early = withAttempt(before, signal.attempt, ({ stop }) => ({
        stop: stop && { ...stop, notFoundSince: stop.notFound < 3 ? stop.notFoundSince : 0 },
      }))
      return [early, signal]
    }),
  },
  {
    breaks: 'settled',
    what: 'an orphan that is heard of is left alone',
    kit: ignore(
      (signal, before) =>
        signal.type === 'notification' && before.attempts[signal.attempt - 1]?.state === 'orphaned',
    ),
  },
  {
    breaks: 'settled',
    what: 'an effect is forgotten when its process dies',
    kit: misstore((verbs) => ({
      claimEffects: async (now, options) => {
        const claimed = await verbs.claimEffects(now, options)
        for (const { id } of claimed) await verbs.completeEffect(id)
        return claimed
      },
    })),
  },
  {
    breaks: 'healthy',
    what: 'the first 404 is believed',
    kit: mishear((before, signal) => {
      if (signal.type !== 'queried' || signal.answer.kind !== 'notFound') return [before, signal]
      const impatient = withAttempt(before, signal.attempt, ({ query }) => ({
        query: { ...query, notFound: 99, notFoundSince: 0 },
      }))
      return [impatient, signal]
    }),
  },
  {
    breaks: 'healthy',
    what: 'deadlines are not shifted after an absence',
    kit: ignore(({ type }) => type === 'resumedAfterDowntime'),
  },
  {
    breaks: 'healthy',
    what: 'a page that mends its check is restarted all the same',
    kit: misdecide((decision, before) => {
      const { healthyBy } = before.deadlines
      if (healthyBy === undefined || decision.recording.attempts.length > before.attempts.length)
        return decision
      const deadlines = { ...decision.recording.deadlines, healthyBy }
      return { ...decision, recording: { ...decision.recording, deadlines } }
    }),
  },
  {
    breaks: 'deaf',
    what: 'pages that are silent together are restarted together',
    kit: {
      ...ourKit,
      decide: (before, signal, moment) => decide(before, signal, { ...moment, ingressSuspect: false }),
    },
  },
  {
    breaks: 'limits',
    what: 'quota and capacity are held against the recording',
    kit: mishear((before, signal) =>
      signal.type === 'startFailed' && signal.failure === 'busy'
        ? [before, { ...signal, failure: 'failed' }]
        : [before, signal],
    ),
  },
  {
    breaks: 'limits',
    what: 'failures are not counted',
    kit: misdecide((decision) => ({
      ...decision,
      recording: { ...decision.recording, failures: [], neverLoaded: 0 },
    })),
  },
  {
    breaks: 'quota',
    what: 'more requests than the App ID has',
    kit: { ...ourKit, quota: (options) => createQuota({ ...options, perSecond: 100 }) },
  },
  {
    breaks: 'superseded',
    what: 'the page of an earlier attempt counts',
    kit: mishear((before, signal) => {
      const live = liveAttempt(before)
      return signal.type === 'report' && live
        ? [before, { ...signal, attempt: live.number }]
        : [before, signal]
    }),
  },
  {
    breaks: 'repeated',
    what: 'reports are taken in whatever order they come',
    kit: mishear((before, signal) => {
      if (signal.type !== 'report') return [before, signal]
      const seq = (before.attempts[signal.attempt - 1]?.page?.seq ?? 0) + 1
      return [before, { ...signal, report: { ...signal.report, seq } }]
    }),
  },
  {
    breaks: 'told',
    what: 'a notification that comes twice is heard twice',
    kit: misstore((verbs) => ({
      rememberNotification: async (key, now) => {
        await verbs.rememberNotification(key, now)
        return true
      },
    })),
  },
  {
    breaks: 'told',
    what: 'the timeline loses a line of each step',
    kit: misdecide((decision) => ({ ...decision, timeline: decision.timeline.slice(1) })),
  },
  {
    breaks: 'prompt',
    what: 'a page that is heard is put off for a minute longer than its deadlines allow',
    kit: misstore((verbs) => ({
      pushBackDueTimes: (postponed) =>
        verbs.pushBackDueTimes(postponed.map((each) => ({ ...each, dueAt: each.dueAt + 60_000 }))),
    })),
  },
  {
    breaks: 'prompt',
    what: 'event 71 waits for a query',
    kit: mishear((before, signal) => {
      const stops = signal.type === 'notification' && signal.notification.eventType === 71
      if (!stops || liveAttempt(before)?.number !== signal.attempt) return [before, signal]
      return [before, { ...signal, notification: { ...signal.notification, eventType: 11, code: 0 } }]
    }),
  },
  {
    breaks: 'prompt',
    what: 'silence is noticed half a minute late',
    kit: misdecide((decision, before) => {
      const { beatBy } = decision.recording.deadlines
      if (beatBy === undefined || beatBy === before.deadlines.beatBy) return decision
      const deadlines = { ...decision.recording.deadlines, beatBy: beatBy + 30_000 }
      return { ...decision, recording: { ...decision.recording, deadlines } }
    }),
  },
  {
    breaks: 'prompt',
    what: 'the next attempt is made five seconds late',
    kit: misdecide((decision, before) => {
      const { retryAt } = decision.recording.deadlines
      if (retryAt === undefined || retryAt === before.deadlines.retryAt) return decision
      const deadlines = { ...decision.recording.deadlines, retryAt: retryAt + 5000 }
      return { ...decision, recording: { ...decision.recording, deadlines } }
    }),
  },
]
