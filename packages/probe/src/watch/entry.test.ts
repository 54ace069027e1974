import { expect, test } from 'vitest'
import type { PageExpectation } from '../probeTypes.ts'
import { entryOf } from './entry.ts'

test.each<[string, unknown]>([
  ['#board', { element: '#board' }],
  ['the board', { element: '#board', name: 'the board' }],
  ['text 5', { text: 5 }],
  // What is no text would make the reporter refuse the page.
  ['5', { element: '#board', name: 5 }],
  ['1', { element: '#board', name: 1n }],
  ['true', { element: true }],
])('%j is the name of its check', (name, expectation) => {
  expect(entryOf(expectation as PageExpectation, 0, false)).toMatchObject({ name, check: { name } })
})
