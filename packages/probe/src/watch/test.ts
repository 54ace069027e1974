/** A promise that takes longer counts as no answer. */
export const TEST_TIMEOUT_MS = 5000

/** What a test remembers from look to look. */
export interface Tested {
  /** When the promise was given that is waited for; undefined while there is none. */
  since?: number
  /** Why the last promise was not one of well-being. */
  detail?: string
  /** Counts calls: what an earlier one answers late is of no interest. */
  calls?: number
}

const NO_ANSWER = 'has not answered yet'

const wordsFor = (value: unknown): string | undefined => (value ? undefined : `is ${value}`)

/** The value at a dotted path from the window; a function is called on its owner. */
const valueAt = (path: string, window: object): unknown => {
  const steps = path.split('.')
  const last = steps.pop() ?? ''
  // biome would have optional chaining here, but the error says which step is missing.
  const owner = steps.reduce((from, step) => (from as Record<string, object>)[step] as object, window)
  const value = (owner as Record<string, unknown>)[last]
  return typeof value === 'function' ? value.call(owner) : value
}

/**
 * Why the page's own test is not met; undefined when it is. The verdict of a promise stands until the next one is
 * there; one call at a time is waited for.
 */
export const whyTestFails = (
  test: string | (() => unknown),
  window: object,
  tested: Tested,
  at: number,
): string | undefined => {
  const { since } = tested
  if (since !== undefined && at - since < TEST_TIMEOUT_MS) return tested.detail
  if (since !== undefined) {
    tested.detail = `has not answered within ${TEST_TIMEOUT_MS / 1000} s`
  }
  tested.since = undefined
  const call = (tested.calls ?? 0) + 1
  tested.calls = call
  try {
    const value = typeof test === 'string' ? valueAt(test, window) : test()
    if (!(value instanceof Object && 'then' in value)) return wordsFor(value)
    tested.since = at
    if (call === 1) tested.detail = NO_ANSWER
    const settle = (detail: string | undefined) => {
      if (tested.calls !== call) return
      tested.since = undefined
      tested.detail = detail
    }
    Promise.resolve(value).then(
      (answer) => settle(wordsFor(answer)),
      (fault) => settle(`throws: ${fault}`),
    )
    return tested.detail
  } catch (fault) {
    return `throws: ${fault}`
  }
}
