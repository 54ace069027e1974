import { addFiles, adoptSid, endAttempt, mayHaveAnotherTask, reason } from './attempt.ts'
import { addTimelineEntry, type Draft, requestQuery, requestQueryWithin } from './draft.ts'
import type { StopAction, StopCode } from './policy.ts'
import { type Attempt, type Evidence, isCurrent, type Reason, type Recording } from './recording.ts'
import { failAttempt, giveUp } from './restart.ts'
import type { TaskNotification } from './signal.ts'
import { grantGrace } from './silence.ts'

/**
 * The attempt that a session of this recording belongs to whose sid nobody knows: that of its uid, if it may have another
 * task than the known one. If nobody knows the uid either, a failover gave it, and what was said of it before never came,
 * the answer to its start included: it can only be an orphan's.
 */
export const attemptForUnknownSession = ({ attempts }: Recording, uid: string): Attempt | undefined => {
  const own = attempts.find((attempt) => attempt.uid === uid)
  if (own) return mayHaveAnotherTask(own) ? own : undefined
  return attempts.findLast(isOrphanWithoutSid)
}

const isOrphanWithoutSid = ({ state, sid }: Attempt): boolean => state === 'orphaned' && sid === null

/** Agora's notification about one of the recording's attempts, whatever its state and the order of arrival. */
export const handleNotification = (draft: Draft, attempt: Attempt, notification: TaskNotification): void => {
  const { sid, uid = attempt.uid } = notification
  if (attempt.earlierSids.includes(sid)) return
  if (isOrphanWithoutSid(attempt) && uid !== attempt.uid) poolResources(draft, attempt)
  adoptSid(draft, attempt, notification.sid, `event ${notification.eventType}`)
  if (attempt.sid !== notification.sid) return
  addFiles(attempt, notification.files)
  if (attempt.state === 'ended') return
  if (isLive(draft, attempt)) checkSequence(draft, attempt, notification)
  if (isFromFormerSession(attempt, notification) && SESSION_ENDS.has(notification.eventType)) {
    handleFormerSession(draft, attempt, notification)
    return
  }
  const handle = HANDLERS[notification.eventType]
  handle?.(draft, attempt, notification)
}

/** Which orphan's session it is, only Agora knows, by its resource: with all of them the session is found, and stopped. */
const poolResources = (draft: Draft, attempt: Attempt): void => {
  const others = draft.recording.attempts.filter((each) => each !== attempt && isOrphanWithoutSid(each))
  const resourceIds = others.flatMap(({ resourceId, otherResourceIds }) => [resourceId, ...otherResourceIds])
  attempt.otherResourceIds = [...attempt.otherResourceIds, ...resourceIds.filter((id) => id !== null)]
}

/** Seconds: notifications overtake each other, and one query answers for all that come meanwhile. */
const MISSED_NOTIFICATION_WAIT = 2

/**
 * A number that is left out is a notification that was lost, or comes later: what it would have said is asked. The
 * session that a failover replaced is not counted, and the numbers of the one after it may begin anywhere.
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
    `Agora's notification ${missing} has not come: asking it`,
    {
      from: expected,
      to: sequence - 1,
    },
  )
  requestQueryWithin(draft, attempt, MISSED_NOTIFICATION_WAIT)
}

/** Events that end a session. */
const SESSION_ENDS = new Set([11, 71, 72])

/** After a failover both sessions send notifications, with the sid of the recording; the uid tells them apart. */
const isFromFormerSession = ({ newUid }: Attempt, { uid }: TaskNotification): boolean =>
  newUid !== null && uid !== undefined && uid !== newUid

/** That the old session ends is what a failover is about; whether the recording goes on, Agora knows. */
const handleFormerSession = (
  draft: Draft,
  attempt: Attempt,
  { eventType, uid, code }: TaskNotification,
): void => {
  if (!isLive(draft, attempt)) return
  const message = `The session that was replaced has ended (event ${eventType}, uid ${uid}): asking Agora for the new one`
  addTimelineEntry(draft, 'agora.former_session', attempt, message, {
    eventType,
    uid,
    code,
    newUid: attempt.newUid,
  })
  requestQuery(draft, attempt, true)
}

type Handler = (draft: Draft, attempt: Attempt, notification: TaskNotification) => void

/** 71: the recorder stopped. Definite, so it is acted on at once. */
const recorderStopped: Handler = (draft, attempt, { code, detail, sid }) => {
  if (!isLive(draft, attempt)) {
    const words = `Agora has stopped it (event 71, code ${code ?? 'not given'})`
    const evidence = { eventType: 71, code }
    addTimelineEntry(draft, 'attempt.ended', attempt, words, evidence)
    endAttempt(draft, attempt, reason('stopped', words, evidence))
    return
  }
  const evidence = { eventType: 71, code, detail, sid }
  if (code === 0) {
    handleStoppedAtAgora(draft, attempt, evidence)
    return
  }
  // A code that is missing, or newer than this table, is no word of a wanted end: the recording goes on.
  const name = STOP_CODES[code ?? -1] ?? 'unknown'
  const why = reason(
    code === 1 ? 'max_recording_hour' : code === 2 ? 'capability_limit' : 'stopped_by_agora',
    `Agora stopped the recording: event 71, code ${code ?? 'not given'} (${name})${detail ? `, ${detail}` : ''}`,
    evidence,
  )
  applyStopAction(draft, attempt, why, draft.recording.policy.onStopCode[`${code}` as StopCode] ?? 'restart')
}

