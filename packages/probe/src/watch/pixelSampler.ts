import type { Warning } from '../types.ts'
import { visibilityFailure } from './visibility.ts'

/** Media of one expectation. */
export interface WatchedMedia {
  name: string
  elements: Iterable<Element>
}

/** Consecutive samples, one per heartbeat, that must be black. */
const BLACK_SAMPLES = 3
/** Luma, 0…255: a sample with a lower mean and a smaller range between darkest and brightest spot is black. */
const BLACK_MEAN = 16
const BLACK_RANGE = 8
/** Videos sampled per heartbeat, the largest ones. */
const MAX_VIDEOS = 4
/** The largest picture that Agora's recorder supports. */
const MAX_PIXELS = 1920 * 1080
/** Size of a crop. Even, because most formats store colours for 2×2 pixels. */
const WIDTH = 16
const HEIGHT = 8
/** Centres of the crops, in quarters of the picture's width and height. */
const CROPS = [
  [2, 2],
  [1, 1],
  [3, 1],
  [1, 3],
  [3, 3],
] as const

interface PixelState {
  source: unknown
  /** The pixels are cross-origin, or in a format that is not supported. */
  unreadable: boolean
  /** Consecutive black samples. */
  black: number
}

interface NamedVideo {
  name: string
  video: HTMLVideoElement
}

/** Samples the pixels of videos. The results are warnings only: a picture may be black on purpose. */
export interface PixelSampler {
  /** Requests a round of samples, which starts when the round before has finished. */
  begin(): void
  /**
   * Takes the next step of the round: chooses the largest visible videos, then samples one per step, because reading
   * pixels is the most expensive thing the probe does.
   * @returns the warnings so far
   */
  step(media: () => Iterable<WatchedMedia>): Warning[]
}

export const createPixelSampler = (): PixelSampler => {
  const states = new WeakMap<Element, PixelState>()
  let chosen: NamedVideo[] = []
  let remaining: NamedVideo[] = []
  let requested = false

  const stateOf = (video: HTMLVideoElement): PixelState => {
    const source = video.srcObject ?? video.currentSrc
    const known = states.get(video)
    if (known?.source === source) return known
    const state = { source, unreadable: false, black: 0 }
    states.set(video, state)
    return state
  }

  const sample = async (video: HTMLVideoElement): Promise<void> => {
    const state = stateOf(video)
    if (state.unreadable || video.readyState < 2) return
    try {
      state.black = isBlack(await lumasOf(video)) ? state.black + 1 : 0
    } catch {
      state.unreadable = true
      state.black = 0
    }
  }

  const warningsOf = ({ name, video }: NamedVideo): Warning[] => {
    const black = (states.get(video)?.black ?? 0) >= BLACK_SAMPLES
    const size = `${video.videoWidth}×${video.videoHeight}`
    return [
      ...(black ? [{ name, detail: 'its picture is black' }] : []),
      ...(pixelsIn(video) > MAX_PIXELS
        ? [{ name, detail: `${size} is larger than Agora's recorder supports (1920×1080)` }]
        : []),
    ]
  }

  const choose = (media: Iterable<WatchedMedia>): void => {
    requested = false
    chosen = [...media]
      .flatMap(({ name, elements }) => [...elements].filter(isVideo).map((video) => ({ name, video })))
      .filter(({ video }) => pixelsIn(video) && !visibilityFailure(video))
      .sort((a, b) => pixelsIn(b.video) - pixelsIn(a.video))
      .slice(0, MAX_VIDEOS)
    remaining = [...chosen]
  }

  return {
    begin() {
      requested = true
    },
    step(media) {
      const next = remaining.shift()
      if (next) void sample(next.video)
      // With frequent heartbeats a round takes longer than one interval.
      else if (requested) choose(media())
      return chosen.flatMap(warningsOf)
    },
  }
}

const pixelsIn = ({ videoWidth, videoHeight }: HTMLVideoElement): number => videoWidth * videoHeight

const isVideo = (element: Element): element is HTMLVideoElement => element.localName === 'video'

/**
 * Luma of small crops of the picture, 0…255. It reads the decoded frame directly: drawing it on a canvas first takes ten
 * times as long, because that converts the whole frame.
 *
 * @throws if the pixels are cross-origin, the page is not a secure context, or the format is not supported
 */
const lumasOf = async (video: HTMLVideoElement): Promise<number[]> => {
  const frame = new VideoFrame(video)
  try {
    const crops = await Promise.all(CROPS.map(([x, y]) => lumasAt(frame, x / 4, y / 4)))
    return crops.flat()
  } finally {
    frame.close()
  }
}

/** @param x, y centre of the crop, 0…1 */
const lumasAt = async (frame: VideoFrame, x: number, y: number): Promise<number[]> => {
  const { format, visibleRect, colorSpace } = frame
  const { left, top, width, height } = visibleRect as DOMRectReadOnly
  const even = (value: number) => 2 * Math.round(value / 2)
  const rect = {
    x: even(left + width * x - WIDTH / 2),
    y: even(top + height * y - HEIGHT / 2),
    width: WIDTH,
    height: HEIGHT,
  }
  const bytes = new Uint8Array(frame.allocationSize({ rect }))
  await frame.copyTo(bytes, { rect })
  const pixels = [...Array(WIDTH * HEIGHT).keys()]
  // YUV: luma comes first, a byte per pixel, and black is 16 unless the range is full.
  const black = colorSpace.fullRange ? 0 : 16
  if (/^(I4\d\dA?|NV12)$/.test(format ?? '')) return pixels.map((i) => Math.max((bytes[i] ?? 0) - black, 0))
  // RGB, in any order: four bytes per pixel.
  if (!/^(RGB|BGR)[AX]$/.test(format ?? '')) throw new TypeError(`frames in ${format} are not supported`)
  return pixels.map((i) => ((bytes[4 * i] ?? 0) + (bytes[4 * i + 1] ?? 0) + (bytes[4 * i + 2] ?? 0)) / 3)
}

const isBlack = (lumas: number[]): boolean => {
  const mean = lumas.reduce((sum, one) => sum + one, 0) / lumas.length
  return mean < BLACK_MEAN && Math.max(...lumas) - Math.min(...lumas) < BLACK_RANGE
}
