import type { PageExpectation } from '../probe-types.ts'

/** Frames, or looks where no frames come, in which an element must keep its place to be stable. */
const STILL_FRAMES = 2

/** Of the points that are tried, so many may be covered. */
const MOST_COVERED = 2

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
  const covered = points.filter(([x, y]) => {
    const hit = root.elementFromPoint(left + (width * x) / 4, top + (height * y) / 4)
    return !hit || !(element === hit || element.contains(hit))
  })
  return covered.length > MOST_COVERED || !!(view?.frameElement && isCovered(view.frameElement))
}

interface Place {
  rect: string
  /** Frames and looks in a row that found it there. */
  still: number
}

const places = new WeakMap<Element, Place>()

/** Compares an element's place with that at the last look and in the two frames after it. */
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
  // Behind the frames, not in them: there the layout is still to be made.
  const afterFrame = (then: () => void) => view?.requestAnimationFrame(() => view.setTimeout(then))
  if (!view?.document.hidden) {
    afterFrame(() => {
      compare()
      afterFrame(compare)
    })
  }
  return place.still >= STILL_FRAMES
}
