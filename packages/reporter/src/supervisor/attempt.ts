import { addTimelineEntry, arm, type Draft, disarm, formatUtc } from './draft.ts'
import type { Attempt, Evidence, Reason, Time } from './recording.ts'
import { isReporting } from './silence.ts'

/** Agora's best practice: the first query 5 s after the sid. */
const FIRST_QUERY_WAIT = 5
/** How long a lost sid may take to come by a notification. */
export const ADOPT_TIMEOUT = 30

/** Makes the next attempt. Its uid was never used before, so it pushes no other out (Agora: uids alternate). */
export const startAttempt = (draft: Draft): void => {
  const { recording, now } = draft
  const number = recording.attempts.length + 1
  const attempt: Attempt = {
    number,
    uid: String(recording.uidBase + number),
    state: 'starting',
    resourceId: null,
    otherResourceIds: [],
    acquiredAt: null,
    sid: null,
    earlierSids: [],
    otherSids: [],
    createdAt: now,
    startedAt: null,
    confirmedAt: null,
    helloAt: null,
    loadedAt: null,
    lastBeatAt: null,
    endedAt: null,
    endReason: null,
    wellUntil: null,
    mayRunUntil: null,
    page: null,
    earlierPages: [],
    suspicion: null,
    query: { asking: null, asked: 0, notFound: 0, notFoundSince: null, exitedSince: null, unknown: 0 },
    stop: null,
    onhold: false,
    update: null,
    files: [],
    newUid: null,
    failoverAt: null,
    lastSequence: null,
  }
  recording.attempts.push(attempt)
  recording.deadlines = {}
  requestStart(draft, attempt)
}

/** Asks Agora to start an attempt: a new one, or one whose start it did not take before. */
export const requestStart = (draft: Draft, attempt: Attempt): void => {
  const { number, uid } = attempt
  attempt.onhold = draft.recording.paused
  draft.effects.push({ kind: 'start', attempt: number })
  addTimelineEntry(
    draft,
    'attempt.requested',
    attempt,
    `Attempt ${number} is being started with uid ${uid}`,
    { uid },
  )
}

/**
 * The sid of an attempt is known: by the answer to start, or by a notification that came first or instead.
 * An attempt that nobody wants any more is stopped as soon as there is a sid to stop it by.
 */
export const adoptSid = (draft: Draft, attempt: Attempt, sid: string, from: string): void => {
  if (attempt.sid === sid || [...attempt.earlierSids, ...attempt.otherSids].includes(sid)) return
  if (attempt.sid !== null) {
    if (mayHaveAnotherTask(attempt)) attempt.otherSids = [...attempt.otherSids, sid]
    const message = `A second sid ${sid} was reported for attempt ${attempt.number}`
    addTimelineEntry(draft, 'attempt.sid_conflict', attempt, message, {
      known: attempt.sid,
      reported: sid,
      from,
    })
    return
  }
  attempt.sid = sid
  attempt.startedAt = draft.now
  attempt.mayRunUntil = null
  const wanted = attempt.state === 'starting' && draft.recording.desired === 'running'
  addTimelineEntry(
    draft,
    'attempt.started',
    attempt,
    `Agora runs attempt ${attempt.number} with sid ${sid}`,
    {
      sid,
      from,
    },
  )
  if (!wanted) {
    attempt.state = 'superseded'
    attempt.endedAt = null
    attempt.endReason ??= reason('stopped', 'It was not wanted any more when its sid became known')
    requestStop(draft, attempt)
    return
  }
  const { policy, paused } = draft.recording
  attempt.state = 'current'
  draft.recording.postponed = 0
  disarm(draft, 'retryAt')
  arm(draft, 'confirmBy', policy.confirmTimeout)
  arm(draft, 'queryAt', FIRST_QUERY_WAIT)
  // The page may have been faster than the sid.
  const { page } = attempt
  if (!page || !(page.loaded || paused)) arm(draft, 'loadBy', policy.loadTimeout)
  if (page) arm(draft, 'beatBy', policy.heartbeatTimeout)
  if (page && page.failingSince !== null && !paused) arm(draft, 'healthyBy', policy.unhealthyTimeout)
  syncPause(draft, attempt)
}

