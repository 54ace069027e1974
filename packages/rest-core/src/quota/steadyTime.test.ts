import { expect, test } from 'vitest'
import { createSteadyTime } from './steadyTime.ts'

test('goes with its clock, and not back with it', () => {
  let clock = 1000
  const time = createSteadyTime({ now: () => clock })
  expect(time.now()).toBe(1000)
  clock = 1500
  expect(time.now()).toBe(1500)
  clock = 200
  expect(time.now()).toBe(1500)
  clock = 300
  expect(time.now()).toBe(1600)
})

test('a moment that a sleep was for has been reached, also if the clock stands', () => {
  const time = createSteadyTime({ now: () => 1000 })
  expect(time.reached(2000)).toBe(2000)
  expect(time.now()).toBe(2000)
  expect(time.reached(1500)).toBe(2000)
})
