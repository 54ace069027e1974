import type { MediaSample } from '../watch/media/sample.ts'

/** A sample of a file that plays; each test changes what it is about. */
export const mediaSample = (change: Partial<MediaSample> = {}): MediaSample => ({
  at: 0,
  source: 'lesson.webm',
  live: false,
  tracks: '',
  time: 0,
  frames: 0,
  soundOnly: false,
  dropped: 0,
  paused: false,
  ended: false,
  played: true,
  ready: 4,
  error: 0,
  visible: true,
  painting: true,
  invisible: undefined,
  ...change,
})
