import { expect, test } from 'vitest'
import { ANSWER, problem } from '../testing/reporter.ts'
import { type Outcome, verdictOf } from './outcome.ts'

test.each<[number, Outcome]>([
  [400, 'refused'],
  [401, 'refused'],
  [404, 'retry'],
  [409, 'dropSid'],
  [410, 'superseded'],
  // It cannot be: reports are fitted.
  [413, 'retry'],
  [429, 'retry'],
  [500, 'retry'],
  [503, 'retry'],
])('a problem document of the reporter with status %i means %s', (status, outcome) => {
  expect(verdictOf(problem(status))).toEqual({ outcome, detail: `detail of ${status}` })
})

test.each<[string, unknown]>([
  ['no JSON', undefined],
  ['null', null],
  ['a text', 'gone'],
  ['a list', ['gone']],
  ['an object', { status: 410 }],
  ['a problem without a type of its own', { type: 'about:blank', status: 410, title: 'Gone' }],
  ["another server's problem", { type: 'https://proxy.example.com/problems/gone', status: 410 }],
  ['a type without our name', { type: 'gone' }],
  ['a type that is no text', { type: { gone: true } }],
  ['the name of a property that all objects have', { type: 'constructor' }],
])('%s in place of an answer means retry, whatever the status', (_, body) => {
  expect(verdictOf(body).outcome).toBe('retry')
})

test.each<[boolean, Outcome]>([
  [true, 'accepted'],
  [false, 'superseded'],
])('an answer in which `current` is %s means %s', (current, outcome) => {
  const answer = { ...ANSWER, current }
  expect(verdictOf(answer)).toEqual({ outcome, answer })
})
