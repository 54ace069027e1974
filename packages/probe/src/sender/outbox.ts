import type { Report } from '../types.ts'

/** A report as it is made; `sid` and `missed` are filled in when it is sent. */
export type Draft = Omit<Report, 'sid' | 'missed'>

export interface Letter {
  draft: Draft
  /** Must arrive, in order: `hello`, `loaded`, and heartbeats that tell of a turned check. */
  keep: boolean
}

/** Turned checks kept while the reporter is away; beyond this the oldest of them give way. */
export const MAX_WAITING = 32

/** The page's words outlive the heartbeat that should have carried them. */
const carryNote = ({ note }: Draft, heir: Letter): Letter =>
  note === undefined || heir.draft.note !== undefined ? heir : { ...heir, draft: { ...heir.draft, note } }

/** What waits to be sent, oldest first, with a letter more. Steady heartbeats give way to any newer report. */
export const add = (waiting: readonly Letter[], letter: Letter): Letter[] => {
  const kept = waiting.filter(({ draft, keep }) => {
    if (!keep) letter = carryNote(draft, letter)
    return keep
  })
  if (kept.length >= MAX_WAITING) {
    kept.splice(
      kept.findIndex(({ draft }) => draft.type === 'heartbeat'),
      1,
    )
  }
  return [...kept, letter]
}

/** Puts back a letter that could not be delivered, in front, unless newer ones make it superfluous. */
export const putBack = (waiting: readonly Letter[], letter: Letter): Letter[] => {
  const [next, ...rest] = waiting
  return letter.keep || !next ? [letter, ...waiting] : [carryNote(letter.draft, next), ...rest]
}
