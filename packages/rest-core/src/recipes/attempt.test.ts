import { expect, test } from 'vitest'
import { attempt, paused } from './attempt.ts'

test('a mistake of ours is thrown on, not told as an outcome', async () => {
  const mistake = new TypeError('x is not a function')
  const broken = async (): Promise<never> => {
    throw mistake
  }
  await expect(attempt(broken)).rejects.toBe(mistake)
  await expect(paused({ pause: broken }, 1, undefined)).rejects.toBe(mistake)
  await expect(paused({ pause: broken }, 1, new AbortController().signal)).rejects.toBe(mistake)
  expect(await paused({ pause: broken }, 1, AbortSignal.abort())).toBe(false)
})