/** Tells Agora to write or not to write, unless it does as is wanted, or an update is on its way: one at a time. */
export const syncPause = (draft: Draft, attempt: Attempt): void => {
  const asWanted = attempt.onhold === draft.recording.paused && attempt.update === null
  if (attempt.sid === null || asWanted || attempt.update?.nextAt === null) return
  attempt.update = { tries: attempt.update?.tries ?? 0, nextAt: null }
  draft.effects.push({ kind: 'update', attempt: attempt.number })
}

/** Asks Agora to stop an attempt, and again until the end is confirmed. */
const requestStop = (draft: Draft, attempt: Attempt): void => {
  if (attempt.stop || attempt.sid === null) return
  attempt.stop = { notFound: 0, notFoundSince: null, unknown: 0, nextAt: null }
  draft.effects.push({ kind: 'stop', attempt: attempt.number })
}

/** Agora does not run the attempt (any more). Why it was given up before says more than how it ended. */
export const endAttempt = (draft: Draft, attempt: Attempt, why: Reason): void => {
  if (attempt.state === 'ended') return
  attempt.wellUntil ??= lastWellAt(draft, attempt)
  attempt.state = 'ended'
  attempt.endedAt = draft.now
  attempt.endReason ??= why
  attempt.stop = null
  attempt.update = null
  attempt.suspicion = null
  if (attempt.sid !== null && mayHaveAnotherTask(attempt)) reopenAsOrphan(draft, attempt, attempt.sid)
}

/**
 * Its start was sent with several resources, and nobody has seen of which its task is: that may be an earlier one that
 * has ended, and the start after it may have gone through as well.
 */
export const mayHaveAnotherTask = ({ otherResourceIds }: Attempt): boolean => otherResourceIds.length > 0

/** The attempt stands for the other task from now on: stopped at once when its sid is known already, else when it comes. */
const reopenAsOrphan = (draft: Draft, attempt: Attempt, sid: string): void => {
  const [next, ...others] = attempt.otherSids
  attempt.earlierSids = [...attempt.earlierSids, sid]
  attempt.otherSids = []
  attempt.sid = null
  attempt.state = 'orphaned'
  attempt.endedAt = null
  markOrphaned(draft, attempt)
  if (next === undefined) return
  adoptSid(draft, attempt, next, 'an earlier notification')
  attempt.otherSids = others
}

/** What was recorded until then is good, as far as anybody knows. */
const lastWellAt = (draft: Draft, attempt: Attempt): Time | null => {
  const { loadedAt, page, lastBeatAt } = attempt
  if (loadedAt === null) return null
  if (page && page.failingSince !== null) return page.failingSince
  return isReporting(draft, attempt) ? draft.now : lastBeatAt
}

/** The attempt's reports count no longer; Agora may still run it and is told to stop. */
export const supersede = (draft: Draft, attempt: Attempt, why: Reason): void => {
  attempt.state = attempt.sid === null ? 'orphaned' : 'superseded'
  attempt.endReason = why
  attempt.wellUntil = lastWellAt(draft, attempt)
  if (attempt.state === 'orphaned') markOrphaned(draft, attempt)
  attempt.suspicion = null
  attempt.update = null
  requestStop(draft, attempt)
}

/** Nothing can be done about it but to wait for its sid. Its start was sent by now, so it ends so many hours later. */
const markOrphaned = (draft: Draft, attempt: Attempt): void => {
  const { maxRecordingHour } = draft.recording
  attempt.mayRunUntil = draft.now + maxRecordingHour * 3_600_000
  addTimelineEntry(
    draft,
    'attempt.orphaned',
    attempt,
    `Perhaps Agora runs attempt ${attempt.number}, and nobody can stop it without its sid: Agora ends it by itself at ${formatUtc(attempt.mayRunUntil)} at the latest`,
    { uid: attempt.uid, resourceId: attempt.resourceId, mayRunUntil: attempt.mayRunUntil },
  )
}

/** No deadline of the live attempt is waited for any longer. */
export const disarmAttempt = (draft: Draft): void => {
  disarm(draft, 'confirmBy', 'loadBy', 'beatBy', 'healthyBy', 'queryAt')
}

export const addFiles = (attempt: Attempt, files: string[]): void => {
  const added = files.filter((file, index) => !attempt.files.includes(file) && files.indexOf(file) === index)
  if (added.length > 0) attempt.files = [...attempt.files, ...added]
}

export const reason = (code: Reason['code'], message: string, evidence: Evidence = {}): Reason => ({
  code,
  message,
  evidence,
})
