import { expect, test, vi } from 'vitest'
import { type TestState, testFailure } from './pageTest.ts'

/** What two calls a second apart say, between which the test may answer. */
const twice = async (answer: unknown): Promise<(string | undefined)[]> => {
  const state: TestState = {}
  const call = (at: number) => testFailure(() => answer, window, state, at)
  const first = call(0)
  await vi.waitFor(() => expect(state.since).toBeUndefined())
  return [first, call(1000)]
}

/** A thenable that is no instance of this window's Object or Promise, like a promise of a frame. */
const foreign = (answer: unknown): unknown => thenable(Object.create(null), answer)

const thenable = (value: object, answer: unknown): unknown =>
  Object.defineProperty(value, 'then', { value: (met: (value: unknown) => void) => met(answer) })

test('a promise from anywhere is awaited', async () => {
  expect(await twice(foreign(false))).toEqual(['has not answered yet', 'is false'])
  expect(await twice(foreign(true))).toEqual(['has not answered yet', undefined])
  expect(await twice(thenable(() => {}, 0))).toEqual(['has not answered yet', 'is 0'])
})

test('a value with a property `then` that is no function is no promise', async () => {
  expect(await twice(Object.defineProperty({}, 'then', { value: 5 }))).toEqual([undefined, undefined])
})

test('while a promise is pending, the answer before it counts, also one that came immediately', async () => {
  const state: TestState = {}
  const answers = [
    () => {
      throw new Error('not ready')
    },
    () => new Promise(() => {}),
  ]
  const call = (at: number) => testFailure(() => answers.shift()?.(), window, state, at)
  expect([call(0), call(250), call(500)]).toEqual(Array(3).fill('throws: Error: not ready'))
})
