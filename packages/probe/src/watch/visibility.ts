/** The elements shown in place of one without a box of its own, as many custom elements are. */
const partsOf = (element: Element): Element[] =>
  getComputedStyle(element).display === 'contents'
    ? [...element.children, ...(element.shadowRoot?.children ?? [])]
    : []

/**
 * Explains why an element is not visible; undefined if it is. Not detected here: what covers it, clip-path, and colours
 * that do not differ.
 *
 * `checkVisibility` (Chromium 105, https://developer.mozilla.org/docs/Web/API/Element/checkVisibility) covers display,
 * visibility, opacity and content-visibility, also those of ancestors. Size and place come from the layout; in an older
 * browser they are all that is checked.
 */
export const visibilityFailure = (element: Element): string | undefined => {
  const visible = element.checkVisibility?.({
    opacityProperty: true,
    visibilityProperty: true,
    contentVisibilityAuto: true,
  })
  if (visible === false)
    return partsOf(element).some((part) => !visibilityFailure(part)) ? undefined : 'is hidden by CSS'
  const { width, height, top, right, bottom, left } = element.getBoundingClientRect()
  if (!(width > 0 && height > 0)) return `has no area (${Math.round(width)}×${Math.round(height)})`
  const view = element.ownerDocument.defaultView
  if (!view) return 'is in a frame that was removed'
  if (!(right > 0 && bottom > 0 && left < view.innerWidth && top < view.innerHeight)) {
    return 'is outside the viewport'
  }
  const failure = view.frameElement && visibilityFailure(view.frameElement)
  return failure ? `is in a frame that ${failure}` : undefined
}
