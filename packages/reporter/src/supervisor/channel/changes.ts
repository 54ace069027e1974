import { isRefused, requestUpdate } from '../attempt.ts'
import { currentAttempt, isSupervised, supervisedAttempts } from '../attempts.ts'
import { clearAttention, raiseAttention } from '../attention.ts'
import { addTimelineEntry, type Draft } from '../draft.ts'
import type { Attempt, Recording, Revisions } from '../recording.ts'
import type { Signal } from '../signal.ts'
import { retryUpdate } from '../updates.ts'

type Change = keyof Revisions

const CHANGES: readonly Change[] = ['layout', 'subscription']

const WORDS: Readonly<Record<Change, string>> = {
  layout: 'the new layout',
  subscription: 'the new subscription',
}

/** The user has changed the layout or whom Agora subscribes to. The values are in the recording's request. */
export const handleChanged = (draft: Draft, changes: readonly Change[]): void => {
  const { recording } = draft
  if (recording.desired === 'stopped' || changes.length === 0) return
  recording.revisions = { ...recording.revisions }
  for (const change of changes) {
    recording.revisions[change] += 1
    const message = `Agora is to use ${WORDS[change]}`
    addTimelineEntry(draft, 'recording.change_requested', null, message, {
      change,
      revision: recording.revisions[change],
    })
  }
  for (const attempt of supervisedAttempts(recording)) requestUpdate(draft, attempt)
}

/** Each change is confirmed by Agora, or refused and not sent again. */
export const hasAllChanges = ({ revisions }: Recording, { applied, refused }: Attempt): boolean =>
  CHANGES.every((change) => Math.max(applied[change], refused[change]) >= revisions[change])

/** Agora's answer to a change. If another one was requested meanwhile, the next update follows. */
export const handleChangeAnswer = (
  draft: Draft,
  attempt: Attempt,
  { sent, outcome, evidence }: Extract<Signal, { type: 'updateAnswered' }>,
): void => {
  if (!attempt.update || !isSupervised(draft.recording, attempt.number)) return
  const change = CHANGES.find((each) => each in sent)
  const revision = change && (sent as Partial<Revisions>)[change]
  if (change === undefined || revision === undefined) {
    attempt.update = null
    return
  }
  if (outcome === 'unknown' || outcome === 'notFound') {
    retryUpdate(draft, attempt, { what: WORDS[change], outcome, evidence })
    return
  }
  attempt.update = null
  const facts = { change, revision, ...evidence }
  if (outcome === 'done') {
    attempt.applied = { ...attempt.applied, [change]: Math.max(attempt.applied[change], revision) }
    addTimelineEntry(draft, 'attempt.changed', attempt, `Agora uses ${WORDS[change]}`, facts)
  } else {
    attempt.refused = { ...attempt.refused, [change]: revision }
    const { refusedRevisions } = draft.recording
    draft.recording.refusedRevisions = { ...refusedRevisions, [change]: revision }
    addTimelineEntry(draft, 'attempt.change_refused', attempt, messageOfRefusal([change]), facts)
  }
  requestUpdate(draft, attempt)
}

/** Raised until the user changes what was refused, or an attempt runs that has it: no start brings it. */
export const watchRefusedChanges = (draft: Draft): void => {
  const { revisions, refusedRevisions, desired } = draft.recording
  const current = currentAttempt(draft.recording)
  const lacking = CHANGES.filter((change) => {
    const revision = revisions[change]
    return isRefused(revision, refusedRevisions[change]) && (current?.applied[change] ?? 0) < revision
  })
  if (desired === 'stopped' || lacking.length === 0) {
    clearAttention(draft, 'change_refused')
    return
  }
  raiseAttention(draft, 'change_refused', messageOfRefusal(lacking))
}

const messageOfRefusal = (changes: readonly Change[]): string =>
  `Agora refuses ${changes.map((change) => WORDS[change]).join(' and ')}, and the recording goes on without it. Send another one`
