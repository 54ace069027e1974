import type { PageExpectation } from '../../probeTypes.ts'
import { natives } from '../natives.ts'
import type { MediaSample } from './sample.ts'

/** What is expected of a medium. Times in milliseconds. */
export interface MediaLimits {
  /** A file or MSE may stand still (neither time nor frames advance) for less than this. */
  fileStallMs: number
  /** The same for a MediaStream, whose sender may pause for a moment. */
  liveStallMs: number
  /** Frames may stand still while time advances for less than this. */
  freezeMs: number
  /** The picture may stand still. */
  still: boolean
  /** Frames need not be painted where the element is. */
  hidden: boolean
}

/** What is known of a media element after a sample. */
export interface Judgement {
  ok: boolean
  /** Why the element does not pass. */
  detail: string | undefined
  sample: MediaSample
  /** When time last advanced, or the windows were restarted. */
  timeAt: number
  /** When frames last advanced, or the windows were restarted. */
  framesAt: number
  /** Samples with progress since the last failure. */
  good: number
  /** Consecutive samples with an evident fault. */
  bad: number
  /** Samples of a painted page with new frames since a frame was last painted. */
  unpainted: number
  /** Frames painted when a frame was last painted. */
  paintedFrames: number
}

/** @param stall seconds, instead of all defaults; ignored unless it is above 0 */
export const mediaLimits = (
  stall?: number,
  { static: still = false, hidden = false }: Pick<PageExpectation, 'static' | 'hidden'> = {},
): MediaLimits => {
  const or = (seconds: number) => (stall && stall > 0 ? stall : seconds) * 1000
  return { fileStallMs: or(3), liveStallMs: or(10), freezeMs: or(5), still, hidden }
}

/** Samples with progress that prove that a medium plays, at first and after a failure. */
export const GOOD_SAMPLES = 2

/** Consecutive samples with an evident fault that fail a medium: a player pauses briefly between two sources. */
export const BAD_SAMPLES = 2

/**
 * Samples with unpainted frames that fail a medium. The share of painted frames is no criterion: a busy machine paints
 * one of thirty, or none for a second or two.
 */
export const UNPAINTED_SAMPLES = 5

/** An increase of the painted frames up to this is noise: a frame in transit is counted either way. */
const UNPAINTED_SLACK = 1

/** A sample more than this many periods late says nothing about the time since the last one. */
const MAX_LATE_PERIODS = 3

/** Texts for `MediaError.code` 1 to 4. */
const ERRORS = ['', 'aborted', 'network', 'cannot be decoded', 'source not supported']

const paintedOf = ({ frames = 0, dropped }: MediaSample): number => frames - dropped

const UNPROVEN = 'not yet seen to advance'

/**
 * Paused in a hidden document, usually by Chromium itself: it pauses video without sound there, and resumes it when the
 * document is shown (https://developer.chrome.com/blog/media-updates-in-chrome-63-64/). No property shows who paused it.
 */
const isPausedByBrowser = ({ paused, visible }: MediaSample): boolean => paused && !visible

/** Describes a fault that a single sample shows; undefined if there is none. */
const evidentFault = (now: MediaSample, { hidden }: MediaLimits): string | undefined => {
  if (now.error) return `media error ${now.error}${ERRORS[now.error] ? `: ${ERRORS[now.error]}` : ''}`
  if (!now.source) return 'has no source'
  if (now.ended) return 'ended'
  if (now.tracks === 'ended') return 'its track has ended'
  // With `autoplay` and too little data an element stays paused forever, without any event.
  if (now.paused && !now.played) return `not started (readyState ${now.ready})`
  if (isPausedByBrowser(now)) return
  if (now.paused) return 'paused'
  return hidden || !now.visible ? undefined : now.invisible
}

/** The first judgement of an element. Nothing is proven yet, so it keeps the verdict from before. */
export const begin = (now: MediaSample, wasOk: boolean, limits: MediaLimits = mediaLimits()): Judgement => ({
  ok: wasOk,
  detail: wasOk ? undefined : (evidentFault(now, limits) ?? UNPROVEN),
  sample: now,
  timeAt: now.at,
  framesAt: now.at,
  good: 0,
  bad: 0,
  unpainted: 0,
  paintedFrames: paintedOf(now),
})

