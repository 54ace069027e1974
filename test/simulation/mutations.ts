import { createQuota } from '@stillrolling/rest-core'
import type { StoreOperations } from '../../packages/reporter/src/store/store.ts'
import { currentAttempt, findAttempt, isSupervised } from '../../packages/reporter/src/supervisor/attempts.ts'
import { type Decision, decide } from '../../packages/reporter/src/supervisor/decide.ts'
import type { Moment } from '../../packages/reporter/src/supervisor/draft.ts'
import type {
  Attempt,
  AttemptDeadlines,
  Recording,
} from '../../packages/reporter/src/supervisor/recording.ts'
import type { QueryAnswer, Signal } from '../../packages/reporter/src/supervisor/signal.ts'
import type { InvariantName } from './invariants/index.ts'
import { type Kit, REAL_KIT } from './kit.ts'

/** A mistake that a reporter could make, and the invariant that catches it. */
export interface Mutation {
  breaks: InvariantName
  what: string
  kit: Kit
}

/** Changes what is decided on, or skips the decision. */
const alterInput = (
  mistake: (before: Recording, signal: Signal, moment: Moment) => [Recording, Signal] | 'skip',
): Kit => ({
  ...REAL_KIT,
  decide: (before, signal, moment) => {
    const altered = mistake(before, signal, moment)
    return altered === 'skip'
      ? { recording: before, settled: [], effects: [], timeline: [] }
      : decide(altered[0], altered[1], moment)
  },
})

/** Changes what was decided. */
const alterDecision = (
  mistake: (decision: Decision, before: Recording, signal: Signal) => Decision,
): Kit => ({
  ...REAL_KIT,
  decide: (before, signal, moment) => mistake(decide(before, signal, moment), before, signal),
})

const alterStore = (mistake: (operations: StoreOperations) => Partial<StoreOperations>): Kit => ({
  ...REAL_KIT,
  operations: (operations) => ({ ...operations, ...mistake(operations) }),
})

/** Decides by another restart policy, which is not stored. */
const withRestartPolicy = (change: Partial<Recording['policy']['restart']>): Kit => ({
  ...REAL_KIT,
  decide: (before, signal, moment) => {
    const { policy } = before
    const altered = { ...before, policy: { ...policy, restart: { ...policy.restart, ...change } } }
    const decision = decide(altered, signal, moment)
    return { ...decision, recording: { ...decision.recording, policy } }
  },
})

/** Skips the decision on some signals. */
const ignoreSignals = (which: (signal: Signal, before: Recording) => boolean): Kit =>
  alterInput((before, signal) => (which(signal, before) ? 'skip' : [before, signal]))

/** The recording with one of its attempts changed. */
const withAttempt = (
  recording: Recording,
  number: number,
  change: (attempt: Attempt) => Partial<Attempt>,
): Recording => ({
  ...recording,
  attempts: recording.attempts.map((each) => (each.number === number ? { ...each, ...change(each) } : each)),
})

/** Changes the deadlines of the current attempt after each decision. */
const alterDeadlines = (
  mistake: (
    deadlines: AttemptDeadlines,
    earlier: AttemptDeadlines | undefined,
    moment: Moment,
  ) => AttemptDeadlines,
): Kit => ({
  ...REAL_KIT,
  decide: (before, signal, moment) => {
    const decision = decide(before, signal, moment)
    const current = currentAttempt(decision.recording)
    if (!current) return decision
    const earlier = findAttempt(before, current.number)?.deadlines
    const change = ({ deadlines }: Attempt) => ({ deadlines: mistake(deadlines, earlier, moment) })
    return { ...decision, recording: withAttempt(decision.recording, current.number, change) }
  },
})

const isUnsettled = (answer: QueryAnswer): answer is Extract<QueryAnswer, { kind: 'status' }> =>
  answer.kind === 'status' && [1, 3, 6].includes(answer.status)

