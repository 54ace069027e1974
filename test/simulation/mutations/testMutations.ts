import { expect, test } from 'vitest'
import { firstFailure } from './firstFailure.ts'
import type { Mutation } from './mutation.ts'

/** Each theme has a test file of its own, so that vitest's workers share them. */
export const testMutations = (mutations: readonly Mutation[]): void => {
  test.each(mutations)('$breaks is breached if $what', async (mutation) => {
    expect((await firstFailure(mutation))?.breach.invariant).toBe(mutation.breaks)
  })
}
