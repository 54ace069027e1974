import { matchesOf } from '../expect/element.ts'
import type { MediaCheck } from '../types.ts'
import { begin, type Judgement, judge, type MediaLimits } from './judge.ts'
import type { MediaSample } from './sample.ts'

/** One selector of media that must play, with what is known of each element it matches. */
export interface WatchedMedia {
  known: Map<Element, Judgement>
  check: MediaCheck
}

/**
 * A selector whose elements are not known, or cannot be judged.
 *
 * @param ok what is believed of them until they are seen
 */
export const watchMedia = (name: string, ok: boolean, detail?: string): WatchedMedia => ({
  known: new Map(),
  check: { name, ok, time: 0, frames: 0, detail },
})

/**
 * Looks again: every element that matches must play, and the first that does not is told.
 * An element that takes the place of another inherits its verdict, so that a page that renders its video anew
 * raises no alarm.
 */
export const lookAtMedia = (
  watched: WatchedMedia,
  root: ParentNode,
  take: (element: Element) => MediaSample | undefined,
  limits: MediaLimits,
  periodMs: number,
): WatchedMedia => {
  const { name, ok: believed } = watched.check
  const known: WatchedMedia['known'] = new Map()
  const found = matchesOf(name, root)
  if (typeof found === 'string') return watchMedia(name, false, found)
  for (const element of found) {
    const now = take(element)
    if (!now) return watchMedia(name, false, `<${element.localName}> is neither video nor audio`)
    const before = watched.known.get(element)
    known.set(element, before ? judge(before, now, limits, periodMs) : begin(now, believed))
  }
  const all = [...known.values()]
  const at = Math.max(
    all.findIndex((one) => !one.ok),
    0,
  )
  const { ok, sample, detail } = all[at] as Judgement
  const which = all.length > 1 ? `element ${at + 1} of ${all.length}: ` : ''
  return {
    known,
    check: {
      name,
      ok,
      time: sample.time,
      frames: sample.frames ?? 0,
      detail: detail && which + detail,
    },
  }
}
