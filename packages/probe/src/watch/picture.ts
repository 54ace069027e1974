import type { Warning } from '../types.ts'
import { whyNotVisible } from './visible.ts'

/** Media of one expectation. */
export interface WatchedMedia {
  name: string
  elements: Iterable<Element>
}

/** Looks in a row, one per heartbeat, that must find a picture black. */
const BLACK_LOOKS = 3
/** Luma, 0…255: darker on average, with less between its darkest and its brightest spot, and it is black. */
const BLACK_MEAN = 16
const BLACK_SPREAD = 8
/** Videos looked at per heartbeat, the largest ones. */
const MOST_VIDEOS = 4
/** The largest picture that Agora's recorder is made for. */
const MOST_PIXELS = 1920 * 1080
/** Crops of the picture as it is: scaling a large one down costs twenty times as much. */
const WIDTH = 16
const HEIGHT = 9
/** Their places, in quarters of the picture's width and height. */
const CROPS = [
  [2, 2],
  [1, 1],
  [3, 1],
  [1, 3],
  [3, 3],
] as const

interface Pixels {
  source: unknown
  /** null: the picture is another origin's and may not be read; its canvas is spoilt for ever. */
  context: OffscreenCanvasRenderingContext2D | null
  /** Looks in a row that found it black. */
  black: number
}

interface Chosen {
  name: string
  video: HTMLVideoElement
}

/** Looks at the pictures of videos. Nothing fails for what it finds: a picture may be black on purpose. */
export interface Pictures {
  /** Begins a round: chooses the largest videos that can be seen. */
  choose(media: Iterable<WatchedMedia>): void
  /**
   * Looks at the next one of the round: one at a time, as reading a picture is the dearest thing that the probe does.
   * @returns what the looks so far have shown
   */
  lookAtNext(): Warning[]
}

export const createPictures = (): Pictures => {
  const known = new WeakMap<Element, Pixels>()
  let chosen: Chosen[] = []
  let waiting: Chosen[] = []
  let warnings: Warning[] = []

  const pixelsOf = (video: HTMLVideoElement): Pixels => {
    const source = video.srcObject ?? video.currentSrc
    const before = known.get(video)
    if (before?.source === source) return before
    const canvas = new OffscreenCanvas(WIDTH * CROPS.length, HEIGHT)
    const pixels = { source, context: canvas.getContext('2d', { willReadFrequently: true }), black: 0 }
    known.set(video, pixels)
    return pixels
  }

  const look = (video: HTMLVideoElement): void => {
    if (video.readyState < 2) return
    const pixels = pixelsOf(video)
    if (!pixels.context) return
    try {
      pixels.black = isDark(lumas(video, pixels.context)) ? pixels.black + 1 : 0
    } catch {
      pixels.context = null
      pixels.black = 0
    }
  }

  const warningsOf = ({ name, video }: Chosen): Warning[] => {
    const black = (known.get(video)?.black ?? 0) >= BLACK_LOOKS
    const size = `${video.videoWidth}×${video.videoHeight}`
    return [
      ...(black ? [{ name, detail: 'its picture is black' }] : []),
      ...(pixelsIn(video) > MOST_PIXELS
        ? [{ name, detail: `${size} is more than Agora's recorder takes (1920×1080)` }]
        : []),
    ]
  }

  return {
    choose(media) {
      const videos = [...media].flatMap(({ name, elements }) =>
        [...elements].filter(isVideo).map((video) => ({ name, video })),
      )
      chosen = videos
        .filter(({ video }) => pixelsIn(video) && !whyNotVisible(video))
        .sort((a, b) => pixelsIn(b.video) - pixelsIn(a.video))
        .slice(0, MOST_VIDEOS)
      waiting = [...chosen]
    },
    lookAtNext() {
      const next = waiting.shift()
      if (!next) return warnings
      look(next.video)
      warnings = chosen.flatMap(warningsOf)
      return warnings
    },
  }
}

const pixelsIn = ({ videoWidth, videoHeight }: HTMLVideoElement): number => videoWidth * videoHeight

const isVideo = (element: Element): element is HTMLVideoElement => element.localName === 'video'

/** @throws DOMException when the picture is another origin's */
const lumas = (video: HTMLVideoElement, context: OffscreenCanvasRenderingContext2D): number[] => {
  const { videoWidth, videoHeight } = video
  for (const [index, [x, y]] of CROPS.entries()) {
    const left = (videoWidth * x) / 4 - WIDTH / 2
    const top = (videoHeight * y) / 4 - HEIGHT / 2
    context.drawImage(video, left, top, WIDTH, HEIGHT, index * WIDTH, 0, WIDTH, HEIGHT)
  }
  const { data } = context.getImageData(0, 0, WIDTH * CROPS.length, HEIGHT)
  const found: number[] = []
  for (let i = 0; i < data.length; i += 4) {
    found.push(0.2126 * (data[i] ?? 0) + 0.7152 * (data[i + 1] ?? 0) + 0.0722 * (data[i + 2] ?? 0))
  }
  return found
}

const isDark = (found: number[]): boolean => {
  const mean = found.reduce((sum, one) => sum + one, 0) / found.length
  return mean < BLACK_MEAN && Math.max(...found) - Math.min(...found) < BLACK_SPREAD
}
