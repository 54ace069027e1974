import { find } from '../find.ts'
import { begin, type Judgement, judge, type MediaLimits } from './judge.ts'
import type { MediaSample } from './sample.ts'

/** What is known of the elements of one `media` expectation. */
export type KnownMedia = Map<Element, Judgement>

/** What one look at them has shown. */
export interface MediaLook {
  known: KnownMedia
  /** Why not all of them play; undefined when they do. */
  detail: string | undefined
  /** `currentTime` of the element that is told of: the first at fault, else the first. */
  time: number
  /** Its frames so far; 0 for audio. */
  frames: number
}

const nothing = (detail: string): MediaLook => ({ known: new Map(), detail, time: 0, frames: 0 })

/**
 * Looks again: every element that matches must play, and the first that does not is told.
 * An element that takes the place of another inherits its verdict, so that a page that renders its video anew
 * raises no alarm.
 *
 * @param before what was known of them
 * @param believed the verdict before
 */
export const lookAtMedia = (
  selector: string,
  root: ParentNode,
  before: KnownMedia,
  believed: boolean,
  take: (element: Element) => MediaSample | undefined,
  limits: MediaLimits,
  periodMs: number,
): MediaLook => {
  const found = find(selector, root)
  if (typeof found === 'string') return nothing(found)
  const known: KnownMedia = new Map()
  for (const element of found) {
    const now = take(element)
    if (!now) return nothing(`<${element.localName}> is neither video nor audio`)
    const one = before.get(element)
    known.set(element, one ? judge(one, now, limits, periodMs) : begin(now, believed, limits))
  }
  const all = [...known.values()]
  const at = Math.max(
    all.findIndex((one) => !one.ok),
    0,
  )
  const { sample, detail } = all[at] as Judgement
  const which = all.length > 1 ? `element ${at + 1} of ${all.length}: ` : ''
  return { known, detail: detail && which + detail, time: sample.time, frames: sample.frames ?? 0 }
}
