import type { PageExpectation } from '../probeTypes.ts'

/** Frames, or looks where no frames come, to which an element must have kept its place to be stable. */
const STILL_FRAMES = 2

/** Of the five points that are tried, so many must not be covered. */
const LEAST_FREE = 3

/** Why an element that can be seen is not where it should be; undefined when it is. */
export const whyNotPlaced = (
  element: Element,
  { inView = 0, stable, uncovered }: PageExpectation,
): string | undefined => {
  const share = inView && shareInView(element)
  if (share < inView) return `has ${Math.floor(share * 100)} % of its area inside the viewport`
  if (uncovered && isCovered(element)) return 'is covered'
  if (stable && !isStill(element)) return 'moves'
  return
}

/** 0…1 */
const shareInView = (element: Element): number => {
  const { width, height, top, right, bottom, left } = element.getBoundingClientRect()
  const view = element.ownerDocument.defaultView
  if (!view) return 0
  const across = Math.min(right, view.innerWidth) - Math.max(left, 0)
  const down = Math.min(bottom, view.innerHeight) - Math.max(top, 0)
  return (Math.max(across, 0) * Math.max(down, 0)) / (width * height)
}

/**
 * Whether something else is hit at most of five points: the middle, and half-way to the corners. Finds what lies above
 * and what is clipped away. Elements that take no pointer events are never hit, so nothing is said of them.
 */
const isCovered = (element: Element): boolean => {
  const view = element.ownerDocument.defaultView
  if (view?.getComputedStyle(element).pointerEvents === 'none') return false
  const { left, top, width, height } = element.getBoundingClientRect()
  const root = element.getRootNode() as Document | ShadowRoot
  const points = [
    [2, 2],
    [1, 1],
    [3, 1],
    [1, 3],
    [3, 3],
  ] as const
  let free = 0
  for (const [x, y] of points) {
    const hit = root.elementFromPoint(left + (width * x) / 4, top + (height * y) / 4)
    if (hit && (element === hit || element.contains(hit))) free++
    if (free === LEAST_FREE) return !!(view?.frameElement && isCovered(view.frameElement))
  }
  return true
}

interface Place {
  rect: string
  /** Frames and looks in a row that found it there. */
  still: number
}

const places = new WeakMap<Element, Place>()

/** Compares an element's place with that at the last look, and behind the frame after it. */
const isStill = (element: Element): boolean => {
  const place = places.get(element) ?? { rect: '', still: 0 }
  places.set(element, place)
  const compare = () => {
    const { x, y, width, height } = element.getBoundingClientRect()
    const rect = [x, y, width, height].join()
    place.still = rect === place.rect ? place.still + 1 : 0
    place.rect = rect
  }
  compare()
  const view = element.ownerDocument.defaultView
  // Behind the frame, not in it: there the layout is still to be made.
  if (!view?.document.hidden) view?.requestAnimationFrame(() => view.setTimeout(compare))
  return place.still >= STILL_FRAMES
}
