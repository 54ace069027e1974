/** What a step of `>>>` leads into: an open shadow root, or the document of a frame of the same origin. */
const inside = (element: Element): ParentNode | null | undefined =>
  element.shadowRoot ?? (element as HTMLIFrameElement).contentDocument

export const NO_MATCH = 'no element matches'

/** Not an array where the browser's own list will do: of that, only what is looked at is ever made. */
export type Found = Iterable<Element> & { readonly length: number }

/** The elements that a selector matches, or why there are none, in words for a person. */
export const find = (selector: string, root: ParentNode): Found | string => {
  let roots = [root]
  let found: Found = []
  try {
    for (const step of selector.split('>>>')) {
      if (!roots.length) return 'is in a closed shadow root or a foreign frame'
      const [only] = roots
      found =
        roots.length === 1 && only
          ? only.querySelectorAll(step)
          : roots.flatMap((from) => [...from.querySelectorAll(step)])
      if (!found.length) break
      if (selector.includes('>>>')) roots = [...found].flatMap((element) => inside(element) ?? [])
    }
  } catch {
    return 'is not a valid selector'
  }
  return found.length ? found : NO_MATCH
}
