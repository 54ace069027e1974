import { adoptSid, endAttempt, mayHaveAnotherTask } from './attempt.ts'
import { findAttempt, isSupervised, numberOfUid, supervisedAttempts } from './attempts.ts'
import { retireStarted } from './candidate.ts'
import { addTimelineEntry, type Draft } from './draft.ts'
import { awaitFile } from './output.ts'
import { summarizePage } from './page/pageSummary.ts'
import { grantGrace } from './page/silence.ts'
import type { StopAction, StopCode } from './policy.ts'
import { requestQuery, requestQueryWithin } from './query.ts'
import { type Attempt, type Evidence, type Reason, type Recording, reason } from './recording.ts'
import { failAttempt, giveUp } from './restart.ts'
import type { TaskNotification } from './signal.ts'
import { desireStop } from './stopping.ts'
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
  if (isFromFormerSession(attempt, notification) && SESSION_ENDS.has(notification.eventType)) {
    handleFormerSession(draft, attempt, notification)
    return
  }
  const handle = HANDLERS[notification.eventType]
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

/** Events that end a session. */
const SESSION_ENDS = new Set([11, 71, 72])

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

type Handler = (draft: Draft, attempt: Attempt, notification: TaskNotification) => void

/** 71: the recorder stopped. This is certain, so it is acted on immediately. */
const recorderStopped: Handler = (draft, attempt, { code, detail, sid }) => {
  if (!isSupervised(draft.recording, attempt.number)) {
    const words = `Agora has stopped the attempt (event 71, code ${code ?? 'not given'})`
    const evidence = { eventType: 71, code }
    addTimelineEntry(draft, 'attempt.ended', attempt, words, evidence)
    endAttempt(draft, attempt, reason('stopped', words, evidence))
    return
  }
  const evidence = { eventType: 71, code, detail, sid }
  // Whoever stops a candidate's task at Agora does not stop the recording: the current attempt goes on.
  if (code === 0 && attempt.state !== 'candidate') {
    handleStoppedAtAgora(draft, attempt, evidence)
    return
  }
  const page = summarizePage(draft, attempt)
  // A code that is missing or newer than this table does not prove an intended end: the recording is restarted.
  const name = STOP_CODES[code ?? -1] ?? 'unknown'
  const why = reason(
    code === 1 ? 'max_recording_hour' : code === 2 ? 'capability_limit' : 'stopped_by_agora',
    `Agora stopped the recording: event 71, code ${code ?? 'not given'} (${name})${detail && detail !== name ? `, ${detail}` : ''}${code === PAGE_LOAD_TIMEOUT ? `. ${page.message}` : ''}`,
    { ...evidence, ...page.evidence },
  )
  applyStopAction(draft, attempt, why, draft.recording.policy.onStopCode[`${code}` as StopCode] ?? 'restart')
}

/** Event 71's code of a page that did not signal within `readyTimeout` that it is ready, not even after a reload. */
const PAGE_LOAD_TIMEOUT = 4

/** Names of event 71's codes, from Agora's reference of notification events. */
const STOP_CODES: Record<number, string> = {
  0: 'ok',
  1: 'max_recording_hour',
  2: 'capability_limit',
  3: 'start_engine_failed',
  4: 'page_load_timeout',
  5: 'access_url_failed',
  6: 'recorder_error',
}

/** 72: the page needs more resources than the recorder has. Agora stops immediately and sends 71 with code 2 afterwards. */
const capabilityLimit: Handler = (draft, attempt, { detail, sid }) => {
  if (!isSupervised(draft.recording, attempt.number)) return
  const why = reason(
    'capability_limit',
    `The page needs more resources than Agora's recorder has${detail ? `: ${detail}` : ''} (event 72)`,
    // The code that event 71 will have.
    { eventType: 72, code: 2, detail, sid },
  )
  applyStopAction(draft, attempt, why, draft.recording.policy.onStopCode[2])
}

/**
 * 11: the session ended; exit status 1 means abnormally. After a normal end without event 71, Agora is queried. The event
 * does not end an attempt that is being stopped: a failover ends a session too, and its event 12 may be lost. The stop is
 * retried until it is answered.
 */
const sessionExit: Handler = (draft, attempt, { code = 0, sid }) => {
  if (!isSupervised(draft.recording, attempt.number)) return
  const evidence = { eventType: 11, exitStatus: code, sid }
  if (code === 0) {
    requestQuery(draft, attempt, { urgent: true })
    return
  }
  const why = reason(
    'stopped_by_agora',
    `Agora's session ended abnormally (event 11, exit status ${code})`,
    evidence,
  )
  applyStopAction(draft, attempt, why, 'restart')
}

