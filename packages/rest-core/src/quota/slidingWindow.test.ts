import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSlidingWindow } from './slidingWindow.ts'

test('a charge is free again after one window', () => {
  const window = createSlidingWindow(2, 1000)
  expect(window.freeAt()).toBe(Number.NEGATIVE_INFINITY)
  window.charge(0)
  window.charge(900)
  expect(window.freeAt()).toBe(1000)
  window.charge(1000)
  expect(window.freeAt()).toBe(1900)
})

test('allows no more than its capacity in any window, and no less', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 80 }),
      (capacity, gaps) => {
        const window = createSlidingWindow(capacity, 1000)
        const charged: number[] = []
        let now = 0
        for (const gap of gaps) {
          now += gap
          const inside = charged.filter((at) => at > now - 1000).length
          expect(window.freeAt() <= now).toBe(inside < capacity)
          if (inside >= capacity) continue
          window.charge(now)
          charged.push(now)
        }
      },
    ),
  )
})
