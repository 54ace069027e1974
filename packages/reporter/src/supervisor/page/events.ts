import { endAttempt } from '../attempt.ts'
import { isSupervised } from '../attempts.ts'
import { addTimelineEntry, type Draft } from '../draft.ts'
import type { NotificationHandler } from '../kind.ts'
import { awaitFile } from '../output.ts'
import type { StopAction, StopCode } from '../policy.ts'
import { requestQuery } from '../query.ts'
import { type Attempt, type Reason, reason } from '../recording.ts'
import { failAttempt, giveUp } from '../restart.ts'
import { isSameStop } from '../settle.ts'
import { stopWithAttempt } from '../stopping.ts'
import { summarizePage } from './pageSummary.ts'
import { grantGrace } from './silence.ts'

/** 71: the recorder stopped. This is certain, so it is acted on immediately. */
const recorderStopped: NotificationHandler = (draft, attempt, { code, detail, sid }) => {
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
    const why = reason('stopped', 'The recording was stopped at Agora (event 71, code 0)', evidence)
    stopWithAttempt(draft, attempt, { why })
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
const capabilityLimit: NotificationHandler = (draft, attempt, { detail, sid }) => {
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
const sessionExit: NotificationHandler = (draft, attempt, { code = 0, sid }) => {
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
const recorderReload: NotificationHandler = (draft, attempt, { detail }) => {
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

/** Events of Agora's web page recorder, and of its session. */
export const PAGE_EVENTS: Readonly<Record<number, NotificationHandler>> = {
  11: sessionExit,
  70: (draft, attempt) => awaitFile(draft, attempt),
  71: recorderStopped,
  72: capabilityLimit,
  73: recorderReload,
}
