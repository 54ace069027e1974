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
/** Of a crop, even: the colours of most formats are stored for two pixels by two. */
const WIDTH = 16
const HEIGHT = 8
/** Their places, in quarters of the picture's width and height. */
const CROPS = [
  [2, 2],
  [1, 1],
  [3, 1],
  [1, 3],
  [3, 3],
] as const

interface Known {
  source: unknown
  /** The picture is another origin's, or in a format that is not read: nothing is said of it. */
  unreadable: boolean
  /** Looks in a row that found it black. */
  black: number
}

interface Chosen {
  name: string
  video: HTMLVideoElement
}

/** Looks at the pictures of videos. Nothing fails for what it finds: a picture may be black on purpose. */
export interface Pictures {
  /** Begins a round, unless one is under way. */
  begin(): void
  /**
   * Takes the next step of the round: chooses the largest videos that can be seen, then looks at them one by one, as
   * reading a picture is the dearest thing that the probe does.
   * @returns what the looks so far have shown
   */
  step(media: () => Iterable<WatchedMedia>): Warning[]
}

export const createPictures = (): Pictures => {
  const known = new WeakMap<Element, Known>()
  let chosen: Chosen[] = []
  let waiting: Chosen[] = []
  let begun = false

  const knownOf = (video: HTMLVideoElement): Known => {
    const source = video.srcObject ?? video.currentSrc
    const before = known.get(video)
    if (before?.source === source) return before
    const anew = { source, unreadable: false, black: 0 }
    known.set(video, anew)
    return anew
  }

  const look = async (video: HTMLVideoElement): Promise<void> => {
    const one = knownOf(video)
    if (one.unreadable || video.readyState < 2) return
    try {
      one.black = isDark(await lumasOf(video)) ? one.black + 1 : 0
    } catch {
      one.unreadable = true
      one.black = 0
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

  const choose = (media: Iterable<WatchedMedia>): void => {
    begun = false
    chosen = [...media]
      .flatMap(({ name, elements }) => [...elements].filter(isVideo).map((video) => ({ name, video })))
      .filter(({ video }) => pixelsIn(video) && !whyNotVisible(video))
      .sort((a, b) => pixelsIn(b.video) - pixelsIn(a.video))
      .slice(0, MOST_VIDEOS)
    waiting = [...chosen]
  }

  return {
    begin() {
      begun = true
    },
    step(media) {
      const next = waiting.shift()
      if (next) void look(next.video)
      // Where heartbeats are frequent a round takes longer than from one to the next.
      else if (begun) choose(media())
      return chosen.flatMap(warningsOf)
    },
  }
}

const pixelsIn = ({ videoWidth, videoHeight }: HTMLVideoElement): number => videoWidth * videoHeight

const isVideo = (element: Element): element is HTMLVideoElement => element.localName === 'video'

/**
 * Luma of small crops of the picture, 0…255. Read from the decoded frame as it is: to draw it on a canvas costs ten times
 * as much, as the whole of it is converted first.
 *
 * @throws when the picture is another origin's, or frames cannot be read: in pages that are not secure, and of rare formats
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

/** @param x, y middle of the crop, 0…1 */
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
  // Luma comes first, a byte a pixel, and black is 16 unless said otherwise; or red, green and blue do, in whatever order.
  const black = colorSpace.fullRange ? 0 : 16
  if (/^(I4\d\dA?|NV12)$/.test(format ?? '')) return pixels.map((i) => Math.max((bytes[i] ?? 0) - black, 0))
  if (!/^(RGB|BGR)[AX]$/.test(format ?? '')) throw new TypeError(`frames in ${format} are not read`)
  return pixels.map((i) => ((bytes[4 * i] ?? 0) + (bytes[4 * i + 1] ?? 0) + (bytes[4 * i + 2] ?? 0)) / 3)
}

const isDark = (found: number[]): boolean => {
  const mean = found.reduce((sum, one) => sum + one, 0) / found.length
  return mean < BLACK_MEAN && Math.max(...found) - Math.min(...found) < BLACK_SPREAD
}
