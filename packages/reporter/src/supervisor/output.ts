import { isSupervised } from './attempts.ts'
import { clearAttentionOf, raiseAttentionOf } from './attention.ts'
import { keepCurrent } from './candidate.ts'
import { addTimelineEntry, arm, type Draft, disarm } from './draft.ts'
import { requestQuery } from './query.ts'
import { type Attempt, reason } from './recording.ts'
import { failAttempt } from './restart.ts'

/*
 * Whether what Agora records becomes files. Agora always records HLS, so a task that writes has a playlist within
 * a minute, whatever else it records, and every query and the event of its end list it.
 *
 *   Agora writes (`isWriting`, or an event says so) ──► fileBy ──► suspected: Agora is queried
 *        ▲                                                                │            │
 *        │ resumed                          lists a file, or is paused    │            │ records, and lists no file
 *        └────────────────────────────────────────────────────────────────┘            ▼
 *                                                                                  confirmed
 *
 * Only an answer confirms the suspicion: queries are `queryInterval` apart, and may have been failing for longer.
 */

/** Agora writes, as far as is known: from now on it has `fileTimeout` to list a file. */
export const awaitFile = (draft: Draft, attempt: Attempt): void => {
  const { recording } = draft
  const { fileTimeout } = recording.policy
  const isWatched = isSupervised(recording, attempt.number) && attempt.sid !== null
  const isAwaited = attempt.deadlines.fileBy !== undefined || attempt.noFiles !== null
  if (
    fileTimeout === 0 ||
    !isWatched ||
    isAwaited ||
    hasFiles(attempt) ||
    draft.rules.isOnHold(recording, attempt)
  )
    return
  arm(draft, attempt, 'fileBy', fileTimeout)
}

/** Nothing is written for now. */
export const suspendFileDeadline = (attempt: Attempt): void => {
  disarm(attempt, 'fileBy')
  if (attempt.noFiles === 'suspected') attempt.noFiles = null
}

/** `fileBy` has passed, and the last answer may be minutes old. Without clear answers, the next query is under way already. */
export const suspectNoFiles = (draft: Draft, attempt: Attempt): void => {
  disarm(attempt, 'fileBy')
  attempt.noFiles = 'suspected'
  const { unknown, notFound } = attempt.query
  if (unknown === 0 && notFound === 0) requestQuery(draft, attempt)
}

/** Agora answers that it records (status 4 or 5). The answer's files have been added before. */
export const checkFiles = (draft: Draft, attempt: Attempt, status: number): void => {
  if (hasFiles(attempt) || draft.rules.isOnHold(draft.recording, attempt)) return
  if (attempt.noFiles === 'suspected') confirmNoFiles(draft, attempt, status)
  else if (draft.rules.isWriting(attempt, status)) awaitFile(draft, attempt)
}

/** Adds files to the attempt's list, in any state. */
export const addFiles = (draft: Draft, attempt: Attempt, files: readonly string[]): void => {
  const added = files.filter((file, index) => !attempt.files.includes(file) && files.indexOf(file) === index)
  if (added.length === 0) return
  attempt.files = [...attempt.files, ...added]
  recordOutput(draft, attempt)
}

/** There is evidence of a file, whether or not its name is known. */
export const recordOutput = (draft: Draft, attempt: Attempt): void => {
  const { recording } = draft
  attempt.firstFileAt ??= draft.now
  disarm(attempt, 'fileBy')
  attempt.noFiles = null
  clearAttentionOf(draft, 'no_files', attempt)
  if (!isSupervised(recording, attempt.number)) return
  recording.withoutFiles = 0
  if (attempt.state === 'current' && recording.replacing?.code === 'no_files') keepCurrent(draft, attempt)
}

const hasFiles = ({ files, firstFileAt }: Attempt): boolean => files.length > 0 || firstFileAt !== null

const confirmNoFiles = (draft: Draft, attempt: Attempt, status: number): void => {
  const { recording } = draft
  const { fileTimeout, onNoFiles } = recording.policy
  attempt.noFiles = 'confirmed'
  const message = `Agora has been writing attempt ${attempt.number} for ${fileTimeout} s and lists no file (status ${status})`
  const evidence = { fileTimeout, status, sid: attempt.sid }
  addTimelineEntry(draft, 'attempt.no_files', attempt, message, evidence)
  raiseAttentionOf(draft, 'no_files', attempt, message)
  if (onNoFiles === 'attention' || recording.gaveUp) return
  recording.withoutFiles += 1
  failAttempt(draft, attempt, reason('no_files', message, evidence), { taskStatus: 'running' })
}
