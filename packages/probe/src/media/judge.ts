import type { MediaSample } from './sample.ts'

/** How long a medium may stand still, in milliseconds. */
export interface MediaLimits {
  /** Neither time nor frames advance: a file or MSE. */
  fileStallMs: number
  /** Neither time nor frames advance: a MediaStream, whose sender may pause for a moment. */
  liveStallMs: number
  /** Time runs, but frames do not. */
  freezeMs: number
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
}

/** @param stall seconds, in place of all defaults */
export const mediaLimits = (stall?: number): MediaLimits => ({
  fileStallMs: (stall ?? 3) * 1000,
  liveStallMs: (stall ?? 5) * 1000,
  freezeMs: (stall ?? 5) * 1000,
})

/** Progress in this many samples proves that a medium plays, at first and after a fault. */
export const GOOD_SAMPLES = 2

/** A sample later than planned by more than this many periods says nothing about the time in between. */
const LATE_PERIODS = 3

/** `MediaError.code`, from 1. */
const ERRORS = ['', 'aborted', 'network', 'cannot be decoded', 'source not supported']

const UNPROVEN = 'not yet seen to advance'

/** Faults that one sample shows, whatever was before. */
const evidentFault = (now: MediaSample): string | undefined => {
  if (now.error) return `media error ${now.error}${ERRORS[now.error] ? `: ${ERRORS[now.error]}` : ''}`
  if (!now.source) return 'has no source'
  if (now.ended) return 'ended'
  // With `autoplay` and too little data an element stays paused for ever, without any event.
  if (now.paused) return now.played ? 'paused' : `not started (readyState ${now.ready})`
  return
}

/** The first judgement of an element: nothing is proven yet, so `ok` is what was believed of it before. */
export const begin = (now: MediaSample, ok: boolean): Judgement => {
  const fault = evidentFault(now)
  return {
    ok: ok && !fault,
    detail: fault ?? (ok ? undefined : UNPROVEN),
    sample: now,
    timeAt: now.at,
    framesAt: now.at,
    good: 0,
  }
}

const seconds = (ms: number) => `${Math.round(ms / 1000)} s`

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
  const timeFlat = now.at - timeAt
  const framesFlat = now.frames === undefined ? timeFlat : now.at - framesAt
  const flat = Math.min(timeFlat, framesFlat)
  if (flat + slackMs >= (now.live ? limits.liveStallMs : limits.fileStallMs)) {
    return `stalled: no progress for ${seconds(flat)} (readyState ${now.ready})`
  }
  if (framesFlat + slackMs >= limits.freezeMs)
    return `frozen: time runs, but no new frame for ${seconds(framesFlat)}`
  return
}

/**
 * Judges a media element by two samples and what was known at the first.
 *
 * - Any difference counts as movement, also backwards: loops wrap the time.
 * - A new source or a frame counter that went back restarts the windows and proves nothing.
 * - A late sample restarts the windows: sleep, a frozen tab and long tasks are no stalls.
 * - In a hidden document frames may be skipped, so they are not missed there.
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
  const restarted = now.source !== last.source || (now.frames ?? 0) < (last.frames ?? 0)
  const late = now.at - last.at > (1 + LATE_PERIODS) * periodMs
  const timeMoved = now.time !== last.time
  const framesMoved = now.frames !== last.frames
  const timeAt = restarted || late || timeMoved ? now.at : before.timeAt
  const framesAt = restarted || late || framesMoved || !now.visible ? now.at : before.framesAt

  const fault = evidentFault(now) ?? standstill(now, timeAt, framesAt, limits, periodMs / 2)
  const progress = !restarted && (now.frames === undefined ? timeMoved : framesMoved)
  const good = fault ? 0 : before.good + (progress ? 1 : 0)
  const ok = !fault && (before.ok || good >= GOOD_SAMPLES)
  return { ok, detail: fault ?? (ok ? undefined : UNPROVEN), sample: now, timeAt, framesAt, good }
}
