import { expect, test } from 'vitest'
import { systemClock } from './clock.ts'

test('sleep takes at least the given time', async () => {
  const before = systemClock.now()
  await systemClock.sleep(20)
  // Compared with the wall clock, timers may fire up to a millisecond early.
  expect(systemClock.now() - before).toBeGreaterThanOrEqual(19)
})

test('an abort ends the sleep with its own reason', async () => {
  const reason = new Error('no longer needed')
  await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason)
  const abort = new AbortController()
  const sleeping = systemClock.sleep(60_000, abort.signal)
  abort.abort(reason)
  await expect(sleeping).rejects.toBe(reason)
})
