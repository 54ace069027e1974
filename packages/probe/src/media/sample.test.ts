import { afterEach, expect, it, vi } from 'vitest'
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
  getVideoPlaybackQuality: () => ({ totalVideoFrames: 63 }),
  paused: false,
  ended: false,
  played: { length: 1 },
  readyState: 4,
  error: null,
}

it('reads a file', () => {
  expect(sample(video(FILE), 1234)).toEqual({
    at: 1234,
    source: 'https://app.example.com/lesson.webm',
    live: false,
    time: 4.2,
    frames: 63,
    paused: false,
    ended: false,
    played: true,
    ready: 4,
    error: 0,
    visible: true,
  })
})

it('names a MediaStream by its id, so that another stream is noticed', () => {
  const element = video({ ...FILE, srcObject: { id: 's1', active: true } })
  expect(sample(element, 0)).toMatchObject({ source: 'stream s1', live: true })
})

it('takes a MediaSource in srcObject for no live stream', () => {
  expect(sample(video({ ...FILE, srcObject: {} }), 0)).toMatchObject({ live: false })
})

it('counts no frames where the browser does not', () => {
  expect(sample(video({ ...FILE, getVideoPlaybackQuality: undefined }), 0)?.frames).toBeUndefined()
})

it('reads faults', () => {
  const element = video({ ...FILE, paused: true, played: { length: 0 }, readyState: 1, error: { code: 4 } })
  expect(sample(element, 0)).toMatchObject({ paused: true, played: false, ready: 1, error: 4 })
})

it('knows when the document is hidden', () => {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  expect(sample(video(FILE), 0)).toMatchObject({ visible: false })
})

it('samples nothing but video and audio', () => {
  expect(sample(document.createElement('canvas'), 0)).toBeUndefined()
})
