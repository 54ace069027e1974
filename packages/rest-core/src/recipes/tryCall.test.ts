import { expect, test } from 'vitest'
import { tryCall } from './tryCall.ts'

test('an error that is not ours is rethrown, not returned', async () => {
  const bug = new TypeError('x is not a function')
  const broken = async (): Promise<never> => {
    throw bug
  }
  await expect(tryCall(broken)).rejects.toBe(bug)
})
