/** The layout of a test's elements, because happy-dom has none. */
const layout = new WeakMap<Element, { box: DOMRect; shown: boolean }>()

const NOWHERE = { x: 0, y: 0, width: 0, height: 0, left: 0, top: 0, right: 0, bottom: 0 } as DOMRect

// On the prototypes, as in a browser: the probe asks no element for its own properties.
Element.prototype.getBoundingClientRect = function () {
  return layout.get(this)?.box ?? NOWHERE
}
Element.prototype.checkVisibility = function () {
  return layout.get(this)?.shown ?? true
}

/** Gives an element a box; by default one in the viewport. */
export const place = <E extends Element>(element: E, box: Partial<DOMRectInit> = {}, shown = true): E => {
  const { x = 10, y = 10, width = 100, height = 50 } = box
  const rect = { x, y, width, height, left: x, top: y, right: x + width, bottom: y + height } as DOMRect
  layout.set(element, { box: rect, shown })
  return element
}

/** Adds an element in the viewport to the page. */
export const addElement = (tag: string, id: string): HTMLElement => {
  const element = document.createElement(tag)
  element.id = id
  document.body.append(element)
  return place(element)
}
