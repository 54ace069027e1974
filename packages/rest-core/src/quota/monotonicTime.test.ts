import { expect, test } from 'vitest'
import { createMonotonicTime } from './monotonicTime.ts'

test('follows its clock, but never back', () => {
  let clock = 1000
  const time = createMonotonicTime({ now: () => clock })
  expect(time.now()).toBe(1000)
  clock = 1500
  expect(time.now()).toBe(1500)
  clock = 200
  expect(time.now()).toBe(1500)
  clock = 300
  expect(time.now()).toBe(1600)
})

test('reached moves the time forward, even if the clock stands still', () => {
  const time = createMonotonicTime({ now: () => 1000 })
  expect(time.reached(2000)).toBe(2000)
  expect(time.now()).toBe(2000)
  expect(time.reached(1500)).toBe(2000)
})
