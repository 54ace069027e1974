import { currentAttempt, findAttempt } from '../../../packages/reporter/src/supervisor/attempts.ts'
import {
  alterDecision,
  alterInput,
  alterStore,
  ignoreSignals,
  type Mutation,
  withAttempt,
} from './mutation.ts'

/** Mistakes after which the stored states are wrong, or something runs on at Agora. */
export const ENDING: readonly Mutation[] = [
  {
    // Twins exclude each other's resources, so that this shows before anything is left running.
    breaks: 'recordingsApart',
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
    breaks: 'converges',
    what: 'retention forgets orphans that may still run',
    kit: alterStore((operations) => ({
      prune: (cutoffs, limit) => operations.prune({ ...cutoffs, now: Number.MAX_SAFE_INTEGER }, limit),
    })),
  },
]
