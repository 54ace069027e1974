/** Combinator of our selectors: a step into what an element contains. */
export const STEP = '>>>'

/** What a step leads into: an open shadow root, or the document of a same-origin frame. */
const inside = (element: Element): ParentNode | null | undefined =>
  element.shadowRoot ?? (element as HTMLIFrameElement).contentDocument

/** The element that contains this one by a step: the host of its shadow root, or its frame. */
const outside = (element: Element): Element | null | undefined =>
  (element.getRootNode() as ShadowRoot).host ?? element.ownerDocument.defaultView?.frameElement

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
  if (!element?.isConnected) return false
  const step = selector.lastIndexOf(STEP, end - 1)
  const own = selector.slice(step < 0 ? 0 : step + STEP.length, end)
  return element.matches(own) && (step < 0 || isStillFound(outside(element), selector, step))
}

export const NO_MATCH = 'no element matches'

/** A browser's own list where possible, which creates only the elements that are read; otherwise an array. */
export type Found = Iterable<Element> & { readonly length: number }

/** The elements that a selector matches, or an explanation of why there are none. */
export const find = (selector: string, root: ParentNode): Found | string => {
  let roots = [root]
  let found: Found = []
  try {
    for (const step of selector.split(STEP)) {
      if (!roots.length) return 'is in a closed shadow root or a cross-origin frame'
      const [only] = roots
      found =
        roots.length === 1 && only
          ? only.querySelectorAll(step)
          : roots.flatMap((from) => [...from.querySelectorAll(step)])
      if (!found.length) break
      if (selector.includes(STEP)) roots = [...found].flatMap((element) => inside(element) ?? [])
    }
  } catch {
    return 'is not a valid selector'
  }
  return found.length ? found : NO_MATCH
}
