import { ELEMENT, parentOf, shownIn, TEXT, typeOf, viewOf } from './dom.ts'
import { natives } from './natives.ts'

/** Where something is seen, in the viewport of its document. */
export type Box = Pick<DOMRect, 'left' | 'top' | 'right' | 'bottom' | 'width' | 'height'>

/** Chromium has had these names since 121, and before that the others (https://crbug.com/41490719). */
const CHECKED = {
  ...{ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true },
  ...{ checkOpacity: true, checkVisibilityCSS: true },
}

/** `visibility` is inherited, so an element's own value is all that counts. */
const isInvisible = ({ visibility }: CSSStyleDeclaration): boolean =>
  !!natives.RegExp.exec(/hidden|collapse/, visibility)

/**
 * Whether CSS hides an element or one that contains it. `checkVisibility` exists since Chromium 105
 * (https://developer.mozilla.org/docs/Web/API/Element/checkVisibility).
 */
const isHiddenByCss = (element: Element): boolean => {
  const { Element, getComputedStyle } = natives
  if (Element.checkVisibility) return !Element.checkVisibility(element, CHECKED)
  if (isInvisible(getComputedStyle(element))) return true
  for (let one: Element | null = element; one; one = parentOf(one)) {
    const { display, opacity, contentVisibility } = getComputedStyle(one)
    if (display === 'none' || opacity === '0') return true
    if (one === element ? display === 'contents' : contentVisibility === 'hidden') return true
  }
  return false
}

/** Explains why a box is not seen in the document of the node; undefined if it is. */
const outsideFailure = (node: Node, { left, top, right, bottom }: Box): string | undefined => {
  const view = viewOf(node)
  if (!view) return 'is in a frame that was removed'
  if (!(right > 0 && bottom > 0 && left < view.innerWidth && top < view.innerHeight)) {
    return 'is outside the viewport'
  }
  const failure = view.frameElement && visibilityFailure(view.frameElement)
  return failure ? `is in a frame that ${failure}` : undefined
}

const hasArea = ({ width, height }: Box): boolean => width > 0 && height > 0

const textBox = (node: Node): Box => {
  const range = natives.Document.createRange(natives.Node.ownerDocument(node) as Document)
  range.selectNode(node)
  return range.getBoundingClientRect()
}

/** Whether the text of an element is hidden, which has no box of its own if it is `display: contents`. */
const isTextHidden = (element: Element): boolean => {
  const style = natives.getComputedStyle(element)
  const parent = style.display === 'contents' && parentOf(element)
  return isInvisible(style) || (parent ? isTextHidden(parent) : isHiddenByCss(element))
}

/** The first part of an element without an area that is seen; of one that clips its content, of what it does not contain. */
const findPart = (
  element: Element,
  { overflow, display, position }: CSSStyleDeclaration,
): Box | undefined => {
  const clips = overflow !== 'visible' && display !== 'inline' && display !== 'contents'
  for (const node of shownIn(element)) {
    const type = typeOf(node)
    if (type === ELEMENT) {
      const isFree = () =>
        !!natives.RegExp.exec(/fixed|absolute/, natives.getComputedStyle(node as Element).position)
      const seen = (!clips || (position === 'static' && isFree())) && see(node as Element)
      if (typeof seen === 'object') return seen
    }
    if (type === TEXT && !clips) {
      const box = textBox(node)
      if (hasArea(box) && !isTextHidden(element) && !outsideFailure(node, box)) return box
    }
  }
  return
}

/**
 * Where an element is seen, or why it is not. One without an area may still show something: its content floats, is
 * positioned, flows over its edges or belongs to its shadow root, or it is a flat line of an SVG. Then it is where the
 * first part of that is seen. Not detected here: what covers it, clip-path, and colours that do not differ.
 */
export const see = (element: Element): Box | string => {
  const isHidden = isHiddenByCss(element)
  const box = natives.Element.getBoundingClientRect(element)
  if (isHidden || !hasArea(box)) {
    const style = natives.getComputedStyle(element)
    const part = isHidden && style.display !== 'contents' ? undefined : findPart(element, style)
    if (part) return part
    if (isHidden) return 'is hidden by CSS'
    const { width, height } = box
    const isLine = width + height > 0 && 'getTotalLength' in element && style.stroke !== 'none'
    if (!isLine) return `has no area (${natives.Math.round(width)}×${natives.Math.round(height)})`
  }
  return outsideFailure(element, box) ?? box
}

/** Explains why an element is not visible; undefined if it is. */
export const visibilityFailure = (element: Element): string | undefined => {
  const seen = see(element)
  return typeof seen === 'string' ? seen : undefined
}
