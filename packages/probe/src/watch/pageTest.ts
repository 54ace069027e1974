import { array, string } from './natives.ts'
import { textOf } from './textOf.ts'

/** After this time a pending promise fails the test. */
export const TEST_TIMEOUT_MS = 5000

/** What a test keeps between polls. */
export interface TestState {
  /** When the pending promise was returned; undefined if none is pending. */
  since?: number
  /** Why the last promise did not pass; undefined if it did. */
  detail?: string
  /** Number of calls; a late answer to an earlier one is ignored. */
  calls?: number
}

const NO_ANSWER = 'has not answered yet'

const failureOf = (value: unknown): string | undefined => (value ? undefined : `is ${value}`)

const failureBy = (fault: unknown): string => `throws: ${textOf(() => fault)}`

/** Whether a value will be known later. A promise of another frame is no instance of this window's. */
const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  (typeof value === 'object' || typeof value === 'function') &&
  typeof (value as PromiseLike<unknown> | null)?.then === 'function'

/** The value at a dotted path from the window; a function is called as a method of its owner. */
const valueAt = (path: string, window: object): unknown => {
  const steps = string.split(path, '.')
  const last = array.pop(steps) ?? ''
  // Without optional chaining: the exception says which step is missing.
  let owner = window
  for (const step of steps) owner = (owner as Record<string, object>)[step] as object
  const value = (owner as Record<string, unknown>)[last]
  return typeof value === 'function' ? value.call(owner) : value
}

/** By `await`, because `Promise` is a name that the page owns. */
const settle = async (
  value: PromiseLike<unknown>,
  handleAnswer: (detail?: string) => void,
): Promise<void> => {
  try {
    handleAnswer(failureOf(await value))
  } catch (fault) {
    handleAnswer(failureBy(fault))
  }
}

/**
 * Explains why the page's own test does not pass; undefined if it does. One call is pending at a time; until its promise
 * is settled, the result of the last one stands.
 */
export const testFailure = (
  test: string | (() => unknown),
  window: object,
  state: TestState,
  at: number,
): string | undefined => {
  const { since } = state
  if (since !== undefined && at - since < TEST_TIMEOUT_MS) return state.detail
  if (since !== undefined) {
    state.detail = `has not answered within ${TEST_TIMEOUT_MS / 1000} s`
  }
  state.since = undefined
  const call = (state.calls ?? 0) + 1
  state.calls = call
  try {
    const value = typeof test === 'string' ? valueAt(test, window) : test()
    if (!isThenable(value)) {
      // Kept: while a later promise is pending, this answer counts.
      state.detail = failureOf(value)
      return state.detail
    }
    state.since = at
    if (call === 1) state.detail = NO_ANSWER
    const handleAnswer = (detail?: string) => {
      if (state.calls !== call) return
      state.since = undefined
      state.detail = detail
    }
    void settle(value, handleAnswer)
    return state.detail
  } catch (fault) {
    state.detail = failureBy(fault)
    return state.detail
  }
}
