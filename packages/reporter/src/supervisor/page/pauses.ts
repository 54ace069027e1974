import { currentAttempt } from '../attempts.ts'
import type { Draft } from '../draft.ts'
import type { Recording } from '../recording.ts'

/** Pauses kept with the recording, the newest. One that is paused every minute for a week must not grow with its age. */
export const MAX_PAUSES = 50

/**
 * Notes from when to when Agora wrote nothing because of a pause: from the confirmed pause to the confirmed resume. Derived
 * from the facts after each decision, so that a pause goes on while one attempt on hold replaces another, and ends with the
 * recording.
 */
export const notePauses = ({ recording, now }: Draft): void => {
  const onhold = isOnHold(recording)
  const last = recording.pauses.at(-1)
  const isOpen = last !== undefined && last.to === null
  if (onhold === undefined || onhold === isOpen) return
  recording.pauses = onhold
    ? [...recording.pauses, { from: now, to: null }].slice(-MAX_PAUSES)
    : recording.pauses.map((pause) => (pause === last ? { ...pause, to: now } : pause))
}

/** Undefined while no task runs: what was the case before goes on until one runs that says otherwise. */
const isOnHold = (recording: Recording): boolean | undefined => {
  if (recording.desired === 'stopped') return false
  const current = currentAttempt(recording)
  if (!current) return recording.gaveUp ? false : undefined
  return current.sid === null ? undefined : current.onhold
}
