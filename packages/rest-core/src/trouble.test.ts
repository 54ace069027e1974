import { expect, test } from 'vitest'
import type { CallName } from './call.ts'
import { type CallObservation, classify } from './classify.ts'
import { errorOf } from './errorOf.ts'
import { type Trouble, troubleOf } from './trouble.ts'

// In the order of the table in docs/rest-core.md.
const rows: [CallObservation & { tries?: number }, Trouble][] = [
  [{ call: 'acquire', status: 400, code: 2 }, 'request'],
  [{ call: 'acquire', status: 400, code: 401 }, 'request'],
  [{ call: 'start', status: 403, code: 999 }, 'request'],
  [{ call: 'acquire', status: 401 }, 'account'],
  [{ call: 'acquire', status: 400, code: 62 }, 'account'],
  [{ call: 'acquire', status: 400, code: 400 }, 'account'],
  [{ call: 'acquire', status: 400, code: 405 }, 'account'],
  [{ call: 'acquire', status: 400, reason: 'appid is invalid' }, 'account'],
  [{ call: 'query', status: 400 }, 'account'],
  [{ call: 'acquire', status: 400 }, 'account'],
  [{ call: 'start', status: 400, code: 999 }, 'account'],
  [{ call: 'acquire', status: 404 }, 'account'],
  ...[401, 403, 404, 408, 502].map((status): [CallObservation, Trouble] => [
    { call: 'acquire', status, foreign: true },
    'way',
  ]),
  [{ call: 'start', fault: 'dns' }, 'way'],
  [{ call: 'start', fault: 'timeout' }, 'way'],
  [{ call: 'start', status: 200 }, 'way'],
  [{ call: 'start', status: 500, code: 15 }, 'service'],
  [{ call: 'start', status: 504, code: 62 }, 'service'],
  [{ call: 'start', status: 206, code: 65 }, 'service'],
  [{ call: 'acquire', status: 429 }, 'capacity'],
  [{ call: 'acquire', status: 400, code: 406 }, 'capacity'],
  [{ call: 'start', status: 500, code: 502 }, 'capacity'],
  [{ call: 'start', fault: 'timeout', tries: 0 }, 'capacity'],
  [{ call: 'start', status: 400, code: 53 }, 'task'],
  [{ call: 'start', status: 400, code: 433 }, 'task'],
  [{ call: 'query', status: 404, code: 404 }, 'task'],
  [{ call: 'start', fault: 'aborted' }, 'caller'],
]

test.each(rows)('%j', ({ tries = 1, ...observation }, expected) => {
  const { status, code, fault } = observation
  const call: CallName = observation.call
  const error = errorOf({ call, status, code, fault, tries, verdict: classify(observation) })
  expect(troubleOf(error)).toBe(expected)
})
