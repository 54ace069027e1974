import { requestUpdate } from '../attempt.ts'
import { isSupervised, supervisedAttempts } from '../attempts.ts'
import { addTimelineEntry, arm, type Draft, disarm } from '../draft.ts'
import { awaitFile, suspendFileDeadline } from '../output.ts'
import { type Attempt, reason } from '../recording.ts'
import { failAttempt } from '../restart.ts'
import type { Signal } from '../signal.ts'
import { retryUpdate } from '../updates.ts'

/**
 * The page stays open at Agora, and nothing is written. What the page shows does not matter meanwhile, so the load and
 * health deadlines are suspended. Silence and Agora's answers count as before: a page that died during the pause could
 * not be resumed.
 */
export const pause = (draft: Draft): void => {
  const { recording } = draft
  if (recording.desired === 'stopped' || recording.paused) return
  recording.paused = true
  addTimelineEntry(draft, 'recording.pause_requested', null, 'Pause requested')
  for (const attempt of supervisedAttempts(recording)) {
    disarm(attempt, 'healthyBy')
    if (attempt.page) disarm(attempt, 'loadBy')
    suspendFileDeadline(attempt)
    requestUpdate(draft, attempt)
  }
}

/** Agora writes again. The page gets its full time to become healthy. */
export const resume = (draft: Draft): void => {
  const { recording } = draft
  if (recording.desired === 'stopped' || !recording.paused) return
  recording.paused = false
  addTimelineEntry(draft, 'recording.resume_requested', null, 'Resume requested')
  for (const attempt of supervisedAttempts(recording)) {
    restartPageDeadlines(draft, attempt)
    requestUpdate(draft, attempt)
  }
}

const restartPageDeadlines = (draft: Draft, attempt: Attempt): void => {
  const { page, sid } = attempt
  const { gaveUp, policy } = draft.recording
  if (!page || sid === null || gaveUp) return
  if (!page.loaded) arm(draft, attempt, 'loadBy', policy.loadTimeout)
  if (page.failingSince === null) return
  page.failingSince = draft.now
  arm(draft, attempt, 'healthyBy', policy.unhealthyTimeout)
}

/** Agora's answer to an update. If the opposite was requested meanwhile, another update follows. */
export const handleUpdateAnswer = (
  draft: Draft,
  attempt: Attempt,
  { sent, outcome, evidence }: Extract<Signal, { type: 'updateAnswered' }>,
): void => {
  if (!('onhold' in sent)) return
  const { onhold } = sent
  if (!attempt.update || !isSupervised(draft.recording, attempt.number)) return
  if (outcome === 'done') {
    attempt.update = null
    attempt.onhold = onhold
    if (onhold) addTimelineEntry(draft, 'attempt.paused', attempt, 'Agora has stopped writing', evidence)
    else addTimelineEntry(draft, 'attempt.resumed', attempt, 'Agora writes again', evidence)
    requestUpdate(draft, attempt)
    if (attempt.confirmedAt !== null) awaitFile(draft, attempt)
    return
  }
  const what = onhold ? 'the pause' : 'the resume'
  if (outcome === 'refused' && !onhold && !draft.recording.paused) {
    // This task would never write again. A new attempt writes from its start.
    const why = reason('resume_failed', `Agora refuses ${what}: nothing is written`, evidence)
    failAttempt(draft, attempt, why, { taskStatus: 'running', keep: false })
    return
  }
  retryUpdate(draft, attempt, { what, outcome, evidence })
}

/** Compares whether Agora writes with what was requested, unless an update in flight may change it. */
export const reconcilePause = (draft: Draft, attempt: Attempt, onhold: boolean | undefined): void => {
  if (onhold === undefined || attempt.update) return
  attempt.onhold = onhold
  if (onhold === draft.recording.paused) return
  const message = onhold
    ? 'Agora says that it writes nothing although the recording is not paused: the update is sent again'
    : 'Agora says that it writes although the recording is paused: the update is sent again'
  addTimelineEntry(draft, 'agora.pause_differs', attempt, message, { onhold })
  requestUpdate(draft, attempt)
}
