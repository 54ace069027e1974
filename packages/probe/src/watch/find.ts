import { hostOf, queryAll, viewOf } from './dom.ts'
import { array, natives, string } from './natives.ts'

/** Combinator of our selectors: a step into what an element contains. */
export const STEP = '>>>'

/** What a step leads into: an open shadow root, or the document of a same-origin frame. */
const inside = (element: Element): ParentNode | null | undefined =>
  natives.Element.shadowRoot(element) ??
  // Of a form it could be an input.
  (natives.Element.localName(element) === 'form' ? null : (element as HTMLIFrameElement).contentDocument)

/** The element that contains this one by a step: the host of its shadow root, or its frame. */
const outside = (element: Element): Element | null | undefined =>
  hostOf(element) ?? viewOf(element)?.frameElement

/**
 * Whether a selector would still find an element that it found before.
 *
 * @param end only the part of the selector before this index is considered
 */
export const isStillFound = (
  element: Element | null | undefined,
  selector: string,
  end: number = selector.length,
): boolean => {
  if (!element || !natives.Node.isConnected(element)) return false
  const step = string.lastIndexOf(selector, STEP, end - 1)
  const own = string.slice(selector, step < 0 ? 0 : step + STEP.length, end)
  return natives.Element.matches(element, own) && (step < 0 || isStillFound(outside(element), selector, step))
}

export const NO_MATCH = 'no element matches'

/** A browser's own list where possible, which creates only the elements that are read; otherwise an array. */
export type Found = Iterable<Element> & { readonly length: number }

/** The elements that a selector matches, or an explanation of why there are none. */
export const find = (selector: string, root: ParentNode): Found | string => {
  let roots = [root]
  let found: Found = []
  try {
    for (const step of string.split(selector, STEP)) {
      if (!roots.length) return 'is in a closed shadow root or a cross-origin frame'
      const [only] = roots
      found =
        roots.length === 1 && only
          ? queryAll(only, step)
          : array.flatMap(roots, (from) => [...queryAll(from, step)])
      if (!found.length) break
      if (string.includes(selector, STEP))
        roots = array.flatMap([...found], (element) => inside(element) ?? [])
    }
  } catch {
    return 'is not a valid selector'
  }
  return found.length ? found : NO_MATCH
}
