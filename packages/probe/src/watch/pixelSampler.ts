import type { Warning } from '../types.ts'
import { nameOf } from './dom.ts'
import { array, natives } from './natives.ts'
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
   *
   * @param warnings receives the warnings so far
   */
  step(media: () => Iterable<WatchedMedia>, warnings: Warning[]): void
}

export const createPixelSampler = (): PixelSampler => {
  const states = new natives.WeakMap.type<Element, PixelState>()
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

  const warn = ({ name, video }: NamedVideo, warnings: Warning[]): void => {
    const add = (detail: string) => {
      warnings[warnings.length] = { name, detail }
    }
    if ((states.get(video)?.black ?? 0) >= BLACK_SAMPLES) add('its picture is black')
    if (pixelsIn(video) > MAX_PIXELS) {
      add(`${video.videoWidth}×${video.videoHeight} is larger than Agora's recorder supports (1920×1080)`)
    }
  }

  const choose = (media: Iterable<WatchedMedia>): void => {
    requested = false
    const videos: NamedVideo[] = []
    for (const { name, elements } of media) {
      for (const video of elements) {
        if (isVideo(video) && pixelsIn(video) && !visibilityFailure(video))
          videos[videos.length] = { name, video }
      }
    }
    array.sort(videos, (a, b) => pixelsIn(b.video) - pixelsIn(a.video))
    chosen = array.slice(videos, 0, MAX_VIDEOS)
    remaining = [...chosen]
  }

  return {
    begin() {
      requested = true
    },
    step(media, warnings) {
      const next = array.shift(remaining)
      if (next) void sample(next.video)
      // With frequent heartbeats a round takes longer than one interval.
      else if (requested) choose(media())
      for (const one of chosen) warn(one, warnings)
    },
  }
}

const pixelsIn = ({ videoWidth, videoHeight }: HTMLVideoElement): number => videoWidth * videoHeight

const isVideo = (element: Element): element is HTMLVideoElement => nameOf(element) === 'video'

/**
 * Luma of small crops of the picture, 0…255. It reads the decoded frame directly: drawing it on a canvas first takes ten
 * times as long, because that converts the whole frame.
 *
 * @throws if the pixels are cross-origin, the page is not a secure context, or the format is not supported
 */
const lumasOf = async (video: HTMLVideoElement): Promise<number[]> => {
  const frame = new natives.VideoFrame.type(video)
  try {
    const lumas: number[] = []
    for (const [x, y] of CROPS) await addLumas(lumas, frame, x / 4, y / 4)
    return lumas
  } finally {
    frame.close()
  }
}

/** @param x, y centre of the crop, 0…1 */
const addLumas = async (lumas: number[], frame: VideoFrame, x: number, y: number): Promise<void> => {
  const { format, visibleRect, colorSpace } = frame
  const { left, top, width, height } = visibleRect as DOMRectReadOnly
  const even = (value: number) => 2 * natives.Math.round(value / 2)
  const rect = {
    x: even(left + width * x - WIDTH / 2),
    y: even(top + height * y - HEIGHT / 2),
    width: WIDTH,
    height: HEIGHT,
  }
  // YUV: luma comes first, a byte per pixel. RGB, in any order: four bytes per pixel.
  const isYuv = natives.RegExp.exec(/^(I4\d\dA?|NV12)$/, `${format}`)
  if (!isYuv && !natives.RegExp.exec(/^(RGB|BGR)[AX]$/, `${format}`))
    throw new natives.Error.type(`${format} is not supported`)
  const bytes = new natives.Uint8Array.type(frame.allocationSize({ rect }))
  await frame.copyTo(bytes, { rect })
  const byte = (at: number) => bytes[at] ?? 0
  // In YUV, black is 16 unless the range is full.
  const black = colorSpace.fullRange ? 0 : 16
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    lumas[lumas.length] = isYuv
      ? natives.Math.max(byte(i) - black, 0)
      : (byte(4 * i) + byte(4 * i + 1) + byte(4 * i + 2)) / 3
  }
}

const isBlack = (lumas: number[]): boolean => {
  let sum = 0
  for (const luma of lumas) sum += luma
  const { max, min } = natives.Math
  return sum / lumas.length < BLACK_MEAN && max(...lumas) - min(...lumas) < BLACK_RANGE
}
