import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startTicker } from './ticker.ts'

/** Time in which nothing runs. */
let lost = 0
const clock = {
  now: () => performance.now() + lost,
  setTimeout: (callback: () => void, delayMs: number) => window.setTimeout(callback, delayMs),
  clearTimeout: (timer: number) => window.clearTimeout(timer),
}

beforeEach(() => {
  lost = 0
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})

afterEach(() => {
  vi.useRealTimers()
})

/** Starts a ticker and returns its ticks: time since the start, and delay. */
const started = () => {
  const from = clock.now()
  const ticks: [number, number][] = []
  let periodMs = 100
  startTicker(
    clock,
    () => periodMs,
    (lateMs) => ticks.push([clock.now() - from, lateMs]),
  )
  const setPeriod = (ms: number) => {
    periodMs = ms
  }
  return { setPeriod, ticks }
}

test('ticks every period', () => {
  const { ticks } = started()
  vi.advanceTimersByTime(350)
  expect(ticks).toEqual([
    [100, 0],
    [200, 0],
    [300, 0],
  ])
})

test('does not accumulate lateness', () => {
  const { ticks } = started()
  lost = 30
  vi.advanceTimersByTime(270)
  expect(ticks).toEqual([
    [130, 30],
    [200, 0],
    [300, 0],
  ])
})

test('skips missed ticks', () => {
  const { ticks } = started()
  lost = 1000
  vi.advanceTimersByTime(200)
  expect(ticks).toEqual([
    [1100, 1000],
    [1200, 0],
  ])
})

test('changes its period after the next tick', () => {
  const { setPeriod, ticks } = started()
  setPeriod(300)
  vi.advanceTimersByTime(400)
  expect(ticks).toEqual([
    [100, 0],
    [400, 0],
  ])
})

test('can be stopped inside a tick', () => {
  let count = 0
  const ticker = startTicker(
    clock,
    () => 100,
    () => {
      if (++count === 2) ticker.stop()
    },
  )
  vi.advanceTimersByTime(1000)
  expect(count).toBe(2)
  expect(vi.getTimerCount()).toBe(0)
})
