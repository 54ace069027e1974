import { nameOf } from '../dom.ts'
import { array } from '../natives.ts'
import { visibilityFailure } from '../visibility.ts'

/** State of one media element at one moment: plain data, so that it can be judged without a DOM. */
export interface MediaSample {
  /** Milliseconds since navigation start. */
  at: number
  /** Identifies what is played, so that a change of source is detected; empty if there is none. */
  source: string
  /** The source is a MediaStream, not a file or MSE. */
  live: boolean
  /** State of all the stream's tracks of the element's kind; empty if one of them is well, or there is none. */
  tracks: '' | 'ended' | 'muted'
  /** `currentTime`, in seconds. */
  time: number
  /** Frames decoded so far; undefined if they are not counted (sound only, or a browser without the counter). */
  frames: number | undefined
  /** A `<video>` that plays sound without any picture, and never had one from this source. */
  soundOnly: boolean
  /** How many of these frames were not painted. */
  dropped: number
  paused: boolean
  ended: boolean
  /** It has played since the source was set. */
  played: boolean
  /** `readyState`, 0 to 4. */
  ready: number
  /** `MediaError.code`; 0 without an error. */
  error: number
  /** The document is visible. */
  visible: boolean
  /** The page is being painted. */
  painting: boolean
  /** Why its picture is not visible; undefined if it is, or if it has none. */
  invisible: string | undefined
}

const stateOf = (tracks: MediaStreamTrack[]): MediaSample['tracks'] => {
  const live = array.filter(tracks, (track) => track.readyState === 'live')
  if (tracks.length && !live.length) return 'ended'
  return live.length && array.every(live, (track) => track.muted) ? 'muted' : ''
}

/** `readyState` from which on it is known whether a file has a picture. */
const HAVE_METADATA = 1

/**
 * Samples a media element; undefined if the element is not one.
 *
 * The kind is read from `localName`, because `instanceof` is false for elements of another frame. Frames are polled from
 * `getVideoPlaybackQuality`, because requestVideoFrameCallback is not called in hidden pages. Tracks are polled too,
 * because stopping one fires no event (https://developer.mozilla.org/docs/Web/API/MediaStreamTrack/stop) and leaves the
 * element's `ended` false.
 */
export const sample = (element: Element, at: number, painting = false): MediaSample | undefined => {
  const name = nameOf(element)
  const video = name === 'video'
  if (!video && name !== 'audio') return
  const media = element as HTMLVideoElement
  const stream = media.srcObject as MediaStream | null
  const live = !!stream && 'active' in stream
  const quality = media.getVideoPlaybackQuality?.()
  const pictures = live
    ? stream.getVideoTracks().length
    : media.videoWidth || media.readyState < HAVE_METADATA
  const soundOnly = video && !pictures && !quality?.totalVideoFrames
  const isPictureExpected = video && !soundOnly
  return {
    at,
    source: stream ? `stream ${stream.id}` : media.currentSrc,
    live,
    tracks: live ? stateOf(isPictureExpected ? stream.getVideoTracks() : stream.getAudioTracks()) : '',
    time: media.currentTime,
    frames: isPictureExpected ? quality?.totalVideoFrames : undefined,
    soundOnly,
    dropped: quality?.droppedVideoFrames ?? 0,
    paused: media.paused,
    ended: media.ended,
    played: media.played.length > 0,
    ready: media.readyState,
    error: media.error?.code ?? 0,
    visible: media.ownerDocument.visibilityState === 'visible',
    painting,
    invisible: media.videoWidth ? visibilityFailure(media) : undefined,
  }
}
