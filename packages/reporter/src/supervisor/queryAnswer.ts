import { isSupervised } from './attempts.ts'
import { addTimelineEntry, arm, type Draft, disarm, secondsBetween } from './draft.ts'
import { addFiles, checkFiles } from './output.ts'
import { type Attempt, type Evidence, reason } from './recording.ts'
import { failAttempt } from './restart.ts'
import type { QueryAnswer } from './signal.ts'
import { NOT_FOUND_SECONDS, NOT_FOUND_WAITS, UNKNOWN_WAITS, waitAt } from './waits.ts'

/** Seconds between the queries until the start is confirmed; the last one repeats (Agora, best practices). */
const CONFIRM_WAITS = [5, 10, 15]
/** Seconds. Status 7 or 8 is believed when repeated 5 s later: meanwhile event 71 may arrive and give the cause. */
const EXITED_WAIT = 5

/** Agora's answer to a query of a supervised attempt, combined with what else is known of the task. */
export const handleQueryAnswer = (draft: Draft, attempt: Attempt, answer: QueryAnswer): void => {
  const { query } = attempt
  query.asked += 1
  if (answer.kind === 'unknown') {
    if (query.unknown === 0) {
      const message = `Agora gave no clear answer (${answer.message}): retrying`
      addTimelineEntry(draft, 'agora.unclear', attempt, message)
    }
    arm(draft, attempt, 'queryAt', waitAfterUnclear(draft, attempt))
    query.unknown += 1
    return
  }
  query.unknown = 0
  if (answer.kind === 'notFound') {
    handleNotFound(draft, attempt)
    return
  }
  query.notFound = 0
  query.notFoundSince = null
  addFiles(draft, attempt, answer.files)
  handleStatus(draft, attempt, answer.status)
  if (!isSupervised(draft.recording, attempt.number)) return
  draft.rules.handleAnswer(draft, attempt, answer)
  if (RECORDING_STATUSES.has(answer.status)) checkFiles(draft, attempt, answer.status)
}

/** While Agora gives no clear answers, a healthy recording falls back to the normal `queryInterval`. */
const waitAfterUnclear = (draft: Draft, { query, suspicion, confirmedAt }: Attempt): number => {
  const isWell = suspicion === null && confirmedAt !== null && query.notFound === 0
  const isLong = query.unknown >= UNKNOWN_WAITS.length
  return isLong && isWell ? draft.recording.policy.queryInterval : waitAt(UNKNOWN_WAITS, query.unknown)
}

/** Agora's statuses of a task that has ended: 7 stopped, 8 exited, 20 exited abnormally. */
export const ENDED_STATUSES: ReadonlySet<number> = new Set([7, 8, 20])

/** Agora's statuses of a task that records: 4 ready, 5 in progress. */
const RECORDING_STATUSES: ReadonlySet<number> = new Set([4, 5])

/** Agora's status: 0–3 starting, 4 ready, 5 in progress, 6 stop requested, 7 stopped, 8 exited, 20 exited abnormally. */
const handleStatus = (draft: Draft, attempt: Attempt, status: number): void => {
  const { query } = attempt
  if (status === 20) {
    failAsLost(draft, attempt, 'Agora says that the recorder exited abnormally (status 20)', { status })
    return
  }
  if (status === 7 || status === 8) {
    query.exitedSince ??= draft.now
    const left = EXITED_WAIT - secondsBetween(query.exitedSince, draft.now)
    if (left > 0) arm(draft, attempt, 'queryAt', left)
    else draft.rules.handleExit(draft, attempt, status)
    return
  }
  query.exitedSince = null
  if (!RECORDING_STATUSES.has(status)) {
    handleUnsettled(draft, attempt, status)
    return
  }
  query.unsettledSince = null
  handleRunning(draft, attempt, status)
}

/**
 * Agora neither records nor has ended. `confirmBy` bounds this for an attempt that was never confirmed. A confirmed one
 * fails after `confirmTimeout`, unless there is proof that it runs, for example a page that reports.
 */
