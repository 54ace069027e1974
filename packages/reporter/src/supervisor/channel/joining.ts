import { currentAttempt } from '../attempts.ts'
import { addTimelineEntry, type Draft, disarmRecording } from '../draft.ts'
import { type Attempt, type Recording, UID_BLOCK } from '../recording.ts'
import { startNext } from '../restart.ts'
import { areExitsFrequent } from './idleExits.ts'

/** Milliseconds between the starts for users who come and go, once exits are frequent. */
const MIN_PAUSE_MS = 10_000

/** A user has joined the channel: what waits because the channel had no users starts. */
export const handleJoined = (draft: Draft, uid: string): void => {
  const { recording, now } = draft
  if (isOwnUid(recording, uid)) return
  // An attempt that runs may have left the channel already, and the news be on their way.
  recording.joinedAt = now
  if (!isIdle(recording)) return
  const message = `A user (uid ${uid}) has joined the channel: the next attempt starts`
  addTimelineEntry(draft, 'channel.joined', null, message, { uid })
  const earliest = (recording.idleExits.at(-1) ?? 0) + MIN_PAUSE_MS
  if (!areExitsFrequent(draft) || earliest <= now) startWaiting(draft)
  else recording.deadlines.retryAt = Math.min(recording.deadlines.retryAt ?? earliest, earliest)
}

export const resumeWaiting = (draft: Draft): void => {
  if (draft.recording.waitingSince === null) return
  addTimelineEntry(draft, 'recording.resume_requested', null, 'Resume requested')
  startWaiting(draft)
}

/** The policy no longer says to wait for a user. */
export const endWait = (draft: Draft): void => {
  if (draft.recording.waitingSince !== null) startWaiting(draft)
}

const startWaiting = (draft: Draft): void => {
  disarmRecording(draft, 'retryAt')
  startNext(draft)
}

/**
 * Whether a user has joined after Agora's recorder had left: while it was in the channel, a user would have kept it there for
 * `maxIdleTime`. The end becomes known within another `maxIdleTime`, by the next query at the latest.
 */
export const hasJoinedSince = ({ recording, now }: Draft, { confirmedAt }: Attempt): boolean => {
  const { joinedAt, maxIdleTime } = recording
  if (joinedAt === null || joinedAt < (confirmedAt ?? 0)) return false
  return now - joinedAt < 2 * (maxIdleTime ?? 0) * 1000
}

const isOwnUid = ({ uidBase }: Recording, uid: string): boolean => {
  const number = Number(uid) - uidBase
  return number > 0 && number <= UID_BLOCK
}

/** Whether nothing runs because the channel had no users. */
const isIdle = (recording: Recording): boolean => {
  const { desired, gaveUp, reason: why, waitingSince, deadlines } = recording
  if (desired !== 'running' || gaveUp !== null || currentAttempt(recording)) return false
  return waitingSince !== null || (deadlines.retryAt !== undefined && why?.code === 'idle_exit')
}
