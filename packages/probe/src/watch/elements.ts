import type { PageExpectation } from '../probe-types.ts'
import { find, NO_MATCH } from './find.ts'
import { whyNotPlaced } from './placed.ts'
import { whyNotVisible } from './visible.ts'

/** What an expectation of elements remembers from look to look. */
export interface Seen {
  /** The element that could be seen last. */
  last?: Element
}

type Judge = (element: Element) => string | undefined

/**
 * Why nothing that the selector matches can be seen, in the words of the first match; undefined when something can.
 *
 * What was seen last is looked at first: on a page of 10,000 nodes, finding it again costs fifty times as much.
 */
export const whyNotSeen = (selector: string, root: ParentNode, seen: Seen): string | undefined => {
  const { last } = seen
  if (last?.isConnected && !selector.includes('>>>') && last.matches(selector) && !whyNotVisible(last)) return
  const found = find(selector, root)
  if (typeof found === 'string') return found
  seen.last = found.find((element) => !whyNotVisible(element))
  return seen.last || !found[0] ? undefined : whyNotVisible(found[0])
}

/**
 * Why not as many as are expected are as they should be; undefined when they are. Without `count`, `whole` says whether
 * all of them must be, or one.
 */
export const whyNotCounted = (
  selector: string,
  root: ParentNode,
  { count }: PageExpectation,
  whole: boolean,
  judge: Judge,
): string | undefined => {
  const found = find(selector, root)
  const [least, most] = typeof count === 'object' ? count : [count ?? 1, Number.POSITIVE_INFINITY]
  if (typeof found === 'string') return least > 0 || found !== NO_MATCH ? found : undefined
  const faults = found.flatMap((element) => judge(element) ?? [])
  const good = found.length - faults.length
  const told = (limit: string) => `${good} of ${found.length} can be seen, expected ${limit}`
  if (good > most) return told(`at most ${most}`)
  if (good >= least && !(whole && count === undefined && faults.length)) return
  if (count === undefined) return faults[0]
  return `${told(`at least ${least}`)}${faults[0] ? `: one ${faults[0]}` : ''}`
}

/** An element that can be seen, and is where the expectation wants it. */
export const whyNotShown = (element: Element, expectation: PageExpectation): string | undefined =>
  whyNotVisible(element) ?? whyNotPlaced(element, expectation)
