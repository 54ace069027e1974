import type { MediaSample } from './sample.ts'

/** What is asked of a medium. Times in milliseconds. */
export interface MediaLimits {
  /** Neither time nor frames advance: a file or MSE. */
  fileStallMs: number
  /** Neither time nor frames advance: a MediaStream, whose sender may pause for a moment. */
  liveStallMs: number
  /** Time runs, but frames do not. */
  freezeMs: number
  /** The picture may stand still. */
  still: boolean
  /** Frames need not be painted where the element is. */
  hidden: boolean
}

/** What is known of one media element after a sample. */
export interface Judgement {
  ok: boolean
  /** Why it is not ok. */
  detail: string | undefined
  sample: MediaSample
  /** When time last moved, or the windows were restarted. */
  timeAt: number
  /** When frames last moved, or the windows were restarted. */
  framesAt: number
  /** Samples with progress since it was last found at fault. */
  good: number
  /** Samples in a row that showed a fault by themselves. */
  bad: number
  /** Samples of a painted page with new frames, since one of these was painted. */
  unpainted: number
  /** Frames painted until then. */
  painted: number
}

/** @param stall seconds above 0, in place of all defaults; anything else is no such time */
export const mediaLimits = (stall?: number, still = false, hidden = false): MediaLimits => {
  const or = (seconds: number) => (stall && stall > 0 ? stall : seconds) * 1000
  return { fileStallMs: or(3), liveStallMs: or(10), freezeMs: or(5), still, hidden }
}

/** Progress in this many samples proves that a medium plays, at first and after a fault. */
export const GOOD_SAMPLES = 2

/** A fault that one sample shows must be seen so often: between two sources a player is paused for a moment. */
export const BAD_SAMPLES = 2

/**
 * Frames that are not painted must be seen so often. What share of them is painted says nothing: a busy machine paints
 * one of thirty, or none for a second or two.
 */
export const UNPAINTED_SAMPLES = 5

/** So many more frames painted are none: a frame on its way is counted now here, now there. */
const UNPAINTED_SLACK = 1

/** A sample later than planned by more than this many periods says nothing about the time in between. */
const LATE_PERIODS = 3

/** `MediaError.code`, from 1. */
const ERRORS = ['', 'aborted', 'network', 'cannot be decoded', 'source not supported']

const paintedOf = ({ frames = 0, dropped }: MediaSample): number => frames - dropped

const UNPROVEN = 'not yet seen to advance'

/**
 * Paused in a hidden document: as a rule by Chromium itself, which does so to pictures without sound, and plays them
 * again when they are shown. It does not say so.
 */
const isHeldBack = ({ paused, visible }: MediaSample): boolean => paused && !visible

/** Faults that one sample shows, whatever was before. */
const evidentFault = (now: MediaSample, { hidden }: MediaLimits): string | undefined => {
  if (now.error) return `media error ${now.error}${ERRORS[now.error] ? `: ${ERRORS[now.error]}` : ''}`
  if (!now.source) return 'has no source'
  if (now.ended) return 'ended'
  if (now.tracks === 'ended') return 'its track has ended'
  // With `autoplay` and too little data an element stays paused for ever, without any event.
  if (now.paused && !now.played) return `not started (readyState ${now.ready})`
  if (isHeldBack(now)) return
  if (now.paused) return 'paused'
  return hidden || !now.visible ? undefined : now.unseen
}

/** The first judgement of an element: nothing is proven yet, so `ok` is what was believed of it before. */
export const begin = (now: MediaSample, ok: boolean, limits: MediaLimits = mediaLimits()): Judgement => ({
  ok,
  detail: ok ? undefined : (evidentFault(now, limits) ?? UNPROVEN),
  sample: now,
  timeAt: now.at,
  framesAt: now.at,
  good: 0,
  bad: 0,
  unpainted: 0,
  painted: paintedOf(now),
})

/**
 * Faults that show only over time: what has not moved for as long as its window.
 * Samples are never taken to the millisecond, so a window that half a period would fill is full.
 */
const standstill = (
  now: MediaSample,
  timeAt: number,
  framesAt: number,
  limits: MediaLimits,
  slackMs: number,
): string | undefined => {
  if (limits.still) return
  const timeFlat = now.at - timeAt
  const framesFlat = now.frames === undefined || !now.visible ? timeFlat : now.at - framesAt
  const flat = Math.min(timeFlat, framesFlat)
  const full = (ms: number, window: number) => ms + slackMs >= window
  const seconds = (ms: number) => `${Math.round(ms / 1000)} s (readyState ${now.ready})`
  if (now.live && full(flat, limits.liveStallMs)) {
    return `${now.tracks ? 'its track is muted' : 'no frames'}: no progress for ${seconds(flat)}`
  }
  if (!now.live && full(flat, limits.fileStallMs)) return `stalled: no progress for ${seconds(flat)}`
  if (full(framesFlat, limits.freezeMs) && timeFlat < framesFlat) {
    return `frozen: time runs, but no new frame for ${seconds(framesFlat)}`
  }
  return
}

/**
 * Judges a media element by two samples and what was known at the first.
 *
 * - Any difference counts as movement, also backwards: loops wrap the time.
 * - A new source or a frame counter that went back restarts the windows and proves nothing.
 * - A late sample restarts the windows: sleep, a frozen tab and long tasks are no stalls.
 * - In a hidden document frames may be skipped and are not painted, so they are not missed there; time runs on, unless
 *   the medium is paused, which says nothing there.
 * - That frames are not painted shows only while the page is: a busy machine paints when it can.
 * - A picture that may stand still is proven by its first frame.
 *
 * @param periodMs time that was planned between the two samples
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
  const late = now.at - last.at > (1 + LATE_PERIODS) * periodMs
  const timeMoved = now.time !== last.time
  const timeAt = restarted || late || timeMoved || isHeldBack(now) ? now.at : before.timeAt
  const framesAt = restarted || late || frames || !now.visible ? now.at : before.framesAt

  const painted = paintedOf(now)
  const seen = painted > before.painted + UNPAINTED_SLACK
  const reset = restarted || late || seen || limits.hidden || !now.visible
  const unpainted = reset ? 0 : before.unpainted + (frames && now.painting ? 1 : 0)

  const evident = evidentFault(now, limits)
  const bad = evident ? before.bad + 1 : 0
  const lasting =
    standstill(now, timeAt, framesAt, limits, periodMs / 2) ??
    (unpainted < UNPAINTED_SAMPLES ? undefined : 'not painted: frames come, and none is shown')
  const believed = before.ok && bad < BAD_SAMPLES
  const fault = evident ? (believed ? undefined : evident) : lasting

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
    painted: reset ? painted : before.painted,
  }
}
