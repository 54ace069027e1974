import { describe, expect, test } from 'vitest'
import { retryDelay } from './backoff.ts'

describe('retryDelay', () => {
  test.each([
    [1, 1000],
    [2, 2000],
    [3, 4000],
    [4, 8000],
    [5, 16_000],
    [6, 30_000],
    [7, 30_000],
    [1000, 30_000],
  ])('after %i failures is at most %i ms, and at least half of it', (failures, delayMs) => {
    expect(retryDelay(failures, 0)).toBe(delayMs)
    expect(retryDelay(failures, 0.5)).toBe(delayMs * 0.75)
    expect(retryDelay(failures, 1)).toBe(delayMs / 2)
  })

  test.each([
    ['7', 7000],
    ['0', 0],
    ['86400', 300_000],
  ])('with Retry-After: %s is %i ms', (retryAfter, delayMs) => {
    expect(retryDelay(3, 0.5, retryAfter)).toBe(delayMs)
  })

  test.each(['', '-1', 'Wed, 21 Oct 2026 07:28:00 GMT'])('ignores Retry-After: %j', (retryAfter) => {
    expect(retryDelay(1, 0, retryAfter)).toBe(1000)
  })
})
