import { array, natives } from './natives.ts'

/** A medium that has had no sound for this long is silent. */
const SILENT_MS = 30_000
/** Samples (0…1) whose peak is above this are sound. */
const MIN_PEAK = 0.001
/** A poll later than this says nothing about the time since the last one. */
const LATE_MS = 4000
/** Samples that an analyser keeps: most of the second between two polls at 48 kHz. */
const FFT_SIZE = 32_768

interface SoundState {
  polledAt: number
  /** When there was sound last, as far as is known. */
  soundAt: number
  /** For a file: bytes of sound decoded so far. */
  bytes?: number | undefined
  track?: MediaStreamTrack
  analyser?: AnalyserNode
}

export interface SoundMonitor {
  /** Explains why an element is not audible; undefined if it is, or if that is unknown. To be called in every poll. */
  failure(element: Element, at: number): string | undefined
  stop(): void
}

/**
 * Measures sound without intercepting it. For a stream, a copy of its track is analysed: a MediaElementSource would
 * reroute the element's sound, away from the page's output
 * (https://developer.mozilla.org/en-US/docs/Web/API/AudioContext/createMediaElementSource). For a file, only the progress
 * of decoding is known.
 */
export const createSoundMonitor = (): SoundMonitor => {
  const states = new natives.WeakMap.type<Element, SoundState>()
  let audio: AudioContext | undefined

  const analyse = (track: MediaStreamTrack): AnalyserNode => {
    audio ??= new natives.AudioContext.type()
    const analyser = audio.createAnalyser()
    analyser.fftSize = FFT_SIZE
    audio.createMediaStreamSource(new natives.MediaStream.type([track])).connect(analyser)
    return analyser
  }

  /** Whether there was sound since the last poll; undefined if that is unknown. */
  const hasSound = (media: HTMLMediaElement, state: SoundState): boolean | undefined => {
    const stream = media.srcObject as MediaStream | null
    if (!stream) {
      const { webkitAudioDecodedByteCount: bytes } = media as { webkitAudioDecodedByteCount?: number }
      const before = state.bytes
      state.bytes = bytes
      return bytes === undefined ? undefined : bytes !== before
    }
    const track = array.find(stream.getAudioTracks?.() ?? [], ({ readyState }) => readyState === 'live')
    if (!track) return false
    if (state.track !== track) {
      state.analyser?.disconnect()
      state.analyser = analyse(track)
      state.track = track
    }
    if (audio?.state !== 'running') {
      audio?.resume().catch(() => {})
      return
    }
    const samples = new natives.Float32Array.type(FFT_SIZE)
    state.analyser?.getFloatTimeDomainData(samples)
    for (const sample of samples) if (sample > MIN_PEAK || sample < -MIN_PEAK) return true
    return false
  }

  return {
    failure(element, at) {
      const media = element as HTMLMediaElement
      if (media.muted || !media.volume) return 'is muted'
      const state = states.get(element) ?? { polledAt: at, soundAt: at }
      states.set(element, state)
      if (hasSound(media, state) !== false || at - state.polledAt > LATE_MS) state.soundAt = at
      state.polledAt = at
      const silentMs = at - state.soundAt
      return silentMs >= SILENT_MS
        ? `has been silent for ${natives.Math.round(silentMs / 1000)} s`
        : undefined
    },
    stop() {
      audio?.close().catch(() => {})
    },
  }
}
