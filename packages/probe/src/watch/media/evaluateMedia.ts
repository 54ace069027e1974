import { nameOf } from '../dom.ts'
import { find } from '../find.ts'
import { array, natives } from '../natives.ts'
import { begin, type Judgement, judge, type MediaLimits } from './judge.ts'
import type { MediaSample } from './sample.ts'

/** The last judgement of each element of one `media` expectation. */
export type MediaJudgements = Map<Element, Judgement>

/** What a poll has found about the media of one expectation. */
export interface MediaResult {
  judgements: MediaJudgements
  /** Why not all of them play; undefined if they do. */
  detail: string | undefined
  /** `currentTime` of the reported element: the first that fails, otherwise the first. */
  time: number
  /** Frames of the reported element so far; 0 for audio. */
  frames: number
}

export interface MediaPoll {
  root: ParentNode
  /** The judgements of the last poll. */
  before: MediaJudgements
  /** Whether the check passed in the last poll. If so, a new element counts as playing until it has a fault. */
  wasOk: boolean
  takeSample: (element: Element) => MediaSample | undefined
  limits: MediaLimits
  /** Planned time since the last poll. */
  periodMs: number
}

const failed = (detail: string): MediaResult => ({
  judgements: new natives.Map.type(),
  detail,
  time: 0,
  frames: 0,
})

/**
 * Judges the elements that a selector matches: every one must play, and the first that does not is reported. An element
 * that replaces another inherits its verdict, so that a page that re-renders its video does not fail.
 */
export const evaluateMedia = (
  selector: string,
  { root, before, wasOk, takeSample, limits, periodMs }: MediaPoll,
): MediaResult => {
  const found = find(selector, root)
  if (typeof found === 'string') return failed(found)
  const judgements: MediaJudgements = new natives.Map.type()
  for (const element of found) {
    const now = takeSample(element)
    if (!now) return failed(`<${nameOf(element)}> is neither video nor audio`)
    const last = natives.Map.get(before, element)
    natives.Map.set(
      judgements,
      element,
      last ? judge(last, now, limits, periodMs) : begin(now, wasOk, limits),
    )
  }
  const all = [...natives.Map.values(judgements)]
  const reported = natives.Math.max(
    array.findIndex(all, (one) => !one.ok),
    0,
  )
  const { sample, detail } = all[reported] as Judgement
  const prefix = all.length > 1 ? `element ${reported + 1} of ${all.length}: ` : ''
  return { judgements, detail: detail && prefix + detail, time: sample.time, frames: sample.frames ?? 0 }
}
