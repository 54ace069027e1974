import { expect, test } from 'vitest'
import { waitUnlessAborted } from './waitUnlessAborted.ts'

test('an error that no abort explains is rethrown', async () => {
  const bug = new TypeError('x is not a function')
  const wait = async (): Promise<never> => {
    throw bug
  }
  await expect(waitUnlessAborted({ wait }, 1, undefined)).rejects.toBe(bug)
  await expect(waitUnlessAborted({ wait }, 1, new AbortController().signal)).rejects.toBe(bug)
  expect(await waitUnlessAborted({ wait }, 1, AbortSignal.abort())).toBe(false)
})
