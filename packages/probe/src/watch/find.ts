/** Of a selector: a step inside. */
export const STEP = '>>>'

/** What a step of `>>>` leads into: an open shadow root, or the document of a frame of the same origin. */
const inside = (element: Element): ParentNode | null | undefined =>
  element.shadowRoot ?? (element as HTMLIFrameElement).contentDocument

/** What such a step leads out of: the host of the shadow root, or the frame. */
const outside = (element: Element): Element | null | undefined =>
  (element.getRootNode() as ShadowRoot).host ?? element.ownerDocument.defaultView?.frameElement

/**
 * Whether an element that was found would be found again.
 *
 * @param end the steps of the selector that lead to it are those before
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

/** Not an array where the browser's own list will do: of that, only what is looked at is ever made. */
export type Found = Iterable<Element> & { readonly length: number }

/** The elements that a selector matches, or why there are none, in words for a person. */
export const find = (selector: string, root: ParentNode): Found | string => {
  let roots = [root]
  let found: Found = []
  try {
    for (const step of selector.split(STEP)) {
      if (!roots.length) return 'is in a closed shadow root or a foreign frame'
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
