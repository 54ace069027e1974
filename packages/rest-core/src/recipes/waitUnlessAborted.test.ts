import { expect, test } from 'vitest'
import { waitUnlessAborted } from './waitUnlessAborted.ts'

test('an error that no abort explains is rethrown', async () => {
  const bug = new TypeError('x is not a function')
  const pause = async (): Promise<never> => {
    throw bug
  }
  await expect(waitUnlessAborted({ pause }, 1, undefined)).rejects.toBe(bug)
  await expect(waitUnlessAborted({ pause }, 1, new AbortController().signal)).rejects.toBe(bug)
  expect(await waitUnlessAborted({ pause }, 1, AbortSignal.abort())).toBe(false)
})
