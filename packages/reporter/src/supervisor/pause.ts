import { reason, syncPause } from './attempt.ts'
import { addTimelineEntry, arm, type Draft, disarm, requestQuery } from './draft.ts'
import { type Attempt, isCurrent, liveAttempt } from './recording.ts'
import { failAttempt } from './restart.ts'
import type { Signal } from './signal.ts'

/** Seconds between updates that got no clear answer; the last one repeats as long as the attempt lives. */
const UPDATE_WAITS = [5, 10, 15, 30, 60]

/**
 * The page stays open at Agora, and nothing of it is written. What it shows does not matter then, so the deadlines of
 * failed checks and of a page that is still loading wait; that it lives does, or it would be dead when it is wanted
 * again: silence and Agora's word count as ever.
 */
export const pause = (draft: Draft): void => {
  const { recording } = draft
  if (recording.desired === 'stopped' || recording.paused) return
  recording.paused = true
  addTimelineEntry(draft, 'recording.pause_requested', null, 'A pause was asked for')
  const attempt = liveAttempt(recording)
  disarm(draft, 'healthyBy')
  if (attempt?.page) disarm(draft, 'loadBy')
  if (attempt) syncPause(draft, attempt)
}

/** What the page shows is written again: it has its whole time to be well. */
export const resume = (draft: Draft): void => {
  const { recording } = draft
  if (recording.desired === 'stopped' || !recording.paused) return
  recording.paused = false
  addTimelineEntry(draft, 'recording.resume_requested', null, 'The end of the pause was asked for')
  const attempt = liveAttempt(recording)
  if (!attempt) return
  restartPageDeadlines(draft, attempt)
  syncPause(draft, attempt)
}

const restartPageDeadlines = (draft: Draft, { page, sid }: Attempt): void => {
  const { gaveUp, policy } = draft.recording
  if (!page || sid === null || gaveUp) return
  if (!page.loaded) arm(draft, 'loadBy', policy.loadTimeout)
  if (page.failingSince === null) return
  page.failingSince = draft.now
  arm(draft, 'healthyBy', policy.unhealthyTimeout)
}

/** Agora's answer to an update. What was wanted meanwhile may be the opposite: it is sent after it. */
export const handleUpdateAnswer = (
  draft: Draft,
  attempt: Attempt,
  { onhold, outcome, evidence }: Extract<Signal, { type: 'updateAnswered' }>,
): void => {
  const { update } = attempt
  if (!update || !isCurrent(draft.recording, attempt.number)) return
  if (outcome === 'done') {
    attempt.update = null
    attempt.onhold = onhold
    if (onhold)
      addTimelineEntry(draft, 'attempt.paused', attempt, 'Agora writes nothing from now on', evidence)
    else addTimelineEntry(draft, 'attempt.resumed', attempt, 'Agora writes again', evidence)
    syncPause(draft, attempt)
    return
  }
  const what = onhold ? 'the pause' : 'the end of the pause'
  if (outcome === 'refused' && !onhold && !draft.recording.paused) {
    // It would never write again; a new attempt begins by writing.
    const why = reason('resume_failed', `Agora refuses ${what}: nothing is written`, evidence)
    failAttempt(draft, attempt, why, { where: 'running' })
    return
  }
  const wait = UPDATE_WAITS[Math.min(update.tries, UPDATE_WAITS.length - 1)] ?? 0
  update.tries += 1
  update.nextAt = draft.now + wait * 1000
  if (update.tries === 1) {
    const message = `Agora has not confirmed ${what}: again in ${wait} s`
    addTimelineEntry(draft, 'attempt.update_unconfirmed', attempt, message, evidence)
  }
  if (outcome === 'notFound') requestQuery(draft, attempt, true)
}

/** Agora's own word on whether it writes, when no update is under way that may have changed it meanwhile. */
export const reconcilePause = (draft: Draft, attempt: Attempt, onhold: boolean | undefined): void => {
  if (onhold === undefined || attempt.update) return
  attempt.onhold = onhold
  if (onhold === draft.recording.paused) return
  const message = onhold
    ? 'Agora says that it writes nothing, and it should: it is told again'
    : 'Agora says that it writes, and it should not: it is told again'
  addTimelineEntry(draft, 'agora.pause_differs', attempt, message, { onhold })
  syncPause(draft, attempt)
}
