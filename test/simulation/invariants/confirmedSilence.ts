import { currentAttempt, findAttempt } from '../../../packages/reporter/src/supervisor/attempts.ts'
import type { Recording } from '../../../packages/reporter/src/supervisor/recording.ts'
import { type Invariant, isRunningStatus } from './context.ts'

/** How old Agora's answer may be when the decision is stored, in milliseconds. */
const MAX_ANSWER_AGE_MS = 1000

/**
 * No attempt is replaced because its page is silent unless Agora has just answered that the task runs, or a canary has
 * shown during an ingress outage that reports arrive.
 */
export const confirmedSilence: Invariant = ({ world, breach }) => {
  const runningAt = new Map<string, number>()
  return {
    onAnswer: (call, { sid = '' }, { status, state }) => {
      if (call === 'query' && status === 200 && isRunningStatus(state)) runningAt.set(sid, world.time.now())
    },
    onCommit: ({ at, before, after, signal }) => {
      const current = currentAttempt(before)
      if (current?.sid == null || signal.type === 'replaceSilent') return
      if (isSilenceHeld(before, current.number) || !isSilenceHeld(after, current.number)) return
      const answerAge = at - (runningAt.get(current.sid) ?? 0)
      if (answerAge > MAX_ANSWER_AGE_MS) {
        breach(`${after.id}: ${current.sid} is given up because its page is silent, without a query`)
      }
    },
  }
}

/** The attempt is to be replaced, was replaced, or is the last one, because its page is silent. */
const isSilenceHeld = (recording: Recording, number: number): boolean =>
  [recording.replacing, recording.gaveUp, findAttempt(recording, number)?.endReason].some(
    (why) => why?.code === 'page_silent',
  )
