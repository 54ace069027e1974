import { afterEach, expect, it, vi } from 'vitest'
import { createPainting } from './painting.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const painting = () => {
  const asked: (() => void)[] = []
  let now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  vi.spyOn(window, 'requestAnimationFrame').mockImplementation((callback) => asked.push(() => callback(now)))
  const cancelled = vi.spyOn(window, 'cancelAnimationFrame').mockReturnValue()
  const isPainted = createPainting(window)
  return {
    isPainted,
    cancelled,
    frameAfter: (ms: number) => {
      now += ms
      asked.at(-1)?.()
    },
  }
}

it('is known from the second look on', () => {
  const { isPainted, frameAfter } = painting()
  expect(isPainted()).toBe(false)
  frameAfter(16)
  expect(isPainted()).toBe(true)
})

it('is not so when the frame is late, or does not come', () => {
  const { isPainted, frameAfter } = painting()
  isPainted()
  frameAfter(100)
  expect(isPainted()).toBe(false)
  expect(isPainted()).toBe(false)
})

it('keeps no more than one frame waiting', () => {
  const { isPainted, cancelled } = painting()
  isPainted()
  isPainted()
  expect(cancelled).toHaveBeenLastCalledWith(1)
})
