import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from './clock.ts'

const HOUR_MS = 3_600_000

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test.each([1, 597, 720, 30_000])('a delay of %i hours ends in time', (hours) => {
  const run = vi.fn()
  systemClock.after(hours * HOUR_MS, run)
  vi.advanceTimersByTime(hours * HOUR_MS - 1)
  expect(run).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(run).toHaveBeenCalledOnce()
})

test.each([0, 600])('a delay that is cancelled after %i hours does not run', (hours) => {
  const run = vi.fn()
  const cancel = systemClock.after(720 * HOUR_MS, run)
  vi.advanceTimersByTime(hours * HOUR_MS)
  cancel()
  vi.advanceTimersByTime(720 * HOUR_MS)
  expect(run).not.toHaveBeenCalled()
})
