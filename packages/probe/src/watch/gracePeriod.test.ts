import { expect, test } from 'vitest'
import type { PageExpectation } from '../probeTypes.ts'
import type { Check } from '../types.ts'
import { entryOf } from './entry.ts'
import { applyGracePeriod } from './gracePeriod.ts'

const failing = (): Check => ({ name: '#board', ok: false, detail: 'no element matches' })

/** Applies it to a failed check of an expectation that was added at 0. */
const apply = (options: PageExpectation, at: number, loaded: boolean, met = false) => {
  const entry = { ...entryOf({ element: '#board', ...options }, 0, loaded), met }
  const check = failing()
  const isRunning = applyGracePeriod(entry, check, { at, periodMs: 1000, loaded, painted: true })
  return { isRunning, check }
}

test.each<[options: PageExpectation, endsAt: number]>([
  [{}, 10_000],
  [{ timeout: 3 }, 3000],
])('in a loaded page %j passes until %i ms', (options, endsAt) => {
  expect(apply(options, endsAt - 1, true)).toEqual({ isRunning: true, check: { name: '#board', ok: true } })
  expect(apply(options, endsAt, true)).toEqual({ isRunning: false, check: failing() })
})

test('an expectation that has been met fails immediately', () => {
  expect(apply({}, 1, true, true).check).toEqual(failing())
})

test('in a loading page only a timeout of its own makes an expectation overdue', () => {
  expect(apply({ timeout: 3 }, 2999, false).check).toEqual(failing())
  expect(apply({ timeout: 3 }, 3000, false).check).toEqual({ ...failing(), overdue: true })
  expect(apply({}, 60_000, false).check).toEqual(failing())
  expect(apply({ timeout: 3, optional: true }, 3000, false)).toEqual({ isRunning: false, check: failing() })
})

test('a check that passes marks the expectation as met', () => {
  const entry = entryOf({ element: '#board' }, 0, false)
  applyGracePeriod(
    entry,
    { name: '#board', ok: true },
    { at: 1, periodMs: 250, loaded: false, painted: true },
  )
  expect(entry.met).toBe(true)
})
