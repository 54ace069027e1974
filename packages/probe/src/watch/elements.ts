import type { PageExpectation } from '../probeTypes.ts'
import { find, isStillFound, NO_MATCH } from './find.ts'
import { array } from './natives.ts'
import { placementFailure } from './placement.ts'
import { see } from './visibility.ts'

/** What an expectation found in the last poll, so that the page need not be searched again. */
export interface MatchCache {
  /** Elements that passed, as many as it took to meet the expectation. */
  passing: Element[]
  /** For an expected font: its loaded face. */
  face?: FontFace | undefined
}

/** Explains why an element does not pass; undefined if it does. */
type Failure = (element: Element) => string | undefined

/** How many of the matching elements must pass: a minimum, minimum and maximum, or all. */
export type Count = number | [min: number, max: number] | 'all'

/**
 * Explains why too few or too many of the matching elements pass; undefined if the count is as expected.
 *
 * It examines no more elements than it must, and first those that passed in the last poll: on a page of 10,000 nodes,
 * searching for them again costs fifty times as much.
 */
export const countFailure = (
  { selector, root, count }: { selector: string; root: ParentNode; count: Count },
  failureOf: Failure,
  cache: MatchCache,
): string | undefined => {
  const all = count === 'all'
  const [min, max] = all ? [1] : typeof count === 'object' ? count : [count]
  const stillPasses = (element: Element) => isStillFound(element, selector) && !failureOf(element)
  const isCacheEnough = cache.passing.length >= min && min > 0 && !all && max === undefined
  if (isCacheEnough && array.every(cache.passing, stillPasses)) return
  const found = find(selector, root)
  if (typeof found === 'string') return min > 0 || found !== NO_MATCH ? found : undefined
  const passing: Element[] = []
  let firstFailure: string | undefined
  for (const element of found) {
    const failure = failureOf(element)
    firstFailure ??= failure
    if (!failure) array.push(passing, element)
    const isDecided = max === undefined ? passing.length >= min : passing.length > max
    if (!all && isDecided) break
  }
  cache.passing = passing
  if (all || (passing.length < min && min === 1 && max === undefined)) return firstFailure
  if (max !== undefined && passing.length > max) return `more than ${max} can be seen`
  if (passing.length >= min) return
  return `${passing.length} of ${found.length} can be seen, expected at least ${min}${firstFailure ? `: one ${firstFailure}` : ''}`
}

/** Explains why an element is not visible, or not where it is expected; undefined if it is. */
export const elementFailure = (element: Element, expectation: PageExpectation): string | undefined => {
  const seen = see(element)
  return typeof seen === 'string' ? seen : placementFailure(element, seen, expectation)
}
