import { addTimelineEntry, type Draft } from './draft.ts'
import { requestQuery } from './query.ts'
import type { Attempt, Evidence } from './recording.ts'
import type { UpdateOutcome } from './signal.ts'
import { waitAt } from './waits.ts'

/** Seconds between updates without a clear answer; the last one repeats while the attempt runs. */
const UPDATE_WAITS = [5, 10, 15, 30, 60]

/** What was sent, for a person (`the pause`), and what Agora answered. */
interface UnconfirmedUpdate {
  what: string
  outcome: UpdateOutcome
  evidence: Evidence
}

/** Agora has not confirmed the update: it is sent again later. */
export const retryUpdate = (
  draft: Draft,
  attempt: Attempt,
  { what, outcome, evidence }: UnconfirmedUpdate,
): void => {
  const { update } = attempt
  if (!update) return
  const wait = waitAt(UPDATE_WAITS, update.tries)
  update.tries += 1
  update.nextAt = draft.now + wait * 1000
  if (update.tries === 1) {
    const message = `Agora has not confirmed ${what}: retry in ${wait} s`
    addTimelineEntry(draft, 'attempt.update_unconfirmed', attempt, message, evidence)
  }
  if (outcome === 'notFound') requestQuery(draft, attempt, { urgent: true })
}
