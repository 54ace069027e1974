import { expect, test } from 'vitest'
import { type Outcome, outcomeOf } from './outcome.ts'

test.each<[number, Outcome]>([
  [200, 'kept'],
  [204, 'again'],
  [302, 'again'],
  [400, 'refused'],
  [401, 'refused'],
  [403, 'refused'],
  [404, 'refused'],
  [408, 'again'],
  [409, 'relearn'],
  [410, 'superseded'],
  [413, 'refused'],
  [425, 'again'],
  [429, 'again'],
  [500, 'again'],
  [502, 'again'],
  [503, 'again'],
])('%i means %s', (status, outcome) => {
  expect(outcomeOf(status)).toBe(outcome)
})
