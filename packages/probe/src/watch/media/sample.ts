import { whyNotVisible } from '../visible.ts'

/** What one media element says about itself at one moment: plain data, so that it can be judged without a DOM. */
export interface MediaSample {
  /** When it was taken, in milliseconds since navigation start. */
  at: number
  /** Names what is played, so that a change of source is noticed; empty when there is none. */
  source: string
  /** Fed by a MediaStream, not by a file or MSE. */
  live: boolean
  /** How the stream's tracks of the element's kind are, all of them; empty when one is well, or there is none. */
  tracks: '' | 'ended' | 'muted'
  /** `currentTime`, in seconds. */
  time: number
  /** Frames decoded so far; undefined where nobody counts them (audio, or a browser without the counter). */
  frames: number | undefined
  /** Of these frames, those that were not painted. */
  dropped: number
  paused: boolean
  ended: boolean
  /** It has played at some time since the source was set. */
  played: boolean
  /** `readyState`, 0 to 4. */
  ready: number
  /** `MediaError.code`, 0 when there is none. */
  error: number
  /** The document is visible. */
  visible: boolean
  /** The page is being painted. */
  painting: boolean
  /** Why nobody sees its picture; undefined when somebody can, or it has none. */
  unseen: string | undefined
}

const stateOf = (tracks: MediaStreamTrack[]): MediaSample['tracks'] => {
  const live = tracks.filter((track) => track.readyState === 'live')
  if (tracks.length && !live.length) return 'ended'
  return live.length && live.every((track) => track.muted) ? 'muted' : ''
}

/**
 * Takes a sample of a media element, or undefined when it is none.
 * The kind is read from `localName`: `instanceof` is false for elements of another frame.
 * Frames are polled from `getVideoPlaybackQuality`: requestVideoFrameCallback stands still in hidden pages.
 * Tracks are asked, not listened to: an element whose tracks were stopped has neither `ended` set nor an event.
 */
export const sample = (element: Element, at: number, painting = false): MediaSample | undefined => {
  const video = element.localName === 'video'
  if (!video && element.localName !== 'audio') return
  const media = element as HTMLVideoElement
  const stream = media.srcObject as MediaStream | null
  const live = !!stream && 'active' in stream
  const quality = media.getVideoPlaybackQuality?.()
  return {
    at,
    source: stream ? `stream ${stream.id}` : media.currentSrc,
    live,
    tracks: live ? stateOf(video ? stream.getVideoTracks() : stream.getAudioTracks()) : '',
    time: media.currentTime,
    frames: quality?.totalVideoFrames,
    dropped: quality?.droppedVideoFrames ?? 0,
    paused: media.paused,
    ended: media.ended,
    played: media.played.length > 0,
    ready: media.readyState,
    error: media.error?.code ?? 0,
    visible: media.ownerDocument.visibilityState === 'visible',
    painting,
    unseen: media.videoWidth ? whyNotVisible(media) : undefined,
  }
}
