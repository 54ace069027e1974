import { addTimelineEntry, type Draft } from '../draft.ts'
import { rearmRollOver } from '../hourLimit.ts'
import type { Attempt } from '../recording.ts'

/** No attempts were left, but Agora records: the current one is supervised like any other. */
export const recoverChannel = (draft: Draft, attempt: Attempt): void => {
  const { recording } = draft
  const lacksHa = recording.policy.requireHa && attempt.haAt === null
  if (!recording.gaveUp || lacksHa || attempt.confirmedAt === null || attempt.noFiles === 'confirmed') return
  recording.gaveUp = null
  recording.reason = null
  recording.neverLoaded = 0
  rearmRollOver(draft, attempt)
  const message = 'Agora records: the recording is supervised as before'
  addTimelineEntry(draft, 'recording.recovered', attempt, message)
}
