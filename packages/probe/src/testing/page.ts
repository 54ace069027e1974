/** Gives an element a box, because happy-dom has no layout; by default one in the viewport. */
export const place = <E extends Element>(element: E, box: Partial<DOMRectInit> = {}, shown = true): E => {
  const { x = 10, y = 10, width = 100, height = 50 } = box
  element.getBoundingClientRect = () =>
    ({ x, y, width, height, left: x, top: y, right: x + width, bottom: y + height }) as DOMRect
  element.checkVisibility = () => shown
  return element
}

/** Adds an element in the viewport to the page. */
export const addElement = (tag: string, id: string): HTMLElement => {
  const element = document.createElement(tag)
  element.id = id
  document.body.append(element)
  return place(element)
}
