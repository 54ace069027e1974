import {
  currentAttempt,
  findAttempt,
  isSupervised,
} from '../../../packages/reporter/src/supervisor/attempts.ts'
import { decide } from '../../../packages/reporter/src/supervisor/decide.ts'
import { REAL_KIT } from '../kit.ts'
import { alterDecision, alterInput, type Mutation, withAttempt } from './mutation.ts'

/** Mistakes about which attempt counts, and which task and signal belongs to it. */
export const ROLES: readonly Mutation[] = [
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
    breaks: 'supersededIgnored',
    what: 'reports of a superseded attempt count for the current one',
    kit: alterInput((before, signal) => {
      const current = currentAttempt(before)
      return signal.type === 'report' && current && !isSupervised(before, signal.attempt)
        ? [before, { ...signal, attempt: current.number }]
        : [before, signal]
    }),
  },
]
