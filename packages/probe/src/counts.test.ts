import { expect, test } from 'vitest'
import { type Counts, createCounts } from './counts.ts'
import { createListeners } from './listeners.ts'
import { addElement } from './testing/page.ts'
import { MAX_ERROR_LENGTH } from './types.ts'

/** The counts of a document after these events. */
const countsAfter = (...events: Event[]): Counts => {
  const faults: unknown[] = []
  const { listen, remove } = createListeners(window, (fault) => faults.push(fault))
  const counts = createCounts(listen)
  for (const event of events) window.dispatchEvent(event)
  remove()
  expect(faults).toEqual([])
  return counts
}

const scriptError = (error: unknown, message = `Uncaught ${error}`): Event =>
  Object.assign(new Event('error'), { error, message })
const rejection = (reason: unknown): Event => Object.assign(new Event('unhandledrejection'), { reason })

/** Throws whatever is done with it. */
const HOSTILE = {
  get stack(): string {
    throw new Error('stack')
  },
  toString: () => {
    throw new Error('toString')
  },
}

test('nothing has happened at first', () => {
  expect(countsAfter()).toEqual({ errors: 0, failed: 0 })
})

test('an error has its stack, which begins with its message and says where it happened', () => {
  const { firstError } = countsAfter(scriptError(new TypeError('no lesson')))
  expect(firstError).toMatch(/^TypeError: no lesson\n\s+at .*counts\.test\.ts/)
})

test.each([
  ['a string', 'no lesson', 'Uncaught no lesson'],
  ['null', null, 'Uncaught null'],
  ['an object without a stack', { stack: '' }, 'Uncaught [object Object]'],
])('%s that was thrown has the text of the browser', (_, thrown, firstError) => {
  expect(countsAfter(scriptError(thrown))).toEqual({ errors: 1, failed: 0, firstError })
})

test('the browser withholds the error of a script of another origin', () => {
  expect(countsAfter(scriptError(null, 'Script error.')).firstError).toBe('Script error.')
})

test.each([
  ['a string', 'no lesson', 'no lesson'],
  ['an error', Object.assign(new Error('no lesson'), { stack: undefined }), 'Error: no lesson'],
  ['undefined', undefined, 'undefined'],
  ['a number', 0, '0'],
  ['a symbol', Symbol('lesson'), 'Symbol(lesson)'],
  ['an object that has no text', Object.create(null), ''],
  ['an object that throws', HOSTILE, ''],
])('a rejection with %s', (_, reason, firstError) => {
  expect(countsAfter(rejection(reason))).toEqual({ errors: 1, failed: 0, firstError })
})

test('only the first text is kept', () => {
  expect(countsAfter(rejection('one'), scriptError('two'), rejection('three'))).toEqual({
    errors: 3,
    failed: 0,
    firstError: 'one',
  })
})

test('a long text is cut', () => {
  expect(countsAfter(rejection('x'.repeat(10_000_000))).firstError).toHaveLength(MAX_ERROR_LENGTH)
})

test('a file that could not be loaded is no script error', () => {
  const { listen, remove } = createListeners(window, () => {})
  const counts = createCounts(listen)
  addElement('img', 'logo').dispatchEvent(new Event('error'))
  remove()
  expect(counts).toEqual({ errors: 0, failed: 1 })
})
