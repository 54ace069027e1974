import { expect, test } from 'vitest'
import { ANSWER } from '../testing/reporter.ts'
import { type Outcome, outcomeOf } from './outcome.ts'

test.each<[number, Outcome]>([
  [200, 'retry'],
  [204, 'retry'],
  [302, 'retry'],
  [400, 'refused'],
  [401, 'refused'],
  [403, 'refused'],
  [404, 'refused'],
  [408, 'retry'],
  [409, 'dropSid'],
  [410, 'superseded'],
  [413, 'refused'],
  [425, 'retry'],
  [429, 'retry'],
  [500, 'retry'],
  [502, 'retry'],
  [503, 'retry'],
])('%i without an answer means %s', (status, outcome) => {
  expect(outcomeOf(status, undefined)).toBe(outcome)
})

test.each<[boolean, Outcome]>([
  [true, 'accepted'],
  [false, 'superseded'],
])('200 with an answer in which `current` is %s means %s', (current, outcome) => {
  expect(outcomeOf(200, { ...ANSWER, current })).toBe(outcome)
})
