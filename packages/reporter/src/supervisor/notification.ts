import { adoptSid, mayHaveAnotherTask } from './attempt.ts'
import { findAttempt, isSupervised, numberOfUid } from './attempts.ts'
import { addTimelineEntry, type Draft } from './draft.ts'
import type { NotificationHandler } from './kind.ts'
import { requestQuery, requestQueryWithin } from './query.ts'
import type { Attempt, Recording } from './recording.ts'
import type { TaskNotification } from './signal.ts'
import { handleUploadNotification } from './uploads.ts'

/**
 * The attempt that an unknown session of this recording belongs to. If an attempt has the session's uid, it is that one,
 * provided that it may have a second task. An unknown uid was assigned by a failover; all earlier messages about the
 * session, including the answer to its start, were lost, so it can only belong to an orphaned attempt.
 */
export const attemptForUnknownSession = (recording: Recording, uid: string): Attempt | undefined => {
  const number = numberOfUid(recording, uid)
  if (number === undefined) return recording.attempts.findLast(isOrphanWithoutSid)
  const own = findAttempt(recording, number)
  return own && mayHaveAnotherTask(own) ? own : undefined
}

const isOrphanWithoutSid = ({ state, sid }: Attempt): boolean => state === 'orphaned' && sid === null

/** Agora's notification about one of the recording's attempts, in any state and any order of arrival. */
export const handleNotification = (draft: Draft, attempt: Attempt, notification: TaskNotification): void => {
  const { sid, uid = attempt.uid } = notification
  if (attempt.earlierSids.includes(sid)) return
  if (isOrphanWithoutSid(attempt) && uid !== attempt.uid) poolResources(draft, attempt)
  adoptSid(draft, attempt, notification.sid, `event ${notification.eventType}`)
  if (attempt.sid !== notification.sid) return
  handleUploadNotification(draft, attempt, notification)
  if (attempt.state === 'ended') return
  if (isSupervised(draft.recording, attempt.number)) checkSequence(draft, attempt, notification)
  const { events, sessionEnds } = draft.rules
  if (isFromFormerSession(attempt, notification) && sessionEnds.has(notification.eventType)) {
    handleFormerSession(draft, attempt, notification)
    return
  }
  const handle = events[notification.eventType] ?? COMMON_EVENTS[notification.eventType]
  handle?.(draft, attempt, notification)
}

/** Only Agora knows which orphan the session belongs to, by its resource. With all resources the session can be found and stopped. */
const poolResources = (draft: Draft, attempt: Attempt): void => {
  const others = draft.recording.attempts.filter((each) => each !== attempt && isOrphanWithoutSid(each))
  const resourceIds = others.flatMap(({ resourceId, otherResourceIds }) => [resourceId, ...otherResourceIds])
  attempt.otherResourceIds = [...attempt.otherResourceIds, ...resourceIds.filter((id) => id !== null)]
}

/** Seconds. Notifications overtake each other, and one query covers all that are missing. */
const MISSED_NOTIFICATION_WAIT = 2

/**
 * A gap in the sequence means that a notification was lost or is late: Agora is queried instead. The former session of a
 * failover is not counted, and the new session's numbers may begin anywhere.
 */
const checkSequence = (draft: Draft, attempt: Attempt, { uid, sequence }: TaskNotification): void => {
  const { newUid, lastSequence } = attempt
  if (sequence === undefined || (uid !== undefined && uid !== (newUid ?? attempt.uid))) return
  const first = newUid === null ? 0 : sequence
  const expected = lastSequence === null ? first : lastSequence + 1
  if (sequence < expected) return
  attempt.lastSequence = sequence
  if (sequence === expected) return
  const missing = sequence - 1 === expected ? `${expected}` : `${expected} to ${sequence - 1}`
  addTimelineEntry(
    draft,
    'agora.notifications_missed',
    attempt,
    `Agora's notification ${missing} has not arrived: querying Agora`,
    {
      from: expected,
      to: sequence - 1,
    },
  )
  requestQueryWithin(draft, attempt, MISSED_NOTIFICATION_WAIT)
}

/**
 * After a failover both sessions send notifications with the same sid; the uid distinguishes them. If event 12 did not
 * say the new one, the original uid is the former session's.
 */
const isFromFormerSession = (attempt: Attempt, { uid }: TaskNotification): boolean => {
  if (uid === undefined || attempt.failoverAt === null) return false
  return attempt.newUid === null ? uid === attempt.uid : uid !== attempt.newUid
}

/** A failover always ends the former session. Whether the recording continues, only a query can say. */
const handleFormerSession = (
  draft: Draft,
  attempt: Attempt,
  { eventType, uid, code }: TaskNotification,
): void => {
  if (!isSupervised(draft.recording, attempt.number)) return
  const message = `The former session has ended after a failover (event ${eventType}, uid ${uid}): querying Agora about the new one`
  addTimelineEntry(draft, 'agora.former_session', attempt, message, {
    eventType,
    uid,
    code,
    newUid: attempt.newUid,
  })
  requestQuery(draft, attempt, { urgent: true })
}

/**
 * 12: another server continues. For up to 90 s Agora answers 404. Without the new uid, Agora
 * is queried as well.
 */
const sessionFailover: NotificationHandler = (draft, attempt, { newUid }) => {
  if (!isSupervised(draft.recording, attempt.number)) return
  if (newUid !== undefined && newUid === attempt.newUid) return
  attempt.failoverAt = draft.now
  if (newUid !== undefined) {
    attempt.newUid = newUid
    attempt.lastSequence = null
  }
  const message = `Agora has moved the recording to another server, where it continues with ${newUid === undefined ? 'another uid' : `uid ${newUid}`} (event 12)`
  addTimelineEntry(draft, 'agora.failover', attempt, message, { uid: attempt.uid, newUid })
  draft.rules.handleFailover(draft, attempt)
  if (newUid === undefined) requestQuery(draft, attempt, { urgent: true })
}

/** 1: an error inside Agora. After a fatal one (level 5), or one without a level, Agora is queried immediately. */
const recordingError: NotificationHandler = (draft, attempt, { errorLevel, code, detail }) => {
  if (!isSupervised(draft.recording, attempt.number)) return
  if (errorLevel !== undefined && errorLevel < 5) return
  const what = errorLevel === undefined ? 'an error without a level' : 'a fatal error'
  const message = `Agora reports ${what}${detail ? `: ${detail}` : ''} (event 1, code ${code ?? 'not given'}): querying Agora`
  addTimelineEntry(draft, 'agora.fatal_error', attempt, message, { errorLevel, code, detail })
  requestQuery(draft, attempt, { urgent: true })
}

const COMMON_EVENTS: Readonly<Record<number, NotificationHandler>> = {
  1: recordingError,
  12: sessionFailover,
}
