import { describe, expect, test } from 'vitest'
import { createGate, type Failure, type Gate } from './gate.ts'

const NONE = { fresh: 0, retries: 0 }
const failureAt = (elapsed: number): Failure => ({
  ...{ recordingId: 'one', startedAt: elapsed, elapsed, retryAfterMs: undefined },
})
const fail = (gate: Gate, elapsed: number, changes: Partial<Failure> = {}) =>
  gate.failed('down', { ...failureAt(elapsed), ...changes })

const downGate = (elapsed = 1000): Gate => {
  const gate = createGate()
  for (let n = 0; n < 3; n += 1) fail(gate, elapsed)
  return gate
}

describe('a destination that is up', () => {
  test('is sent many at the same time, and retries leave room for new ones', () => {
    const gate = createGate()
    expect(gate.slots(0, NONE)).toEqual({ fresh: 16, retries: 4, isProbe: false })
    expect(gate.slots(0, { fresh: 10, retries: 4 })).toEqual({ fresh: 6, retries: 0, isProbe: false })
    expect(gate.slots(0, { fresh: 16, retries: 0 })).toEqual({ fresh: 0, retries: 4, isProbe: false })
  })

  test('stays up after two failures, and an answer between forgets them', () => {
    const gate = createGate()
    fail(gate, 0)
    fail(gate, 0)
    expect(gate.isDown()).toBe(false)
    expect(gate.answered()).toBe(false)
    fail(gate, 0)
    fail(gate, 0)
    expect(gate.isDown()).toBe(false)
    fail(gate, 0)
    expect(gate.isDown()).toBe(true)
  })
})

describe('a destination that is down', () => {
  test('is probed by one delivery at a time, after 5, 10, 20, 40, 60, 120, 300, 300 … s', () => {
    const gate = downGate(1000)
    let now = 1000
    for (const seconds of [5, 10, 20, 40, 60, 120, 300, 300]) {
      expect(gate.slots(now + seconds * 1000 - 1, NONE)).toMatchObject(NONE)
      now += seconds * 1000
      expect(gate.slots(now, NONE)).toEqual({ fresh: 1, retries: 1, isProbe: true })
      expect(gate.slots(now, { fresh: 1, retries: 0 })).toMatchObject(NONE)
      expect(gate.slots(now, { fresh: 0, retries: 1 })).toMatchObject(NONE)
      fail(gate, now)
    }
  })

  test('is not probed later because of deliveries that were sent before it was down', () => {
    const gate = downGate(1000)
    for (let n = 0; n < 20; n += 1) fail(gate, 2000, { startedAt: 500 })
    expect(gate.slots(6000, NONE)).toMatchObject({ isProbe: true })
  })

  test('is up again with the first answer, and is sent ever more', () => {
    const gate = downGate()
    expect(gate.answered()).toBe(true)
    const fresh = () => gate.slots(0, NONE).fresh
    expect(gate.slots(0, NONE)).toEqual({ fresh: 1, retries: 1, isProbe: false })
    const numbers = [2, 4, 8, 16, 16].map(() => {
      expect(gate.answered()).toBe(false)
      return fresh()
    })
    expect(numbers).toEqual([2, 4, 8, 16, 16])
  })
})

test.each([
  [undefined, 60],
  [90_000, 90],
  [31_536_000_000, 120],
])('an overload with Retry-After %d is respected immediately, for %d s', (retryAfterMs, seconds) => {
  const gate = createGate()
  gate.failed('overload', { ...failureAt(0), retryAfterMs })
  expect(gate.isDown()).toBe(true)
  expect(gate.slots(seconds * 1000 - 1, NONE)).toMatchObject(NONE)
  expect(gate.slots(seconds * 1000, NONE)).toMatchObject({ isProbe: true })
})

test('errors of one recording alone do not make a destination down, those of three do', () => {
  const gate = createGate()
  for (let n = 0; n < 10; n += 1) gate.failed('error', failureAt(n))
  expect(gate.isDown()).toBe(false)
  for (const recordingId of ['two', 'three']) gate.failed('error', { ...failureAt(20), recordingId })
  expect(gate.isDown()).toBe(true)
})
