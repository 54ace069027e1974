import { afterEach, expect, test, vi } from 'vitest'
import { place } from '../../testing/page.ts'
import { sample } from './sample.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const video = (properties: object): HTMLVideoElement => {
  const element = document.createElement('video')
  for (const [name, value] of Object.entries(properties)) {
    Object.defineProperty(element, name, { configurable: true, value })
  }
  return element
}

const FILE = {
  currentSrc: 'https://app.example.com/lesson.webm',
  srcObject: null,
  currentTime: 4.2,
  getVideoPlaybackQuality: () => ({ totalVideoFrames: 63, droppedVideoFrames: 2 }),
  paused: false,
  ended: false,
  played: { length: 1 },
  readyState: 4,
  error: null,
}

test('reads a file', () => {
  expect(sample(video(FILE), 1234, true)).toEqual({
    at: 1234,
    source: 'https://app.example.com/lesson.webm',
    live: false,
    tracks: '',
    time: 4.2,
    frames: 63,
    soundOnly: false,
    dropped: 2,
    paused: false,
    ended: false,
    played: true,
    ready: 4,
    error: 0,
    visible: true,
    painting: true,
    invisible: undefined,
  })
})

const stream = (...tracks: object[]) => ({
  id: 's1',
  active: true,
  getVideoTracks: () => tracks,
  getAudioTracks: () => [{ readyState: 'ended' }],
})

test.each<[string, object[]]>([
  ['', []],
  ['', [{ readyState: 'live', muted: false }]],
  [
    '',
    [
      { readyState: 'live', muted: true },
      { readyState: 'live', muted: false },
    ],
  ],
  ['', [{ readyState: 'ended' }, { readyState: 'live', muted: false }]],
  ['muted', [{ readyState: 'ended' }, { readyState: 'live', muted: true }]],
  ['ended', [{ readyState: 'ended' }, { readyState: 'ended', muted: true }]],
])('summarises the state of all tracks of its kind: "%s"', (tracks, list) => {
  expect(sample(video({ ...FILE, srcObject: stream(...list) }), 0)).toMatchObject({ tracks })
})

test('reads the audio tracks of <audio>, whatever the video tracks are like', () => {
  const audio = document.createElement('audio')
  Object.defineProperties(audio, { played: { value: { length: 0 } }, srcObject: { value: stream() } })
  expect(sample(audio, 0)).toMatchObject({ tracks: 'ended' })
})

test('identifies a MediaStream by its id, so that another stream is detected', () => {
  const element = video({ ...FILE, srcObject: stream({ readyState: 'live' }) })
  expect(sample(element, 0)).toMatchObject({ source: 'stream s1', live: true })
})

test('does not take a MediaSource in srcObject for a live stream', () => {
  expect(sample(video({ ...FILE, srcObject: {} }), 0)).toMatchObject({ live: false })
})

test('has no frame count where the browser has none', () => {
  expect(sample(video({ ...FILE, getVideoPlaybackQuality: undefined }), 0)?.frames).toBeUndefined()
})

test('reads faults', () => {
  const element = video({ ...FILE, paused: true, played: { length: 0 }, readyState: 1, error: { code: 4 } })
  expect(sample(element, 0)).toMatchObject({ paused: true, played: false, ready: 1, error: 4 })
})

test('knows when the document is hidden', () => {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  expect(sample(video(FILE), 0)).toMatchObject({ visible: false })
})

test('says why its picture is not visible', () => {
  const hidden = place(video({ ...FILE, videoWidth: 320 }), {}, false)
  expect(sample(hidden, 0)).toMatchObject({ invisible: 'is hidden by CSS' })
})

test('does not require a picture where there is none: sound in a <video>', () => {
  expect(sample(place(video({ ...FILE, videoWidth: 0 }), {}, false), 0)).toMatchObject({
    invisible: undefined,
  })
})

test.each<[string, object, boolean]>([
  ['a file', { ...FILE, videoWidth: 0 }, true],
  ['a file with a picture', { ...FILE, videoWidth: 320 }, false],
  ['a file whose size is not known yet', { ...FILE, videoWidth: 0, readyState: 0 }, false],
  ['a stream', { ...FILE, srcObject: stream() }, true],
  ['a stream with a picture', { ...FILE, srcObject: stream({ readyState: 'ended' }) }, false],
])('of %s in <video> that has shown no frame', (_, properties, soundOnly) => {
  const quality = { totalVideoFrames: 0, droppedVideoFrames: 0 }
  const taken = sample(video({ ...properties, getVideoPlaybackQuality: () => quality }), 0)
  expect(taken).toMatchObject({ soundOnly, frames: soundOnly ? undefined : 0 })
})

test('a stream that has lost its picture is expected to have one', () => {
  expect(sample(video({ ...FILE, srcObject: stream() }), 0)).toMatchObject({ soundOnly: false, frames: 63 })
})

test('samples nothing but video and audio', () => {
  expect(sample(document.createElement('canvas'), 0)).toBeUndefined()
})
