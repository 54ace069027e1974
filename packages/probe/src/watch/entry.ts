import type { PageExpectation } from '../probeTypes.ts'
import { type Check, KINDS, MAX_CHECK_LENGTH } from '../types.ts'
import type { MatchCache } from './elements.ts'
import type { MediaJudgements } from './media/evaluateMedia.ts'
import { array, natives, string } from './natives.ts'
import type { TestState } from './pageTest.ts'

/** An expectation, and its state between polls. */
export interface Entry {
  expectation: PageExpectation
  name: string
  /** Its check in the last poll. */
  check: Check
  /** When it was added, or its route was entered. */
  since: number
  /** Whether the expectation has been met after `since`. */
  met: boolean
  /** Since when the page should have been on its route; undefined if it has been. */
  unvisitedSince: number | undefined
  /** It failed in the last poll of a loaded page, which passed nevertheless, and has not been seen to pass since. */
  doubted: boolean
  cache: MatchCache
  testState: TestState
  judgements: MediaJudgements
}

/** Cuts a text to the maximum length in a report. */
export const truncate = (text: string): string =>
  text.length > MAX_CHECK_LENGTH ? `${string.slice(text, 0, MAX_CHECK_LENGTH - 1)}…` : text

const nameOf = (expectation: PageExpectation): string => {
  const { name, element, media } = expectation
  const kind = array.find(KINDS, (key) => expectation[key])
  // A name that is no text would make the reporter refuse the page.
  return `${name ?? element ?? media ?? (kind ? `${kind} ${expectation[kind]}` : natives.JSON.stringify(expectation))}`
}

/** @param loaded whether the page has loaded; a new expectation then passes at first */
export const entryOf = (expectation: PageExpectation, since: number, loaded: boolean): Entry => {
  const name = truncate(nameOf(expectation))
  const check = { name, ok: loaded, ...(expectation.media && { time: 0, frames: 0 }) }
  return {
    expectation,
    name,
    check,
    since,
    met: false,
    unvisitedSince: since,
    doubted: false,
    cache: { passing: [] },
    testState: {},
    judgements: new natives.Map.type(),
  }
}

/** Media have names of their own: the same element may be expected to be visible and to play. */
export const keyOf = ({ expectation, name }: Entry): string => (expectation.media ? `media ${name}` : name)

export const isSame = (one: PageExpectation, other: PageExpectation): boolean =>
  one.test === other.test && natives.JSON.stringify(one) === natives.JSON.stringify(other)
