import type { PageExpectation } from '../probeTypes.ts'
import { type Check, KINDS, MAX_CHECK_WORDS } from '../types.ts'
import type { Seen } from './elements.ts'
import type { KnownMedia } from './media/element.ts'
import type { Tested } from './test.ts'

/** An expectation, and what is remembered of it from look to look. */
export interface Entry {
  expectation: PageExpectation
  name: string
  /** What the last look has shown. */
  check: Check
  /** When it began to be expected. */
  since: number
  /** It was met at some time since. */
  met: boolean
  seen: Seen
  tested: Tested
  known: KnownMedia
}

/** Milliseconds: for what is new in a loaded page to be met, and for what is optional to be waited for. */
export const GRACE_MS = 10_000

/** Words within the limits of a report. */
export const cut = (text: string): string =>
  text.length > MAX_CHECK_WORDS ? `${text.slice(0, MAX_CHECK_WORDS - 1)}…` : text

const nameOf = (expectation: PageExpectation): string => {
  const { name, element, media } = expectation
  const kind = KINDS.find((key) => expectation[key])
  return name ?? element ?? media ?? (kind ? `${kind} ${expectation[kind]}` : JSON.stringify(expectation))
}

/** @param loaded the page has loaded: it is taken to be met at first */
export const entryOf = (expectation: PageExpectation, since: number, loaded: boolean): Entry => {
  const name = cut(nameOf(expectation))
  const check = { name, ok: loaded, ...(expectation.media && { time: 0, frames: 0 }) }
  return { expectation, name, check, since, met: false, seen: { good: [] }, tested: {}, known: new Map() }
}

/** Media have names of their own: what must be seen and what must play may be the same element. */
export const keyOf = ({ expectation, name }: Entry): string => (expectation.media ? `media ${name}` : name)

export const isSame = (one: PageExpectation, other: PageExpectation): boolean =>
  one.test === other.test && JSON.stringify(one) === JSON.stringify(other)
