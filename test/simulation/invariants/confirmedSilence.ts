import { liveAttempt } from '../../../packages/reporter/src/supervisor/recording.ts'
import type { Invariant } from './context.ts'

/** How old Agora's answer may be when the decision is stored, in milliseconds. */
const MAX_ANSWER_AGE_MS = 1000

/** No attempt is given up because its page is silent unless Agora has just answered that the task runs. */
export const confirmedSilence: Invariant = ({ world, breach }) => {
  const runningAt = new Map<string, number>()
  return {
    onAnswer: (call, { sid = '' }, { status, state }) => {
      if (call === 'query' && status === 200 && (state === 4 || state === 5))
        runningAt.set(sid, world.time.now())
    },
    onCommit: ({ at, before, after }) => {
      const current = liveAttempt(before)
      const { sid = null, endReason } = (current && after.attempts[current.number - 1]) ?? {}
      if (current?.endReason || sid === null || endReason?.code !== 'page_silent') return
      const answerAge = at - (runningAt.get(sid) ?? 0)
      if (answerAge > MAX_ANSWER_AGE_MS) {
        breach(`${after.id}: ${sid} is given up because its page is silent, without a query`)
      }
    },
  }
}
