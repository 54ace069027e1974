import { addFiles, reason } from './attempt.ts'
import {
  addTimelineEntry,
  arm,
  type Draft,
  disarm,
  formatUtc,
  hasPassed,
  requestQuery,
  secondsBetween,
} from './draft.ts'
import { reconcilePause } from './pause.ts'
import { type Attempt, type FailedCheck, isCurrent, type Reason } from './recording.ts'
import { failAttempt } from './restart.ts'
import type { QueryAnswer } from './signal.ts'
import {
  deferSilenceCheck,
  isExcusedByOutage,
  isReporting,
  mayStillReport,
  suspectSilence,
} from './silence.ts'

/** Seconds between the queries that wait for the start to be confirmed; the last one repeats (best practice). */
const CONFIRM_WAITS = [5, 10, 15]
/** Agora: ask again after 5, 10, 15 s before a 404 is believed. */
export const NOT_FOUND_WAITS: readonly number[] = [5, 10, 15]
/** Agora: a query's 50x does not say that the recording ended; ask again after 5, 10, 15, 30 s. */
const UNKNOWN_WAITS = [5, 10, 15, 30]
/** Ended by itself (status 7, 8) is believed when it is said again 5 s later: event 71 may come first, and say why. */
const EXITED_WAIT = 5

const waitAt = (waits: readonly number[], index: number): number =>
  waits[Math.min(index, waits.length - 1)] ?? 0

