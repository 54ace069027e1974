import { currentAttempt, supervisedAttempts } from './attempts.ts'
import { clearStartTrouble } from './attention.ts'
import { addTimelineEntry, type Draft, disarmRecording } from './draft.ts'
import type { Recording, RecordingState } from './recording.ts'
import { coalesceRepeats } from './repeats.ts'
import { endRolling, endSlowRetries, isFailure } from './restart.ts'
import { armSchedule } from './schedule.ts'

/** Derives from the facts: the state, its reason, when the next stop or update is retried, and what is written. */
export const closeDraft = (draft: Draft, before: RecordingState): void => {
  const { recording } = draft
  armRetries(draft)
  clearStartTrouble(draft)
  draft.rules.close(draft)
  armSchedule(draft)
  recording.gaveUpAt = recording.gaveUp && (recording.gaveUpAt ?? draft.now)
  recording.state = stateOf(draft)
  if (recording.state === 'rolling') {
    recording.reason = null
    recording.rollingSince ??= draft.now
  } else {
    endRolling(draft)
  }
  if (isGood(recording) || recording.desired === 'stopped' || recording.gaveUp) endSlowRetries(draft)
  if (recording.state === 'unhealthy') {
    recording.reason = recording.gaveUp ?? recording.replacing ?? draft.rules.problemOf(recording)
  }
  if (recording.state !== before) addStateEntry(draft, before)
  coalesceRepeats(draft)
}

/** Whether the current attempt is as good as a slow retry can be: its page has loaded and reports, and nothing replaces it. */
const isGood = ({ state, replacing, withoutFiles, policy }: Recording): boolean => {
  // The candidates of a planned roll-over may fail while the current attempt is rolling.
  // An attempt whose page has loaded may have no file either.
  const lacksFiles = withoutFiles >= policy.restart.maxNeverLoaded
  return (state === 'rolling' || state === 'paused') && replacing === null && !lacksFiles
}

/** When the next unconfirmed stop or update is retried. */
const armRetries = (draft: Draft): void => {
  const { recording } = draft
  const stops = recording.attempts.flatMap(({ stop }) => (stop?.nextAt == null ? [] : [stop.nextAt]))
  if (stops.length > 0) recording.deadlines.stopBy = Math.min(...stops)
  else disarmRecording(draft, 'stopBy')
  const updates = supervisedAttempts(recording).flatMap(({ update }) =>
    update?.nextAt == null ? [] : [update.nextAt],
  )
  if (updates.length > 0) recording.deadlines.updateBy = Math.min(...updates)
  else disarmRecording(draft, 'updateBy')
}

const addStateEntry = (draft: Draft, before: RecordingState): void => {
  const { state, reason: why } = draft.recording
  // The end of a pause has an entry of its own.
  if (state === 'rolling' && before !== 'paused') {
    addTimelineEntry(draft, 'recording.rolling', null, 'The recording is rolling')
  }
  if (state === 'stopped') addTimelineEntry(draft, 'recording.stopped', null, 'The recording has stopped')
  if (state === 'failed') {
    const message = `Nothing is recorded any more: ${why?.message ?? ''}`
    addTimelineEntry(draft, 'recording.failed', null, message)
  }
}

const stateOf = ({ recording, rules }: Draft): RecordingState => {
  if (recording.desired === 'stopped') {
    const nothingRuns = recording.attempts.every(({ state }) => state === 'ended' || state === 'orphaned')
    return nothingRuns ? 'stopped' : 'stopping'
  }
  const current = currentAttempt(recording)
  if (!current) return stateWithoutAttempt(recording)
  if (recording.gaveUp || (recording.replacing && isFailure(recording.replacing))) return 'unhealthy'
  if (current.sid === null) return current.postponed ? 'recovering' : 'starting'
  return rules.stateOf(recording, current)
}

const stateWithoutAttempt = ({ gaveUp, waitingSince, awaitsStart }: Recording): RecordingState => {
  if (awaitsStart) return 'starting'
  if (gaveUp) return 'failed'
  return waitingSince === null ? 'recovering' : 'paused'
}
