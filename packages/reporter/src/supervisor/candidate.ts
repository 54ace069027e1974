import { endAttempt, requestStart, supersede } from './attempt.ts'
import { addAttempt, candidateAttempt, currentAttempt } from './attempts.ts'
import { addTimelineEntry, type Draft, disarmRecording } from './draft.ts'
import { armRollOver } from './hourLimit.ts'
import { type Attempt, type Reason, reason } from './recording.ts'

/*
 * Make before break: a task that Agora records is stopped only when a better one is proven.
 *
 *                        page loaded, or confirmed     ┌─► promoted: it is the current attempt, the former is stopped
 *   started ──────────► (with a sid) ──────────────────┘
 *      │  │
 *      │  └── the current attempt has ended ─────────────► takes over: it is the current attempt, not proven yet
 *      │
 *      ├── the current attempt is healthy again ─────────► dropped: it is stopped and does not count
 *      └── it fails, or is not proven in time ───────────► dropped: it counts, the next candidate follows after a delay
 */

/** Starts an attempt beside the current one, for the reason in `recording.replacing`. */
export const startCandidate = (draft: Draft, why: Reason): void => {
  const { recording, now } = draft
  const former = currentAttempt(recording)
  const candidate = addAttempt(recording, now)
  candidate.state = 'candidate'
  candidate.candidateFor = why
  const message = `${why.message} → attempt ${candidate.number} starts as a candidate, uid ${candidate.uid}; attempt ${former?.number} keeps recording until ${draft.rules.words.proof}`
  const evidence = { code: why.code, ...why.evidence, beside: former?.number, uid: candidate.uid }
  addTimelineEntry(draft, 'candidate.started', candidate, message, evidence)
  requestStart(draft, candidate)
}

/** Soft evidence is found while a canary runs: the canary is the candidate for it, and no other one starts. */
export const assignCandidate = (draft: Draft, candidate: Attempt, why: Reason): void => {
  const message = `${why.message} → attempt ${candidate.number}, which runs already, takes over once ${draft.rules.words.proof}`
  const evidence = { code: why.code, ...why.evidence }
  addTimelineEntry(draft, 'candidate.assigned', candidate, message, evidence)
}

/** The candidate is proven: it becomes the current attempt, and the former one is stopped. */
export const promoteCandidate = (draft: Draft, candidate: Attempt): void => {
  const { recording } = draft
  const former = currentAttempt(recording)
  // Not `candidateFor`: what is found after a canary's start is the reason then.
  const why = recording.replacing ?? reason('restarted', 'A candidate has loaded')
  candidate.state = 'current'
  recording.replacing = null
  disarmRecording(draft, 'retryAt')
  const message = `Attempt ${candidate.number} ${draft.rules.words.proven} and takes over${former ? ` from attempt ${former.number}` : ''}`
  const evidence = { code: why.code, former: former?.number }
  addTimelineEntry(draft, 'candidate.promoted', candidate, message, evidence)
  if (former) {
    if (isPlanned(why)) {
      addTimelineEntry(draft, 'attempt.rolled_over', former, why.message, why.evidence)
    }
    supersede(draft, former, why)
  }
  armRollOver(draft, candidate)
}

/** The current attempt has ended: the candidate becomes the current attempt although nothing proves it yet. */
export const takeOver = (draft: Draft, candidate: Attempt): void => {
  candidate.state = candidate.sid === null ? 'starting' : 'current'
  draft.recording.replacing = null
  const message = `Attempt ${candidate.number} takes over before ${draft.rules.words.proof}: the current attempt has ended`
  addTimelineEntry(draft, 'candidate.promoted', candidate, message, { code: candidate.candidateFor?.code })
  // Agora may take now what it did not take beside the attempt that has ended.
  if (candidate.postponed) requestStart(draft, candidate)
  draft.rules.handleTakeOver(draft, candidate)
  armRollOver(draft, candidate)
}

/** Whether the attempt is replaced only because Agora will not keep it: nothing is wrong with it. */
export const isPlanned = ({ code }: Reason): boolean =>
  code === 'max_recording_hour' || code === 'resource_expired_hour'

/** Whether it is evidence against this reason to replace the attempt that it is well. */
export const healthDisproves = (why: Reason): boolean => !isPlanned(why) && why.code !== 'no_files'

/** The current attempt is healthy after all: the candidate, if there is one, is stopped, and nothing counts. */
export const keepCurrent = (draft: Draft, current: Attempt): void => {
  const { recording } = draft
  recording.replacing = null
  const candidate = candidateAttempt(recording)
  if (!candidate) {
    disarmRecording(draft, 'retryAt')
    return
  }
  const why = reason('candidate_dropped', `Attempt ${current.number} is healthy again`)
  dropCandidate(draft, candidate, why)
}

/** Stops the candidate. The current attempt keeps recording. */
export const dropCandidate = (draft: Draft, candidate: Attempt, why: Reason): void => {
  const message = `${why.message}: attempt ${candidate.number} is dropped`
  addTimelineEntry(draft, 'candidate.dropped', candidate, message, { code: why.code, ...why.evidence })
  retireStarted(draft, candidate, why)
}

/** Ends an attempt that runs nothing because its start was postponed; stops any other. */
export const retireStarted = (draft: Draft, attempt: Attempt, why: Reason): void => {
  if (!attempt.postponed) {
    supersede(draft, attempt, why)
    return
  }
  attempt.postponed = false
  disarmRecording(draft, 'retryAt')
  endAttempt(draft, attempt, why)
}
