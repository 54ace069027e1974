import { currentAttempt } from '../attempts.ts'
import { clearAttention, raiseAttention } from '../attention.ts'
import type { Draft } from '../draft.ts'
import type { Time } from '../recording.ts'

/** Keeps as many as the policy's limit and delays can tell apart. */
export const countIdleExit = (draft: Draft): void => {
  const { recording, now } = draft
  const { maxFailures, delays } = recording.policy.restart
  const count = Math.max(maxFailures + 1, delays.length)
  recording.idleExits = [...recentIdleExits(draft), now].slice(-count)
}

/** To be called when another attempt follows. */
export const raiseFrequentIdleExits = (draft: Draft): void => {
  const { recording } = draft
  const { maxFailures, within } = recording.policy.restart
  if (!areExitsFrequent(draft)) return
  const message = `Agora has ended more than ${maxFailures} tasks within ${within} s because the channel had no users for ${recording.maxIdleTime} s. If users come and go, raise recordingConfig.maxIdleTime (Agora recommends 300)`
  raiseAttention(draft, 'frequent_idle_exits', message)
}

const recentIdleExits = ({ recording, now }: Draft): Time[] =>
  recording.idleExits.filter((at) => now - at < recording.policy.restart.within * 1000)

export const areExitsFrequent = (draft: Draft): boolean =>
  recentIdleExits(draft).length > draft.recording.policy.restart.maxFailures

/** Ends the attention once the exits are rare again, or none can follow. */
export const clearFrequentIdleExits = (draft: Draft): void => {
  const { desired, waitingSince } = draft.recording
  const isOver = desired === 'stopped' || (waitingSince !== null && !currentAttempt(draft.recording))
  if (isOver || !areExitsFrequent(draft)) clearAttention(draft, 'frequent_idle_exits')
}
