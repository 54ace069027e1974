import type { StoreOperations } from '../../../packages/reporter/src/store/store.ts'
import { currentAttempt, findAttempt } from '../../../packages/reporter/src/supervisor/attempts.ts'
import { type Decision, decide } from '../../../packages/reporter/src/supervisor/decide.ts'
import type { Moment } from '../../../packages/reporter/src/supervisor/draft.ts'
import type {
  Attempt,
  AttemptDeadlines,
  Recording,
} from '../../../packages/reporter/src/supervisor/recording.ts'
import type { QueryAnswer, Signal } from '../../../packages/reporter/src/supervisor/signal.ts'
import type { InvariantName } from '../invariants/index.ts'
import { type Kit, REAL_KIT } from '../kit.ts'

/** A mistake that a reporter could make, and the invariant that catches it. */
export interface Mutation {
  breaks: InvariantName
  what: string
  kit: Kit
  /** Only scenarios with channels, with standbys or with schedules can catch it. */
  seeds?: 'channels' | 'standbys' | 'schedules'
}

/** Changes what is decided on, or skips the decision. */
export const alterInput = (
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
export const alterDecision = (
  mistake: (decision: Decision, before: Recording, signal: Signal) => Decision,
): Kit => ({
  ...REAL_KIT,
  decide: (before, signal, moment) => mistake(decide(before, signal, moment), before, signal),
})

export const alterStore = (mistake: (operations: StoreOperations) => Partial<StoreOperations>): Kit => ({
  ...REAL_KIT,
  operations: (operations) => ({ ...operations, ...mistake(operations) }),
})

/** Decides by another restart policy, which is not stored. */
export const withRestartPolicy = (change: Partial<Recording['policy']['restart']>): Kit => ({
  ...REAL_KIT,
  decide: (before, signal, moment) => {
    const { policy } = before
    const altered = { ...before, policy: { ...policy, restart: { ...policy.restart, ...change } } }
    const decision = decide(altered, signal, moment)
    return { ...decision, recording: { ...decision.recording, policy } }
  },
})

/** Skips the decision on some signals. */
export const ignoreSignals = (which: (signal: Signal, before: Recording) => boolean): Kit =>
  alterInput((before, signal) => (which(signal, before) ? 'skip' : [before, signal]))

/** The recording with one of its attempts changed. */
export const withAttempt = (
  recording: Recording,
  number: number,
  change: (attempt: Attempt) => Partial<Attempt>,
): Recording => ({
  ...recording,
  attempts: recording.attempts.map((each) => (each.number === number ? { ...each, ...change(each) } : each)),
})

/** Changes the deadlines of the current attempt after each decision. */
export const alterDeadlines = (
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

export const isUnsettled = (answer: QueryAnswer): answer is Extract<QueryAnswer, { kind: 'status' }> =>
  answer.kind === 'status' && [1, 3, 6].includes(answer.status)
