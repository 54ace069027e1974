import type { Seen } from './elements.ts'
import { find, STEP } from './find.ts'
import { whyNotVisible } from './visible.ts'

const wordsOf = (node: Node): string => (node.textContent ?? '').replace(/\s+/g, ' ')

/** The innermost elements that have the words in them. */
const innermost = (element: Element, text: string): Element[] => {
  if (!wordsOf(element).includes(text)) return []
  const inner = [...element.children].flatMap((child) => innermost(child, text))
  return inner.length ? inner : [element]
}

/** Why the words cannot be read in what the selector matches; undefined when they can. White space counts as one space. */
export const whyNoText = (
  text: string,
  selector: string,
  root: ParentNode,
  seen: Seen,
): string | undefined => {
  const words = text.replace(/\s+/g, ' ')
  const [last] = seen.good
  const isInPlace = (element: Element) => !selector.includes(STEP) && element.closest(selector)
  if (last?.isConnected && wordsOf(last).includes(words) && isInPlace(last) && !whyNotVisible(last)) return
  const places = find(selector, root)
  if (typeof places === 'string') return `${selector}: ${places}`
  const holders = [...places].flatMap((place) => innermost(place, words))
  seen.good = holders.filter((holder) => !whyNotVisible(holder))
  if (seen.good.length) return
  return holders[0] ? whyNotVisible(holders[0]) : 'is not there'
}
