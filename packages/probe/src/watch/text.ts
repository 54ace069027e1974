import type { MatchCache } from './elements.ts'
import { find, STEP } from './find.ts'
import { visibilityFailure } from './visibility.ts'

const collapse = (text: string): string => text.replace(/\s+/g, ' ')
const textOf = (node: Node): string => collapse(node.textContent ?? '')

/** The innermost elements that contain the text. */
const innermost = (element: Element, text: string): Element[] => {
  if (!textOf(element).includes(text)) return []
  const inner = [...element.children].flatMap((child) => innermost(child, text))
  return inner.length ? inner : [element]
}

/** Explains why a text is not visible in what the selector matches; undefined if it is. White space is collapsed. */
export const textFailure = (
  expected: string,
  selector: string,
  root: ParentNode,
  cache: MatchCache,
): string | undefined => {
  const text = collapse(expected)
  const [last] = cache.passing
  const isInPlace = (element: Element) => !selector.includes(STEP) && element.closest(selector)
  if (last?.isConnected && textOf(last).includes(text) && isInPlace(last) && !visibilityFailure(last)) return
  const places = find(selector, root)
  if (typeof places === 'string') return `${selector}: ${places}`
  const holders = [...places].flatMap((place) => innermost(place, text))
  cache.passing = holders.filter((holder) => !visibilityFailure(holder))
  if (cache.passing.length) return
  return holders[0] ? visibilityFailure(holders[0]) : 'is not there'
}