const handleUnsettled = (draft: Draft, attempt: Attempt, status: number): void => {
  const { query } = attempt
  query.unsettledSince ??= draft.now
  const lasted = secondsBetween(query.unsettledSince, draft.now)
  arm(draft, attempt, 'queryAt', waitAt(CONFIRM_WAITS, query.asked - 1))
  if (attempt.confirmedAt === null || draft.rules.showsLife(draft, attempt)) return
  if (lasted < draft.recording.policy.confirmTimeout) return
  const message = `Agora has answered status ${status} for ${lasted} s, which is neither recording nor ended`
  failAttempt(draft, attempt, reason('lost_at_agora', message, { status, lasted, sid: attempt.sid }), {
    taskStatus: 'running',
  })
}

/** Agora records. */
const handleRunning = (draft: Draft, attempt: Attempt, status: number): void => {
  markConfirmed(draft, attempt, status)
  attempt.recordsAt = draft.now
  arm(draft, attempt, 'queryAt', draft.recording.policy.queryInterval)
  draft.rules.handleRecording(draft, attempt, status)
}
const markConfirmed = (draft: Draft, attempt: Attempt, status: number): void => {
  disarm(attempt, 'confirmBy')
  if (attempt.confirmedAt !== null) return
  attempt.confirmedAt = draft.now
  const message = `Agora confirms that it records (status ${status})`
  addTimelineEntry(draft, 'attempt.confirmed', attempt, message, { status })
}

/**
 * A 404 is ambiguous: the task ended, never started, or is failing over (for up to 90 s). A page that reports proves
 * that the task runs, a page that still has time to report may prove it, and event 12 announces a failover. Without such
 * proof the attempt is given up after 404s for Agora's 5, 10 and 15 s. An attempt that was never confirmed has until `confirmBy`.
 */
const handleNotFound = (draft: Draft, attempt: Attempt): void => {
  const { query } = attempt
  const { policy } = draft.recording
  query.notFound += 1
  query.notFoundSince ??= draft.now
  const since = secondsBetween(query.notFoundSince, draft.now)
  if (query.notFound === 1) {
    const message = 'Agora does not find the recording (404): retrying'
    addTimelineEntry(draft, 'agora.not_found', attempt, message)
  }
  const mayRun = draft.rules.mayShowLife(draft, attempt)
  const speaking = draft.rules.showsLife(draft, attempt)
  const evidence = { notFound: query.notFound, since, speaking, sid: attempt.sid }
  const left = Math.max(mayRun ? policy.failoverWindow - since : 0, failoverSecondsLeft(draft, attempt))
  if (left > 0) {
    arm(draft, attempt, 'queryAt', Math.min(15, Math.max(1, left)))
    return
  }
  if (mayRun) {
    draft.rules.handleLost(draft, attempt, `Agora has not found the recording for ${since} s`, evidence)
    return
  }
  const isSuspect = attempt.suspicion !== null || attempt.deadlines.confirmBy === undefined
  const isRepeated = query.notFound > NOT_FOUND_WAITS.length
  if (isSuspect && isRepeated && since >= NOT_FOUND_SECONDS) {
    const message = `Agora does not find the recording: ${query.notFound} queries in ${since} s were answered 404`
    draft.rules.handleLost(draft, attempt, message, evidence)
    return
  }
  const wait = waitAt(NOT_FOUND_WAITS, query.notFound - 1)
  // Notifications and updates ask for further queries between these.
  const isEarly = isRepeated && since < NOT_FOUND_SECONDS
  arm(draft, attempt, 'queryAt', isEarly ? Math.min(wait, NOT_FOUND_SECONDS - since) : wait)
}

/** Seconds for which a failover that event 12 announced still explains 404s. */
const failoverSecondsLeft = ({ recording, now }: Draft, { failoverAt }: Attempt): number =>
  failoverAt === null ? 0 : recording.policy.failoverWindow - secondsBetween(failoverAt, now)

export const failAsLost = (draft: Draft, attempt: Attempt, message: string, evidence: Evidence): void => {
  const why = reason('lost_at_agora', message, evidence)
  // A stop is sent all the same. If the task is failing over, it must not return beside the next attempt, or after the
  // last one, when it would go unnoticed.
  failAttempt(draft, attempt, why, { taskStatus: 'unknown' })
}