/** 73: Agora reloads the page in the same recording. The page is silent until it has opened again. */
const recorderReload: Handler = (draft, attempt, { detail }) => {
  if (!isSupervised(draft.recording, attempt.number)) return
  const grace = draft.recording.policy.reloadGrace
  const { message, evidence } = summarizePage(draft, attempt)
  addTimelineEntry(
    draft,
    'agora.reload',
    attempt,
    `Agora reloads the page${detail ? `: ${detail}` : ''} (event 73). ${message}`,
    { detail, ...evidence },
  )
  grantGrace(draft, attempt, { loadBy: grace, beatBy: grace, healthyBy: grace })
}

/**
 * 12: another server continues. For up to 90 s Agora answers 404, and the page is opened anew. Without the new uid, Agora
 * is queried as well.
 */
const sessionFailover: Handler = (draft, attempt, { newUid }) => {
  if (!isSupervised(draft.recording, attempt.number)) return
  if (newUid !== undefined && newUid === attempt.newUid) return
  const { failoverWindow } = draft.recording.policy
  attempt.failoverAt = draft.now
  if (newUid !== undefined) {
    attempt.newUid = newUid
    attempt.lastSequence = null
  }
  const message = `Agora has moved the recording to another server, where it continues with ${newUid === undefined ? 'another uid' : `uid ${newUid}`} (event 12)`
  addTimelineEntry(draft, 'agora.failover', attempt, message, { uid: attempt.uid, newUid })
  grantGrace(draft, attempt, { loadBy: failoverWindow, beatBy: failoverWindow, healthyBy: failoverWindow })
  if (newUid === undefined) requestQuery(draft, attempt, { urgent: true })
}

/** 1: an error inside Agora. After a fatal one (level 5), or one without a level, Agora is queried immediately. */
const recordingError: Handler = (draft, attempt, { errorLevel, code, detail }) => {
  if (!isSupervised(draft.recording, attempt.number)) return
  if (errorLevel !== undefined && errorLevel < 5) return
  const what = errorLevel === undefined ? 'an error without a level' : 'a fatal error'
  const message = `Agora reports ${what}${detail ? `: ${detail}` : ''} (event 1, code ${code ?? 'not given'}): querying Agora`
  addTimelineEntry(draft, 'agora.fatal_error', attempt, message, { errorLevel, code, detail })
  requestQuery(draft, attempt, { urgent: true })
}

const HANDLERS: Record<number, Handler> = {
  1: recordingError,
  11: sessionExit,
  12: sessionFailover,
  70: (draft, attempt) => awaitFile(draft, attempt),
  71: recorderStopped,
  72: capabilityLimit,
  73: recorderReload,
}

/** Code 0: the recording was stopped on purpose, through the reporter or not. That is respected. */
const handleStoppedAtAgora = (draft: Draft, attempt: Attempt, evidence: Evidence): void => {
  const why = reason('stopped', 'The recording was stopped at Agora (event 71, code 0)', evidence)
  desireStop(draft, why)
  addTimelineEntry(draft, 'attempt.ended', attempt, why.message, evidence)
  endAttempt(draft, attempt, why)
  for (const other of supervisedAttempts(draft.recording)) retireStarted(draft, other, why)
}

/** Whether both attempts were stopped by Agora with the same code. */
export const isSameStop = (one: Reason | null, other: Reason): boolean =>
  one?.code === other.code && one.evidence.code === other.evidence.code

const applyStopAction = (draft: Draft, attempt: Attempt, why: Reason, action: StopAction): void => {
  const { attempts, freshFrom, gaveUp } = draft.recording
  const before = attempts.some(
    ({ number, endReason }) => number >= freshFrom && number !== attempt.number && isSameStop(endReason, why),
  )
  if (!gaveUp && (action === 'giveUp' || (action === 'restartOnce' && before))) {
    const entry = attempt.state === 'candidate' ? 'candidate.dropped' : 'attempt.failed'
    addTimelineEntry(draft, entry, attempt, why.message, { code: why.code, ...why.evidence })
    const limit = action === 'giveUp' ? 'the policy says so' : 'the next attempt would end the same way'
    endAttempt(draft, attempt, why)
    giveUp(draft, { why, limit })
    return
  }
  const kind = action === 'rollOver' ? 'rollOver' : 'failure'
  failAttempt(draft, attempt, why, { taskStatus: 'ended', kind })
}