/**
 * A fault that shows only over time: no progress for a whole window. Samples are never taken to the millisecond, so half
 * a period of slack is added to the measured time.
 */
const standstill = (
  now: MediaSample,
  { timeAt, framesAt, slackMs }: { timeAt: number; framesAt: number; slackMs: number },
  limits: MediaLimits,
): string | undefined => {
  if (limits.still) return
  const timeFlatMs = now.at - timeAt
  const framesFlatMs = now.frames === undefined || !now.visible ? timeFlatMs : now.at - framesAt
  const flatMs = natives.Math.min(timeFlatMs, framesFlatMs)
  const fills = (ms: number, window: number) => ms + slackMs >= window
  const kind = now.soundOnly ? 'no picture, ' : ''
  const seconds = (ms: number) => `${natives.Math.round(ms / 1000)} s (${kind}readyState ${now.ready})`
  if (now.live && fills(flatMs, limits.liveStallMs)) {
    const what = now.tracks ? 'its track is muted' : now.frames === undefined ? 'no sound' : 'no frames'
    return `${what}: no progress for ${seconds(flatMs)}`
  }
  if (!now.live && fills(flatMs, limits.fileStallMs)) return `stalled: no progress for ${seconds(flatMs)}`
  // Chromium counts a frame when it is enqueued, and moves a stream's time when it is shown, up to 34 ms later (measured). A
  // sample in between sees the time move once after the last frame, which is not time that advances.
  const timeAdvances = 2 * timeFlatMs < framesFlatMs && framesFlatMs - timeFlatMs > 3 * slackMs
  if (fills(framesFlatMs, limits.freezeMs) && timeAdvances) {
    return `frozen: time advances, but no new frame for ${seconds(framesFlatMs)}`
  }
  return
}

/**
 * Judges a media element by its last judgement and a new sample.
 *
 * - Any difference counts as progress, also backwards: loops wrap the time.
 * - A new source, or a frame counter that went back, restarts the windows and proves nothing.
 * - A late sample restarts the windows: a suspended machine, a frozen tab or a long task is not a stall.
 * - In a hidden document frames may be skipped and are not painted, so only time must advance, unless the medium is paused.
 * - Whether frames are painted is judged only while the page is: a busy machine paints when it can.
 * - The first frame proves a picture that may stand still.
 *
 * @param periodMs planned time between the two samples
 */
export const judge = (
  before: Judgement,
  now: MediaSample,
  limits: MediaLimits,
  periodMs: number,
): Judgement => {
  const last = before.sample
  const frames = (now.frames ?? 0) - (last.frames ?? 0)
  const restarted = now.source !== last.source || frames < 0
  const late = now.at - last.at > (1 + MAX_LATE_PERIODS) * periodMs
  const timeMoved = now.time !== last.time
  const timeAt = restarted || late || timeMoved || isPausedByBrowser(now) ? now.at : before.timeAt
  const framesAt = restarted || late || frames || !now.visible ? now.at : before.framesAt

  const painted = paintedOf(now)
  const hasPainted = painted > before.paintedFrames + UNPAINTED_SLACK
  const reset = restarted || late || hasPainted || limits.hidden || !now.visible
  const unpainted = reset ? 0 : before.unpainted + (frames && now.painting ? 1 : 0)

  const evident = evidentFault(now, limits)
  const bad = evident ? before.bad + 1 : 0
  const lasting =
    standstill(now, { timeAt, framesAt, slackMs: periodMs / 2 }, limits) ??
    (unpainted < UNPAINTED_SAMPLES ? undefined : 'not painted: frames are decoded, but none is shown')
  const isTolerated = before.ok && bad < BAD_SAMPLES
  const fault = evident ? (isTolerated ? undefined : evident) : lasting

  const moved = now.frames === undefined ? timeMoved : limits.still ? now.frames : frames
  const good = evident || fault ? 0 : before.good + (!restarted && moved ? 1 : 0)
  const ok = !fault && (before.ok || good >= GOOD_SAMPLES)
  return {
    ok,
    detail: fault ?? (ok ? undefined : UNPROVEN),
    sample: now,
    timeAt,
    framesAt,
    good,
    bad,
    unpainted,
    paintedFrames: reset ? painted : before.paintedFrames,
  }
}
