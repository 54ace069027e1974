import { matchesOf } from '../expect/element.ts'
import type { MediaCheck } from '../types.ts'
import { begin, type Judgement, judge, type MediaLimits } from './judge.ts'
import type { MediaSample } from './sample.ts'

/** One selector of media that must play, with what is known of each element it matches. */
export interface WatchedMedia {
  known: Map<Element, Judgement>
  check: MediaCheck
}

/** @param trusted taken to play until its windows say otherwise: for media that are named after `loaded` */
export const watchMedia = (name: string, trusted: boolean): WatchedMedia => ({
  known: new Map(),
  check: { name, ok: trusted, time: 0, frames: 0 },
})

/** Media that cannot be judged, and why. */
export const brokenMedia = (name: string, detail: string): WatchedMedia => ({
  known: new Map(),
  check: { name, ok: false, time: 0, frames: 0, detail },
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
  if (typeof found === 'string') return brokenMedia(name, found)
  for (const element of found) {
    const now = take(element)
    if (!now) return brokenMedia(name, `<${element.localName}> is neither video nor audio`)
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
      ...(detail && { detail: which + detail }),
    },
  }
}
