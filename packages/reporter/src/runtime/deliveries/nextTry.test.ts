import { describe, expect, test } from 'vitest'
import { nextTryAt, PATIENCE_MS, RETRY_DELAYS, retryDelay } from './nextTry.ts'
import type { FailureKind } from './verdict.ts'

const MIDDLE = 0.5
const delay = (tries: number, changes: Partial<Parameters<typeof retryDelay>[0]> = {}): number =>
  retryDelay({ tries, kind: 'down', retryAfterMs: undefined, random: MIDDLE, ...changes }) / 1000

describe('the delay after a failed try', () => {
  test('grows from 5 s to 10 h', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 20].map((tries) => delay(tries))).toEqual([
      5, 60, 300, 1800, 7200, 18_000, 36_000, 36_000, 36_000,
    ])
  })

  test('is up to 20 % shorter or longer', () => {
    expect(delay(3, { random: 0 })).toBe(240)
    expect(delay(3, { random: 0.999_999 })).toBeCloseTo(360, 2)
  })

  test.each<[FailureKind, number]>([
    ['down', 5],
    ['rejected', 5],
    ['overload', 60],
    ['timeout', 60],
  ])('after %s is at least %d s', (kind, seconds) => {
    expect(delay(1, { kind })).toBe(seconds)
    expect(delay(2, { kind, random: 0 })).toBe(seconds === 60 ? 60 : 48)
    expect(delay(4, { kind })).toBe(1800)
  })

  test.each([
    ['less than the delay', 1, 60],
    ['more', 90, 90],
    ['more than twice the delay', 121, 120],
    ['a year', 31_536_000, 120],
  ])('follows a Retry-After of %s', (_what, retryAfter, expected) => {
    expect(delay(2, { retryAfterMs: retryAfter * 1000 })).toBe(expected)
    expect(delay(1, { kind: 'overload', retryAfterMs: retryAfter * 1000 })).toBe(expected)
  })
})

const failed = { kind: 'down', retryAfterMs: undefined, random: MIDDLE, redelivered: false } as const

/** Hours after the first try at which a delivery is tried if each try fails. */
const triesOf = (redelivered: boolean, random = MIDDLE): number[] => {
  const at: number[] = []
  for (let now: number | null = 0; now !== null; ) {
    at.push(now / 3_600_000)
    now = nextTryAt({ ...failed, random, redelivered, now, firstTriedAt: 0, tries: at.length })
  }
  return at
}

test('a delivery is tried for three days', () => {
  const hours = triesOf(false)
  expect(hours).toHaveLength(13)
  expect(hours.at(-1)).toBeCloseTo(67.6, 1)
  for (const random of [0, 0.999]) {
    const last = triesOf(false, random).at(-1) ?? 0
    expect(last).toBeGreaterThan(60)
    expect(last * 3_600_000).toBeLessThanOrEqual(PATIENCE_MS)
  }
})

test('one that a person had sent again is tried for an hour', () => {
  expect(triesOf(true).map((hours) => Math.round(hours * 3600))).toEqual([0, 5, 65, 365, 2165])
})

test('the table begins with the shortest delay', () => {
  expect([...RETRY_DELAYS].toSorted((one, other) => one - other)).toEqual(RETRY_DELAYS)
})
