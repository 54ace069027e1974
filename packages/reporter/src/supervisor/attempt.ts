import { addAttempt, isSupervised } from './attempts.ts'
import { addTimelineEntry, arm, type Draft, disarmRecording, formatUtc } from './draft.ts'
import { armRollOver } from './hourLimit.ts'
import { type Attempt, type Reason, type Recording, type Revisions, reason, type Time } from './recording.ts'

/** Seconds from the sid to the first query (Agora, best practices for cloud recording). */
const FIRST_QUERY_WAIT = 5
/** Seconds that a notification has to bring a sid whose start answer was lost. */
export const ADOPT_TIMEOUT = 30

/** Makes the next attempt. It becomes the current one. */
export const startAttempt = (draft: Draft): void => {
  const attempt = addAttempt(draft.recording, draft.now)
  draft.recording.waitingSince = null
  requestStart(draft, attempt)
}

/** Requests the start of an attempt: a new one, or one whose start was postponed. */
export const requestStart = (draft: Draft, attempt: Attempt): void => {
  const { number, uid } = attempt
  attempt.onhold = draft.recording.paused
  attempt.refused = draft.recording.refusedRevisions
  attempt.applied = startedWith(draft.recording)
  attempt.postponed = false
  disarmRecording(draft, 'retryAt')
  draft.effects.push({ kind: 'start', attempt: number })
  const message = `Attempt ${number} is being started with uid ${uid}`
  addTimelineEntry(draft, 'attempt.requested', attempt, message, { uid })
}

/** The changes that a start brings: not those that Agora has refused. */
const startedWith = ({ revisions, refusedRevisions }: Recording): Revisions => ({
  layout: isRefused(revisions.layout, refusedRevisions.layout) ? 0 : revisions.layout,
  subscription: isRefused(revisions.subscription, refusedRevisions.subscription) ? 0 : revisions.subscription,
})

/** Whether Agora has refused the newest change. */
export const isRefused = (revision: number, refused: number): boolean => revision > 0 && refused >= revision

/**
 * The attempt's sid is known, from the answer to start or from a notification that arrived first or instead. An attempt
 * that is no longer needed is stopped now that there is a sid to stop it by.
 */
export const adoptSid = (draft: Draft, attempt: Attempt, sid: string, from: string): void => {
  if (attempt.sid === sid || [...attempt.earlierSids, ...attempt.otherSids].includes(sid)) return
  if (attempt.sid !== null) {
    if (mayHaveAnotherTask(attempt)) attempt.otherSids = [...attempt.otherSids, sid]
    const message = `A second sid ${sid} was reported for attempt ${attempt.number}`
    const evidence = { known: attempt.sid, reported: sid, from }
    addTimelineEntry(draft, 'attempt.sid_conflict', attempt, message, evidence)
    return
  }
  attempt.sid = sid
  attempt.startedAt = draft.now
  attempt.mayRunUntil = null
  const message = `Agora runs attempt ${attempt.number} with sid ${sid}`
  addTimelineEntry(draft, 'attempt.started', attempt, message, { sid, from })
  if (isSupervised(draft.recording, attempt.number)) {
    beginSupervision(draft, attempt)
    return
  }
  attempt.state = 'superseded'
  attempt.deadlines = {}
  attempt.endedAt = null
  attempt.endReason ??= reason('stopped', 'The attempt was no longer needed when its sid became known')
  requestStop(draft, attempt)
}

const beginSupervision = (draft: Draft, attempt: Attempt): void => {
  const { recording } = draft
  const { policy } = recording
  if (attempt.state === 'starting') attempt.state = 'current'
  recording.postponed = 0
  if (attempt.postponed) disarmRecording(draft, 'retryAt')
  attempt.postponed = false
  arm(draft, attempt, 'confirmBy', policy.confirmTimeout)
  arm(draft, attempt, 'queryAt', FIRST_QUERY_WAIT)
  draft.rules.supervise(draft, attempt)
  requestUpdate(draft, attempt)
  if (attempt.state === 'current') armRollOver(draft, attempt)
}

/** Requests an update if the running task lacks what the user has requested. One update at a time. */
export const requestUpdate = (draft: Draft, attempt: Attempt): void => {
  const isInSync = draft.rules.isInSync(draft.recording, attempt) && attempt.update === null
  if (attempt.sid === null || isInSync || attempt.update?.nextAt === null) return
  attempt.update = { tries: attempt.update?.tries ?? 0, nextAt: null }
  draft.effects.push({ kind: 'update', attempt: attempt.number })
}

/** Requests the stop of an attempt. The stop is retried until Agora confirms the end. */
const requestStop = (draft: Draft, attempt: Attempt): void => {
  if (attempt.stop || attempt.sid === null) return
  attempt.stop = { notFound: 0, notFoundSince: null, unknown: 0, nextAt: null }
  draft.effects.push({ kind: 'stop', attempt: attempt.number })
}

/** Agora does not run the attempt. An earlier `endReason` is kept: why it was replaced says more than how it ended. */
export const endAttempt = (draft: Draft, attempt: Attempt, why: Reason): void => {
  if (attempt.state === 'ended') return
  attempt.wellUntil ??= wellUntil(draft, attempt)
  attempt.state = 'ended'
  attempt.endedAt = draft.now
  attempt.endReason ??= why
  attempt.stop = null
  attempt.update = null
  attempt.suspicion = null
  attempt.deadlines = {}
  if (attempt.sid !== null && mayHaveAnotherTask(attempt)) reopenAsOrphan(draft, attempt, attempt.sid)
}

/**
 * The start was sent with several resources, and it is not known which of them the task runs on. The known task may
 * belong to an earlier start, and a later one may have gone through as well.
 */
export const mayHaveAnotherTask = ({ otherResourceIds }: Attempt): boolean => otherResourceIds.length > 0

/** From now on the attempt stands for its other task, which is stopped as soon as its sid is known. */
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

/** Until when the attempt is known to have been well; null if it never was. */
const wellUntil = (draft: Draft, attempt: Attempt): Time | null =>
  attempt.loadedAt === null ? null : draft.rules.lastWellAt(draft, attempt)

/** The attempt's reports no longer count. Agora may still run it, so it is stopped. */
export const supersede = (draft: Draft, attempt: Attempt, why: Reason): void => {
  attempt.state = attempt.sid === null ? 'orphaned' : 'superseded'
  attempt.endReason = why
  attempt.wellUntil = wellUntil(draft, attempt)
  attempt.deadlines = {}
  if (attempt.state === 'orphaned') markOrphaned(draft, attempt)
  attempt.suspicion = null
  attempt.update = null
  requestStop(draft, attempt)
}

/** Only its sid can help. Its start was sent before now, so a page's task ends within `maxRecordingHour` hours. */
const markOrphaned = (draft: Draft, attempt: Attempt): void => {
  const { maxRecordingHour } = draft.recording
  attempt.mayRunUntil = draft.now + maxRecordingHour * 3_600_000
  addTimelineEntry(
    draft,
    'attempt.orphaned',
    attempt,
    `Attempt ${attempt.number} may still be running at Agora and cannot be stopped without its sid. ${draft.rules.words.orphanEnd(formatUtc(attempt.mayRunUntil))}`,
    { uid: attempt.uid, resourceId: attempt.resourceId, mayRunUntil: attempt.mayRunUntil },
  )
}
