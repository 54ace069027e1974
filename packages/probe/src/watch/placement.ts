import type { PageExpectation } from '../probeTypes.ts'
import { hostOf, viewOf } from './dom.ts'
import { natives } from './natives.ts'
import { type Box, see } from './visibility.ts'

/** Consecutive frames (or polls, if no frames come) in which a stable element has not moved. */
const STABLE_FRAMES = 2

/** Of the five points that are tried, this many must not be covered. */
const MIN_FREE_POINTS = 3

/**
 * Explains why a visible element is not where it is expected; undefined if it is.
 *
 * @param box where it is seen
 */
export const placementFailure = (
  element: Element,
  box: Box,
  { inView = 0, stable, uncovered }: PageExpectation,
): string | undefined => {
  const share = inView && shareInView(element, box)
  if (share < inView) return `has ${natives.Math.floor(share * 100)} % of its area inside the viewport`
  if (uncovered && isCovered(element, box)) return 'is covered'
  if (stable && !isStable(element)) return 'moves'
  return
}

/** Share of the element's area inside the viewport, 0…1. */
const shareInView = (element: Element, { width, height, top, right, bottom, left }: Box): number => {
  const view = viewOf(element)
  if (!view) return 0
  const { max, min } = natives.Math
  const across = min(right, view.innerWidth) - max(left, 0)
  const down = min(bottom, view.innerHeight) - max(top, 0)
  return (max(across, 0) * max(down, 0)) / (width * height)
}

/**
 * Whether hit tests find something else at most of five points: the middle, and halfway to the corners. This detects
 * what lies above the element and what clips it. An element without pointer events is never hit, and counts as uncovered.
 */
const isCovered = (element: Element, { left, top, width, height }: Box): boolean => {
  const { Document, Element, Node, getComputedStyle } = natives
  if (getComputedStyle(element).pointerEvents === 'none') return false
  const root = Node.getRootNode(element)
  const hitAt = (x: number, y: number) =>
    hostOf(element)
      ? (root as ShadowRoot).elementFromPoint(x, y)
      : Document.elementFromPoint(root as Document, x, y)
  const points = [
    [2, 2],
    [1, 1],
    [3, 1],
    [1, 3],
    [3, 3],
  ] as const
  let free = 0
  for (const [x, y] of points) {
    const hit = hitAt(left + (width * x) / 4, top + (height * y) / 4)
    if (hit && (element === hit || Node.contains(element, hit))) free++
  }
  const frame = viewOf(element)?.frameElement
  return free < MIN_FREE_POINTS || (!!frame && isCovered(frame, Element.getBoundingClientRect(frame)))
}

interface Place {
  rect: string
  /** Consecutive comparisons without a change. */
  unchanged: number
}

let places: WeakMap<Element, Place> | undefined

/** Compares an element's place with that in the last poll, and once more after the next frame. */
const isStable = (element: Element): boolean => {
  places ??= new natives.WeakMap.type()
  const place = places.get(element) ?? { rect: '', unchanged: 0 }
  places.set(element, place)
  const compare = () => {
    const seen = see(element)
    const rect = typeof seen === 'string' ? seen : `${seen.left} ${seen.top} ${seen.width} ${seen.height}`
    place.unchanged = rect === place.rect ? place.unchanged + 1 : 0
    place.rect = rect
  }
  compare()
  natives.afterFrame((painted) => {
    if (painted) compare()
  })
  return place.unchanged >= STABLE_FRAMES
}
