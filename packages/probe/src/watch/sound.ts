/** So long without a sound, and a medium is silent. */
const SILENT_MS = 30_000
/** Peak of the samples, 0…1, above which something is heard. */
const LEAST_PEAK = 0.001
/** A look that comes later says nothing about the time in between. */
const LATE_MS = 4000
/** Samples that an analyser keeps: at 48 kHz most of the second between two looks. */
const FFT_SIZE = 32_768

interface Heard {
  at: number
  heardAt: number
  /** Bytes of sound decoded so far, of a file. */
  bytes: number | undefined
  track: MediaStreamTrack | undefined
  analyser: AnalyserNode | undefined
}

export interface Sounds {
  /** Why an element is not heard; undefined when it is, or nobody can tell. To be asked at every look. */
  whyNotHeard(element: Element, at: number): string | undefined
  stop(): void
}

/**
 * Listens to media beside their way to the loudspeaker: the sound of a stream is analysed on a copy of its track, never
 * by a MediaElementSource, which would take it away from the page. Of files nothing but the progress of decoding is known.
 */
export const createSounds = (window: Window & typeof globalThis): Sounds => {
  const known = new WeakMap<Element, Heard>()
  let audio: AudioContext | undefined

  const listenTo = (track: MediaStreamTrack): AnalyserNode => {
    audio ??= new window.AudioContext()
    const analyser = audio.createAnalyser()
    analyser.fftSize = FFT_SIZE
    audio.createMediaStreamSource(new window.MediaStream([track])).connect(analyser)
    return analyser
  }

  /** Whether something was heard since the look before; undefined where nobody can tell. */
  const hears = (media: HTMLMediaElement, heard: Heard): boolean | undefined => {
    const stream = media.srcObject as MediaStream | null
    if (!stream) {
      const { webkitAudioDecodedByteCount: bytes } = media as { webkitAudioDecodedByteCount?: number }
      const before = heard.bytes
      heard.bytes = bytes
      return bytes === undefined ? undefined : bytes !== before
    }
    const track = stream.getAudioTracks?.().find(({ readyState }) => readyState === 'live')
    if (!track) return false
    if (heard.track !== track) {
      heard.analyser?.disconnect()
      heard.analyser = listenTo(track)
      heard.track = track
    }
    if (audio?.state !== 'running') {
      audio?.resume().catch(() => {})
      return
    }
    const samples = new Float32Array(FFT_SIZE)
    heard.analyser?.getFloatTimeDomainData(samples)
    return samples.some((sample) => Math.abs(sample) > LEAST_PEAK)
  }

  return {
    whyNotHeard(element, at) {
      const media = element as HTMLMediaElement
      if (media.muted || !media.volume) return 'is muted'
      const before = known.get(element)
      const heard = before ?? { at, heardAt: at, bytes: undefined, track: undefined, analyser: undefined }
      known.set(element, heard)
      if (hears(media, heard) !== false || at - heard.at > LATE_MS) heard.heardAt = at
      heard.at = at
      const silent = at - heard.heardAt
      return silent >= SILENT_MS ? `has been silent for ${Math.round(silent / 1000)} s` : undefined
    },
    stop() {
      audio?.close().catch(() => {})
    },
  }
}
