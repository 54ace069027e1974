/** What is seen in the place of an element that has no box of its own, as custom elements often have not. */
const partsOf = (element: Element): Element[] =>
  getComputedStyle(element).display === 'contents'
    ? [...element.children, ...(element.shadowRoot?.children ?? [])]
    : []

/**
 * Why a person looking at the page would not see the element; undefined when it can be seen.
 * Not noticed here: something that covers it, clip-path, and colours that do not differ.
 *
 * `checkVisibility` (Chromium 105) knows display, visibility, opacity and content-visibility, also those of
 * ancestors; size and place come from the layout. Without it, only these two are judged.
 */
export const whyNotVisible = (element: Element): string | undefined => {
  const shown = element.checkVisibility?.({
    opacityProperty: true,
    visibilityProperty: true,
    contentVisibilityAuto: true,
  })
  if (shown === false)
    return partsOf(element).some((part) => !whyNotVisible(part)) ? undefined : 'is hidden by CSS'
  const { width, height, top, right, bottom, left } = element.getBoundingClientRect()
  if (!(width > 0 && height > 0)) return `has no area (${Math.round(width)}×${Math.round(height)})`
  const view = element.ownerDocument.defaultView
  if (!view) return 'is in a frame that is gone'
  if (!(right > 0 && bottom > 0 && left < view.innerWidth && top < view.innerHeight)) {
    return 'is outside the viewport'
  }
  const fault = view.frameElement && whyNotVisible(view.frameElement)
  return fault ? `is in a frame that ${fault}` : undefined
}