export const MUTATIONS: readonly Mutation[] = [
  {
    breaks: 'oneCurrentAttempt',
    what: 'the previous attempt stays current',
    kit: alterDecision((decision, before) => {
      const former = currentAttempt(before)
      const current = currentAttempt(decision.recording)
      if (!former || !current || former.number === current.number) return decision
      return {
        ...decision,
        recording: withAttempt(decision.recording, former.number, () => ({ state: former.state })),
      }
    }),
  },
  {
    breaks: 'oneCurrentAttempt',
    what: 'the current attempt is stopped when its candidate starts',
    kit: alterDecision((decision) => {
      const isStarted = decision.timeline.some(({ code }) => code === 'candidate.started')
      const current = currentAttempt(decision.recording)
      if (!isStarted || !current) return decision
      return { ...decision, effects: [...decision.effects, { kind: 'stop', attempt: current.number }] }
    }),
  },
  {
    breaks: 'oneCurrentAttempt',
    what: 'a candidate takes over when its page says hello',
    kit: alterInput((before, signal) =>
      signal.type === 'report' && findAttempt(before, signal.attempt)?.state === 'candidate'
        ? [before, { ...signal, report: { ...signal.report, type: 'loaded' } }]
        : [before, signal],
    ),
  },
  {
    breaks: 'oneCurrentAttempt',
    what: 'pages that must not be open twice are',
    kit: {
      ...REAL_KIT,
      decide: (before, signal, moment) => {
        const { policy } = before
        const decision = decide({ ...before, policy: { ...policy, handOver: 'overlap' } }, signal, moment)
        return { ...decision, recording: { ...decision.recording, policy } }
      },
    },
  },
  {
    breaks: 'uniqueStart',
    what: 'all attempts share one uid',
    kit: alterDecision((decision) => ({
      ...decision,
      recording: {
        ...decision.recording,
        attempts: decision.recording.attempts.map((attempt) => ({ ...attempt, uid: '900001' })),
      },
    })),
  },
  {
    breaks: 'confirmedSilence',
    what: 'a silent page ends its attempt without a query',
    kit: {
      ...REAL_KIT,
      decide: (before, signal, moment) => {
        const decision = decide(before, signal, moment)
        const current = currentAttempt(decision.recording)
        if (signal.type !== 'due' || current?.suspicion !== 'silent') return decision
        const answer = { kind: 'status' as const, status: 5, files: [] }
        return decide(decision.recording, { type: 'queried', attempt: current.number, answer }, moment)
      },
    },
  },
  {
    breaks: 'converges',
    what: 'the resource is not stored before start is sent with it',
    kit: ignoreSignals(({ type }) => type === 'acquired'),
  },
  {
    breaks: 'converges',
    what: 'a stop command during a start is ignored',
    kit: ignoreSignals(({ type }, before) => type === 'stop' && currentAttempt(before)?.sid === null),
  },
  {
    breaks: 'converges',
    what: 'every answer to a stop counts as success',
    kit: alterInput((before, signal) =>
      signal.type === 'stopAnswered' ? [before, { ...signal, outcome: 'stopped' }] : [before, signal],
    ),
  },
  {
    breaks: 'converges',
    what: 'a 404 to a stop is believed before the failover window is over',
    kit: alterInput((before, signal) => {
      if (signal.type !== 'stopAnswered' || signal.outcome !== 'notFound') return [before, signal]
      const early = withAttempt(before, signal.attempt, ({ stop }) => ({
        stop: stop && { ...stop, notFoundSince: stop.notFound < 3 ? stop.notFoundSince : 0 },
      }))
      return [early, signal]
    }),
  },
  {
    breaks: 'converges',
    what: 'an orphan whose sid becomes known is not stopped',
    kit: ignoreSignals(
      (signal, before) =>
        signal.type === 'notification' && findAttempt(before, signal.attempt)?.state === 'orphaned',
    ),
  },
  {
    breaks: 'converges',
    what: 'the former attempt is not stopped when the candidate takes over',
    kit: alterDecision((decision) => {
      const isPromoted = decision.timeline.some(({ code }) => code === 'candidate.promoted')
      const effects = decision.effects.filter(({ kind }) => kind !== 'stop')
      return isPromoted ? { ...decision, effects } : decision
    }),
  },
  {
    breaks: 'neverAbandoned',
    what: 'an effect is lost when its process dies',
    kit: alterStore((operations) => ({
      claimEffects: async (now, options) => {
        const claimed = await operations.claimEffects(now, options)
        for (const { id } of claimed) await operations.completeEffect(id)
        return claimed
      },
    })),
  },
  {
    breaks: 'healthyKept',
    what: 'the first 404 is believed',
    kit: alterInput((before, signal) => {
      if (signal.type !== 'queried' || signal.answer.kind !== 'notFound') return [before, signal]
      const impatient = withAttempt(before, signal.attempt, ({ query }) => ({
        query: { ...query, notFound: 99, notFoundSince: 0 },
      }))
      return [impatient, signal]
    }),
  },
  {
    breaks: 'healthyKept',
    what: 'a status that is neither recording nor ended counts as an end',
    kit: alterInput((before, signal) => {
      if (signal.type !== 'queried' || !isUnsettled(signal.answer)) return [before, signal]
      return [before, { ...signal, answer: { ...signal.answer, status: 20 } }]
    }),
  },
  {
    breaks: 'healthyKept',
    what: 'one lost heartbeat makes a page suspect',
    kit: alterDeadlines((deadlines, earlier, { now }) => {
      const { beatBy } = deadlines
      const isNew = beatBy !== undefined && beatBy !== earlier?.beatBy
      return isNew ? { ...deadlines, beatBy: Math.min(beatBy, now + 13_000) } : deadlines
    }),
  },
  {
    breaks: 'healthyKept',
    what: 'deadlines are not extended after a downtime',
    kit: {
      ...REAL_KIT,
      decide: (before, signal, { downtimes: _, ...moment }) => decide(before, signal, moment),
    },
  },
  {
    breaks: 'healthyKept',
    what: 'a page whose check passes again is restarted all the same',
    kit: alterDeadlines((deadlines, { healthyBy } = {}, { now }) =>
      healthyBy === undefined || healthyBy <= now ? deadlines : { ...deadlines, healthyBy },
    ),
  },
  {
    breaks: 'healthyKept',
    what: 'a candidate is not dropped when the page before it is healthy again',
    kit: {
      ...REAL_KIT,
      decide: (before, signal, moment) => {
        const { replacing } = before
        const isHealthy = signal.type === 'report' && signal.report.failing.length === 0
        if (!isHealthy || !replacing) return decide(before, signal, moment)
        // The reports of a healthy page do not end a roll-over.
        const rollOver = { ...replacing, code: 'max_recording_hour' as const }
        const decision = decide({ ...before, replacing: rollOver }, signal, moment)
        if (!decision.recording.replacing) return decision
        const { state, reason, rollingSince } = before
        return {
          ...decision,
          timeline: decision.timeline.filter(({ code }) => code !== 'recording.rolling'),
          recording: { ...decision.recording, replacing, state, reason, rollingSince },
        }
      },
    },
  },
  {
    breaks: 'nothingLost',
    what: 'stored times are not moved when the clock steps back',
    kit: {
      ...REAL_KIT,
      decide: (before, signal, { downtimes, ...moment }) =>
        decide(before, signal, {
          ...moment,
          ...(downtimes && { downtimes: { ...downtimes, clockStepBackMs: 0 } }),
        }),
    },
  },
  {
    breaks: 'nothingLost',
    what: 'the roll-over is not planned',
    kit: alterDecision((decision) => {
      const { rollOverAt, ...deadlines } = decision.recording.deadlines
      return { ...decision, recording: { ...decision.recording, deadlines } }
    }),
  },
  {
    breaks: 'nothingLost',
    what: 'the roll-over is given up when its candidate is silent',
    kit: alterDecision((decision, before) => {
      const silent = decision.recording.attempts.find(
        ({ state, candidateFor, startedAt, page }) =>
          state === 'candidate' &&
          candidateFor?.code === 'max_recording_hour' &&
          page === null &&
          startedAt !== null,
      )
      if (!silent || findAttempt(before, silent.number)?.confirmedAt == null) return decision
      return {
        ...decision,
        recording: withAttempt(decision.recording, silent.number, () => ({
          state: 'superseded',
          endReason: silent.candidateFor,
          deadlines: {},
          stop: { notFound: 0, notFoundSince: null, unknown: 0, nextAt: null },
        })),
        effects: [...decision.effects, { kind: 'stop', attempt: silent.number }],
        timeline: [
          ...decision.timeline,
          {
            code: 'candidate.dropped',
            attempt: silent.number,
            message: '',
            evidence: { code: 'candidate_dropped' },
          },
        ],
      }
    }),
  },
  {
    breaks: 'neverAbandoned',
    what: 'the limits end every recording',
    kit: withRestartPolicy({ final: true }),
  },
  {
    breaks: 'neverAbandoned',
    what: 'an account that Agora refuses ends the recording',
    kit: alterInput((before, signal) =>
      signal.type === 'startFailed' && signal.trouble === 'account'
        ? [before, { ...signal, failure: 'permanent' }]
        : [before, signal],
    ),
  },
  {
    breaks: 'neverAbandoned',
    what: 'an answer of a proxy ends the recording',
    kit: alterInput((before, signal) =>
      signal.type === 'startFailed' && signal.trouble === 'way'
        ? [before, { ...signal, failure: 'permanent' }]
        : [before, signal],
    ),
  },
  {
    breaks: 'neverAbandoned',
    what: 'a page whose server is down ends the recording',
    kit: {
      ...REAL_KIT,
      decide: (before, signal, moment) => {
        const { policy } = before
        if (policy.restart.final) return decide(before, signal, moment)
        const onStopCode = { ...policy.onStopCode, 5: 'giveUp' as const }
        const decision = decide({ ...before, policy: { ...policy, onStopCode } }, signal, moment)
        return { ...decision, recording: { ...decision.recording, policy } }
      },
    },
  },
  {
    breaks: 'ingressOutage',
    what: 'an ingress outage is not suspected',
    kit: {
      ...REAL_KIT,
      decide: (before, signal, moment) => decide(before, signal, { ...moment, ingressSuspect: false }),
    },
  },
  {
    breaks: 'restartLimits',
    what: 'starts refused for lack of quota or capacity count as failures',
    kit: alterInput((before, signal) =>
      signal.type === 'startFailed' && signal.failure === 'busy'
        ? [before, { ...signal, failure: 'failed' }]
        : [before, signal],
    ),
  },
  {
    breaks: 'restartLimits',
    what: 'the retries never become slow',
    kit: withRestartPolicy({ slowDelays: [0.1] }),
  },
  {
    breaks: 'restartLimits',
    what: 'failures are not counted',
    kit: alterDecision((decision) => ({
      ...decision,
      recording: { ...decision.recording, failures: [], neverLoaded: 0 },
    })),
  },
  {
    breaks: 'quota',
    what: 'the client may send more requests than the App ID',
    kit: { ...REAL_KIT, quota: (options) => createQuota({ ...options, perSecond: 100 }) },
  },
  {
    breaks: 'supersededIgnored',
    what: 'reports of a superseded attempt count for the current one',
    kit: alterInput((before, signal) => {
      const current = currentAttempt(before)
      return signal.type === 'report' && current && !isSupervised(before, signal.attempt)
        ? [before, { ...signal, attempt: current.number }]
        : [before, signal]
    }),
  },
  {
    breaks: 'idempotentSignals',
    what: 'reports are accepted in any order',
    kit: alterInput((before, signal) => {
      if (signal.type !== 'report') return [before, signal]
      const seq = (findAttempt(before, signal.attempt)?.page?.seq ?? 0) + 1
      return [before, { ...signal, report: { ...signal.report, seq } }]
    }),
  },
  {
    breaks: 'timelineComplete',
    what: 'a notification that arrives twice is handled twice',
    kit: alterStore((operations) => ({
      rememberNotification: async (key, now) => {
        await operations.rememberNotification(key, now)
        return true
      },
    })),
  },
  {
    breaks: 'timelineComplete',
    what: 'each decision loses its first timeline entry',
    kit: alterDecision((decision) => ({ ...decision, timeline: decision.timeline.slice(1) })),
  },
  {
    breaks: 'storesAgree',
    what: 'the SQL store forgets how many slow retries there were',
    kit: {
      ...REAL_KIT,
      sqlOperations: (operations) => ({
        ...operations,
        saveRecording: (stored, recording, now) =>
          operations.saveRecording(stored, { ...recording, slowRetries: 0, neverLoaded: 0 }, now),
      }),
    },
  },
  {
    breaks: 'storesAgree',
    what: 'the SQL store does not complete effects',
    kit: { ...REAL_KIT, sqlOperations: (operations) => ({ ...operations, completeEffect: async () => {} }) },
  },
  {
    breaks: 'converges',
    what: 'retention forgets orphans that may still run',
    kit: alterStore((operations) => ({
      prune: (cutoffs, limit) => operations.prune({ ...cutoffs, now: Number.MAX_SAFE_INTEGER }, limit),
    })),
  },
  {
    breaks: 'promptRecovery',
    what: 'due times are pushed back a minute too far',
    kit: alterStore((operations) => ({
      pushBackDueTimes: (rows) =>
        operations.pushBackDueTimes(rows.map((row) => ({ ...row, dueAt: row.dueAt + 60_000 }))),
    })),
  },
  {
    breaks: 'promptRecovery',
    what: 'a status that is neither recording nor ended is waited for without end',
    kit: alterInput((before, signal) => {
      if (signal.type !== 'queried' || !isUnsettled(signal.answer)) return [before, signal]
      const patient = withAttempt(before, signal.attempt, ({ query }) => ({
        query: { ...query, unsettledSince: null },
      }))
      return [patient, signal]
    }),
  },
  {
    breaks: 'promptRecovery',
    what: 'event 71 ends nothing until a query',
    kit: alterInput((before, signal) => {
      const stops = signal.type === 'notification' && signal.notification.eventType === 71
      if (!stops || currentAttempt(before)?.number !== signal.attempt) return [before, signal]
      return [before, { ...signal, notification: { ...signal.notification, eventType: 11, code: 0 } }]
    }),
  },
  {
    breaks: 'promptRecovery',
    what: 'heartbeatTimeout is half a minute too long',
    kit: alterDeadlines((deadlines, earlier) => {
      const { beatBy } = deadlines
      return beatBy === undefined || beatBy === earlier?.beatBy
        ? deadlines
        : { ...deadlines, beatBy: beatBy + 30_000 }
    }),
  },
  {
    breaks: 'promptRecovery',
    what: 'the next attempt is made five seconds late',
    kit: alterDecision((decision, before) => {
      const { retryAt } = decision.recording.deadlines
      if (retryAt === undefined || retryAt === before.deadlines.retryAt) return decision
      const deadlines = { ...decision.recording.deadlines, retryAt: retryAt + 5000 }
      return { ...decision, recording: { ...decision.recording, deadlines } }
    }),
  },
]
