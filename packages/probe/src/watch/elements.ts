import type { PageExpectation } from '../probeTypes.ts'
import { find, isStillFound, NO_MATCH } from './find.ts'
import { whyNotPlaced } from './placed.ts'
import { whyNotVisible } from './visible.ts'

/** What an expectation remembers of the page from look to look, so that it need not be searched for again. */
export interface Seen {
  /** The elements that were as expected at the last look, as many as it took to know. */
  good: Element[]
  /** The face that was loaded, of an expected font. */
  face?: FontFace | undefined
}

type Judge = (element: Element) => string | undefined

/**
 * Why not as many of the elements that match are as they should be as are expected; undefined when they are.
 *
 * No more of them are looked at than it takes to know, and first those that were well before: on a page of 10,000 nodes
 * finding them again costs fifty times as much.
 *
 * @param count the least, or the least and the most; or all of them
 */
export const whyNotCounted = (
  selector: string,
  root: ParentNode,
  count: number | [number, number] | 'all',
  judge: Judge,
  seen: Seen,
): string | undefined => {
  const all = count === 'all'
  const [least, most] = all ? [1] : typeof count === 'object' ? count : [count]
  const isStillGood = (element: Element) => isStillFound(element, selector) && !judge(element)
  const enough = seen.good.length >= least && least > 0 && !all && most === undefined
  if (enough && seen.good.every(isStillGood)) return
  const found = find(selector, root)
  if (typeof found === 'string') return least > 0 || found !== NO_MATCH ? found : undefined
  const good: Element[] = []
  let fault: string | undefined
  for (const element of found) {
    const why = judge(element)
    fault ??= why
    if (!why) good.push(element)
    const known = most === undefined ? good.length >= least : good.length > most
    if (all ? why : known) break
  }
  seen.good = good
  if (all || (good.length < least && least === 1 && most === undefined)) return fault
  if (most !== undefined && good.length > most) return `more than ${most} can be seen`
  if (good.length >= least) return
  return `${good.length} of ${found.length} can be seen, expected at least ${least}${fault ? `: one ${fault}` : ''}`
}

/** An element that can be seen, and is where the expectation wants it. */
export const whyNotShown = (element: Element, expectation: PageExpectation): string | undefined =>
  whyNotVisible(element) ?? whyNotPlaced(element, expectation)