/** Agora's answer to a query of the live attempt, weighed against what the page says. */
export const handleQueryAnswer = (draft: Draft, attempt: Attempt, answer: QueryAnswer): void => {
  const { query } = attempt
  query.asked += 1
  if (answer.kind === 'unknown') {
    if (query.unknown === 0) {
      addTimelineEntry(
        draft,
        'agora.unclear',
        attempt,
        `Agora gave no clear answer (${answer.message}): asking again`,
      )
    }
    arm(draft, 'queryAt', waitAfterUnclear(draft, attempt))
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
  addFiles(attempt, answer.files)
  handleStatus(draft, attempt, answer.status)
  if (isCurrent(draft.recording, attempt.number)) reconcilePause(draft, attempt, answer.onhold)
}

/** Of a recording that nothing is known against, Agora is asked no more often than of any other while it cannot answer. */
const waitAfterUnclear = (draft: Draft, { query, suspicion, confirmedAt }: Attempt): number => {
  const isWell = suspicion === null && confirmedAt !== null && query.notFound === 0
  const isLong = query.unknown >= UNKNOWN_WAITS.length
  return isLong && isWell ? draft.recording.policy.queryInterval : waitAt(UNKNOWN_WAITS, query.unknown)
}

/** Of Agora's status: 7 stopped, 8 exited, 20 exited abnormally. */
export const ENDED_STATUSES: ReadonlySet<number> = new Set([7, 8, 20])

/** Agora's status: 0–3 on the way, 4 ready, 5 in progress, 6 stop requested, 7 stopped, 8 exited, 20 exited abnormally. */
const handleStatus = (draft: Draft, attempt: Attempt, status: number): void => {
  const { query } = attempt
  if (status === 20) {
    failAsLost(draft, attempt, 'Agora says that the recorder exited abnormally (status 20)', { status })
    return
  }
  if (status === 7 || status === 8) {
    query.exitedSince ??= draft.now
    const left = EXITED_WAIT - secondsBetween(query.exitedSince, draft.now)
    if (left > 0) arm(draft, 'queryAt', left)
    else failAsLost(draft, attempt, `Agora says that the recorder has ended (status ${status})`, { status })
    return
  }
  query.exitedSince = null
  if (status !== 4 && status !== 5) {
    arm(draft, 'queryAt', waitAt(CONFIRM_WAITS, query.asked - 1))
    return
  }
  markConfirmed(draft, attempt, status)
  if (attempt.suspicion !== null && draft.ingressSuspect) {
    arm(draft, 'queryAt', draft.recording.policy.queryInterval)
    deferSilenceCheck(draft, attempt)
    return
  }
  if (attempt.suspicion !== null) {
    failAttempt(draft, attempt, deadPageReason(draft, attempt, status), { where: 'running' })
    return
  }
  arm(draft, 'queryAt', draft.recording.policy.queryInterval)
}

const markConfirmed = (draft: Draft, attempt: Attempt, status: number): void => {
  disarm(draft, 'confirmBy')
  if (attempt.confirmedAt !== null) return
  attempt.confirmedAt = draft.now
  addTimelineEntry(draft, 'attempt.confirmed', attempt, `Agora confirms that it records (status ${status})`, {
    status,
  })
}

/** The page is dead inside a recorder that goes on. */
const deadPageReason = (draft: Draft, attempt: Attempt, status: number): Reason => {
  if (attempt.suspicion === 'never_contacted') {
    const waited = secondsBetween(attempt.startedAt, draft.now)
    return reason(
      'page_never_contacted',
      `The page never reached the reporter within ${waited} s, while Agora records (status ${status}). Is the script tag in the page, and is the reporter's public URL reachable from outside?`,
      { waited, status, sid: attempt.sid },
    )
  }
  const silent = secondsBetween(attempt.lastBeatAt, draft.now)
  return reason(
    'page_silent',
    `No report from the page for ${silent} s, the last at ${formatUtc(attempt.lastBeatAt ?? draft.now)}, while Agora records (status ${status})`,
    {
      silent,
      lastBeatAt: attempt.lastBeatAt,
      status,
      sid: attempt.sid,
    },
  )
}

/**
 * 404 is ambiguous: the task ended, never started, or is failing over (up to 90 s). A page that speaks proves
 * that it lives, one whose time to speak is not over may yet, and event 12 says that it fails over; a silent one is
 * given up after Agora's 5, 10, 15 s; one not yet confirmed has until `confirmBy`.
 */
const handleNotFound = (draft: Draft, attempt: Attempt): void => {
  const { query } = attempt
  const { policy } = draft.recording
  query.notFound += 1
  query.notFoundSince ??= draft.now
  const since = secondsBetween(query.notFoundSince, draft.now)
  if (query.notFound === 1) {
    addTimelineEntry(
      draft,
      'agora.not_found',
      attempt,
      'Agora does not find the recording (404): asking again',
    )
  }
  const waited = mayStillReport(draft, attempt)
  const evidence = {
    notFound: query.notFound,
    since,
    speaking: isReporting(draft, attempt),
    sid: attempt.sid,
  }
  const left = Math.max(waited ? policy.failoverWindow - since : 0, failoverSecondsLeft(draft, attempt))
  if (left > 0) {
    arm(draft, 'queryAt', Math.min(15, Math.max(1, left)))
    return
  }
  if (waited) {
    failAsLost(draft, attempt, `Agora has not found the recording for ${since} s`, evidence)
    return
  }
  const doubted = attempt.suspicion !== null || draft.recording.deadlines.confirmBy === undefined
  if (doubted && query.notFound > NOT_FOUND_WAITS.length) {
    failAsLost(
      draft,
      attempt,
      `Agora does not find the recording, asked ${query.notFound} times in ${since} s`,
      evidence,
    )
    return
  }
  arm(draft, 'queryAt', waitAt(NOT_FOUND_WAITS, query.notFound - 1))
}

/** Seconds during which a failover that Agora told of (event 12) still explains its 404s. */
const failoverSecondsLeft = ({ recording, now }: Draft, { failoverAt }: Attempt): number =>
  failoverAt === null ? 0 : recording.policy.failoverWindow - secondsBetween(failoverAt, now)

const failAsLost = (
  draft: Draft,
  attempt: Attempt,
  message: string,
  evidence: Record<string, unknown>,
): void => {
  const why = reason('lost_at_agora', message, evidence)
  // A stop is sent all the same: should the task be failing over, it must not come back beside the next attempt, or
  // after all attempts, when nobody would look at it any more.
  failAttempt(draft, attempt, why, { where: 'unknown' })
}

/** Judges every deadline of the live attempt that has passed, on the newest facts. */
export const checkDeadlines = (draft: Draft, attempt: Attempt): void => {
  if (attempt.sid === null) {
    if (hasPassed(draft, 'confirmBy')) failWithoutSid(draft, attempt)
    return
  }
  const verdict =
    checkConfirmation(draft, attempt) ?? checkHealth(draft, attempt) ?? checkLoad(draft, attempt)
  if (verdict) {
    failAttempt(draft, attempt, verdict, { where: verdict.code === 'lost_at_agora' ? 'unknown' : 'running' })
    return
  }
  if (hasPassed(draft, 'beatBy')) suspectSilence(draft, attempt)
  if (hasPassed(draft, 'queryAt')) requestQuery(draft, attempt)
}

const failWithoutSid = (draft: Draft, attempt: Attempt): void => {
  const why = reason(
    'start_failed',
    `Agora's answer to the start of attempt ${attempt.number} was lost, and no notification brought its sid`,
    { uid: attempt.uid, resourceId: attempt.resourceId },
  )
  failAttempt(draft, attempt, why, { where: 'unknown' })
}

const checkConfirmation = (draft: Draft, attempt: Attempt): Reason | null => {
  if (!hasPassed(draft, 'confirmBy')) return null
  if (attempt.query.unknown > 0 || attempt.query.asking !== null || isReporting(draft, attempt)) {
    // Nothing is known against it: hold, and look again.
    arm(draft, 'confirmBy', waitAt(UNKNOWN_WAITS, UNKNOWN_WAITS.length))
    return null
  }
  const waited = secondsBetween(attempt.startedAt, draft.now)
  return reason(
    'lost_at_agora',
    `Agora did not confirm the recording within ${waited} s: it did not start, or it quit`,
    {
      waited,
      notFound: attempt.query.notFound,
      sid: attempt.sid,
    },
  )
}

const checkHealth = (draft: Draft, attempt: Attempt): Reason | null => {
  if (!hasPassed(draft, 'healthyBy') || !attempt.page || isExcusedByOutage(draft, attempt, 'healthyBy'))
    return null
  const failing = attempt.page.failing
  const lasted = secondsBetween(attempt.page.failingSince, draft.now)
  return reason('page_unhealthy', `For ${lasted} s the page has reported: ${describeChecks(failing)}`, {
    lasted,
    failing,
  })
}

const checkLoad = (draft: Draft, attempt: Attempt): Reason | null => {
  if (!hasPassed(draft, 'loadBy') || isExcusedByOutage(draft, attempt, 'loadBy')) return null
  disarm(draft, 'loadBy')
  const waited = secondsBetween(attempt.startedAt, draft.now)
  if (attempt.page) {
    const failing = attempt.page.failing
    return reason(
      'page_not_loaded',
      failing.length > 0
        ? `The page has not loaded after ${waited} s: ${describeChecks(failing)}`
        : `The page reached the reporter and has not said loaded after ${waited} s`,
      { waited, failing },
    )
  }
  attempt.suspicion = 'never_contacted'
  addTimelineEntry(
    draft,
    'page.never_contacted',
    attempt,
    `The page has not reached the reporter after ${waited} s: asking Agora`,
    {
      waited,
    },
  )
  requestQuery(draft, attempt)
  return null
}

export const describeChecks = (failing: FailedCheck[]): string =>
  failing.map(({ name, detail }) => (detail ? `${name} (${detail})` : name)).join(', ')