/** Names of event 71's codes, as Agora's notification reference gives them. */
const STOP_CODES: Record<number, string> = {
  1: 'max_recording_hour',
  2: 'capability_limit',
  3: 'start_engine_failed',
  4: 'page_load_timeout',
  5: 'access_url_failed',
  6: 'recorder_error',
}

/** 72: the page needs more than the recorder has; Agora stops at once and says 71 code 2 after it. */
const capabilityLimit: Handler = (draft, attempt, { detail, sid }) => {
  if (!isLive(draft, attempt)) return
  const why = reason(
    'capability_limit',
    `The page needs more than Agora's recorder has${detail ? `: ${detail}` : ''} (event 72)`,
    // The code that event 71 is going to give.
    { eventType: 72, code: 2, detail, sid },
  )
  applyStopAction(draft, attempt, why, draft.recording.policy.onStopCode[2])
}

/**
 * 11: the session is over; 1 is abnormal. A normal end without event 71 is asked about. It is no end of an attempt that
 * is being stopped: a failover ends a session too, and event 12 may be lost. The stop is sent until it is answered.
 */
const sessionExit: Handler = (draft, attempt, { code = 0, sid }) => {
  if (!isLive(draft, attempt)) return
  const evidence = { eventType: 11, exitStatus: code, sid }
  if (code === 0) {
    requestQuery(draft, attempt, true)
    return
  }
  const why = reason(
    'stopped_by_agora',
    `Agora's session ended abnormally (event 11, exit status ${code})`,
    evidence,
  )
  applyStopAction(draft, attempt, why, 'restart')
}

/** 73: Agora reloads the page in the same recording; the page is silent until it is back. */
const recorderReload: Handler = (draft, attempt, { detail }) => {
  if (!isLive(draft, attempt)) return
  const grace = draft.recording.policy.reloadGrace
  addTimelineEntry(
    draft,
    'agora.reload',
    attempt,
    `Agora reloads the page${detail ? `: ${detail}` : ''} (event 73)`,
    {
      detail,
    },
  )
  grantGrace(draft, attempt, { loadBy: grace, beatBy: grace, healthyBy: grace })
}

/** 12: another server goes on; for up to 90 s Agora does not find the recording, and the page is opened anew. */
const sessionFailover: Handler = (draft, attempt, { newUid }) => {
  if (!isLive(draft, attempt) || newUid === undefined || newUid === attempt.newUid) return
  const { failoverWindow } = draft.recording.policy
  attempt.newUid = newUid
  attempt.failoverAt = draft.now
  attempt.lastSequence = null
  const message = `Agora moves the recording to another server, where it goes on with uid ${newUid} (event 12)`
  addTimelineEntry(draft, 'agora.failover', attempt, message, { uid: attempt.uid, newUid })
  grantGrace(draft, attempt, { loadBy: failoverWindow, beatBy: failoverWindow, healthyBy: failoverWindow })
}

/** 1: an error of Agora's own; it should be asked at once about a fatal one (level 5). */
const recordingError: Handler = (draft, attempt, { errorLevel = 0, code, detail }) => {
  if (!isLive(draft, attempt) || errorLevel < 5) return
  const message = `Agora reports a fatal error${detail ? `: ${detail}` : ''} (event 1, code ${code ?? 'not given'}): asking it`
  addTimelineEntry(draft, 'agora.fatal_error', attempt, message, { errorLevel, code, detail })
  requestQuery(draft, attempt, true)
}

const HANDLERS: Record<number, Handler> = {
  1: recordingError,
  11: sessionExit,
  12: sessionFailover,
  71: recorderStopped,
  72: capabilityLimit,
  73: recorderReload,
}

const isLive = (draft: Draft, attempt: Attempt): boolean => isCurrent(draft.recording, attempt.number)

/** Code 0: somebody stopped it on purpose, through us or not. That is respected. */
const handleStoppedAtAgora = (draft: Draft, attempt: Attempt, evidence: Evidence): void => {
  const why = reason('stopped', 'The recording was stopped at Agora (event 71, code 0)', evidence)
  draft.recording.desired = 'stopped'
  draft.recording.reason = why
  addTimelineEntry(draft, 'attempt.ended', attempt, why.message, evidence)
  endAttempt(draft, attempt, why)
}

const applyStopAction = (draft: Draft, attempt: Attempt, why: Reason, action: StopAction): void => {
  const { attempts, freshFrom, gaveUp } = draft.recording
  const before = attempts.some(
    ({ number, endReason }) =>
      number >= freshFrom &&
      number !== attempt.number &&
      endReason?.code === why.code &&
      endReason.evidence.code === why.evidence.code,
  )
  if (!gaveUp && (action === 'giveUp' || (action === 'restartOnce' && before))) {
    addTimelineEntry(draft, 'attempt.failed', attempt, why.message, { code: why.code, ...why.evidence })
    giveUp(
      draft,
      attempt,
      why,
      'gone',
      action === 'giveUp' ? 'the policy says so' : 'the next one would meet the same end',
    )
    return
  }
  failAttempt(draft, attempt, why, { where: 'gone', blame: action === 'rollOver' ? 'rollOver' : 'failure' })
}
