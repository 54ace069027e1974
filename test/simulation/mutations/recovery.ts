import { VersionConflictError } from '../../../packages/reporter/src/store/errors.ts'
import { currentAttempt } from '../../../packages/reporter/src/supervisor/attempts.ts'
import { decide } from '../../../packages/reporter/src/supervisor/decide.ts'
import { REAL_KIT } from '../kit.ts'
import {
  alterDeadlines,
  alterDecision,
  alterInput,
  alterStore,
  isUnsettled,
  type Mutation,
  withAttempt,
  withRestartPolicy,
} from './mutation.ts'

/** Mistakes that abandon a recording, retry it too often, or too late. */
export const RECOVERY: readonly Mutation[] = [
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
    breaks: 'neverAbandoned',
    what: 'a decision that another writer overtook is taken for stored',
    kit: alterStore((operations) => ({
      saveRecording: (stored, recording, now) =>
        operations.saveRecording(stored, recording, now).catch((error: unknown) => {
          if (!(error instanceof VersionConflictError)) throw error
        }),
    })),
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
