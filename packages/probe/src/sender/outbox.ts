import type { Report } from '../types.ts'

/** A report as it is made; `sid` and `missed` are filled in when it is sent. */
export type Draft = Omit<Report, 'sid' | 'missed'>

export interface Letter {
  draft: Draft
  /** Must arrive, in order: `hello`, `loaded`, and heartbeats that tell of a turned check. */
  keep: boolean
}

/** What waits to be sent, oldest first; a letter that is under way is not in it. */
export interface Outbox {
  waiting: readonly Letter[]
  /** Heartbeats given up since the last delivery. */
  missed: number
}

/** Turned checks kept while the reporter is away; beyond this the oldest of them give way. */
export const MAX_WAITING = 32

export const EMPTY_OUTBOX: Outbox = { waiting: [], missed: 0 }

/** The page's words outlive the heartbeat that should have carried them. */
const carryNote = (from: Draft, to: Draft): Draft =>
  from.note === undefined || to.note !== undefined ? to : { ...to, note: from.note }

/** Adds a letter. A steady heartbeat that still waits says less than any newer report and gives way to it. */
export const add = (outbox: Outbox, letter: Letter): Outbox => {
  let { missed } = outbox
  let { draft } = letter
  let waiting = outbox.waiting.filter((other) => {
    if (other.keep) return true
    draft = carryNote(other.draft, draft)
    missed++
    return false
  })
  if (waiting.length >= MAX_WAITING) {
    const oldest = waiting.findIndex((other) => other.draft.type === 'heartbeat')
    waiting = waiting.filter((_, i) => i !== oldest)
    missed++
  }
  return { waiting: [...waiting, { ...letter, draft }], missed }
}

/** Puts back a letter that could not be delivered, in front, unless newer ones make it superfluous. */
export const putBack = (outbox: Outbox, letter: Letter): Outbox => {
  const [next, ...rest] = outbox.waiting
  if (letter.keep || !next) return { ...outbox, waiting: [letter, ...outbox.waiting] }
  const heir = { ...next, draft: carryNote(letter.draft, next.draft) }
  return { waiting: [heir, ...rest], missed: outbox.missed + 1 }
}
