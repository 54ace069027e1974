import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { afterFrameOf } from './afterFrame.ts'

let frames: FrameRequestCallback[] = []
const clock = {
  now: () => performance.now(),
  setTimeout: (callback: () => void, ms: number) => window.setTimeout(callback, ms),
  clearTimeout: (timer: number | undefined) => window.clearTimeout(timer),
}

beforeEach(() => {
  frames = []
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  vi.spyOn(window, 'requestAnimationFrame').mockImplementation((callback) => frames.push(callback))
  vi.spyOn(window, 'cancelAnimationFrame').mockImplementation((frame) => {
    delete frames[frame - 1]
  })
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const request = () => {
  const callback = vi.fn()
  afterFrameOf(window, clock)(callback)
  return callback
}

test('calls back once, after the frame, not in it', () => {
  const callback = request()
  vi.advanceTimersByTime(50)
  frames[0]?.(0)
  expect(callback).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1000)
  expect(callback).toHaveBeenCalledExactlyOnceWith(true)
})

test('calls back after 100 ms without a frame, and cancels the request', () => {
  const callback = request()
  vi.advanceTimersByTime(99)
  expect(callback).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(callback).toHaveBeenCalledExactlyOnceWith(false)
  expect(frames.filter(Boolean)).toEqual([])
})

test('does not wait in a hidden page, which has no frames', () => {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
  expect(request()).toHaveBeenCalledExactlyOnceWith(false)
  expect(vi.getTimerCount()).toBe(0)
})
