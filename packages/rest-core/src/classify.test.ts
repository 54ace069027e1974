import { describe, expect, test } from 'vitest'
import type { CallName } from './call.ts'
import { type CallObservation, classify, type Meaning, type Outcome, type Remedy } from './classify.ts'
import type { FaultKind } from './fault.ts'

type Expected = [Meaning, Remedy, Outcome, delays?: number[], whenExhausted?: 'giveUp' | 'freshAcquire']

const calls: readonly CallName[] = [
  'acquire',
  'start',
  'query',
  'update',
  'updateLayout',
  'stop',
  'notificationServers',
]

const check = (
  observation: CallObservation,
  [meaning, remedy, outcome, delays = [], whenExhausted = 'giveUp']: Expected,
): void => expect(classify(observation)).toEqual({ meaning, remedy, outcome, delays, whenExhausted })

// In the order of the table in classify.ts.
const answers: [CallObservation, Expected][] = [
  ...calls.flatMap((call): [CallObservation, Expected][] => [
    [{ call, status: 400, code: 2 }, ['invalidRequest', 'giveUp', 'none']],
    [{ call, status: 429 }, ['rateLimited', 'retrySame', 'none', [1, 3, 6]]],
    [{ call, status: 429, foreign: true }, ['rateLimited', 'retrySame', 'none', [1, 3, 6]]],
    ...[400, 401, 403, 404, 408, 451].map((status): [CallObservation, Expected] => {
      const outcome = call === 'acquire' || call === 'notificationServers' ? 'none' : 'unknown'
      return [{ call, status, foreign: true }, ['gateway', 'nextHost', outcome]]
    }),
    [{ call, status: 401 }, ['authentication', 'giveUp', 'none']],
    ...[8, 109, 110].map((code): [CallObservation, Expected] => [
      { call, status: 400, code },
      ['refused', 'giveUp', 'none'],
    ]),
    ...[432, 1001, 1003, 1013, 1028].map((code): [CallObservation, Expected] => [
      { call, status: 400, code },
      ['invalidRequest', 'giveUp', 'none'],
    ]),
    // Answers of Agora's gateway.
    [{ call, status: 400, reason: 'appid is invalid' }, ['account', 'giveUp', 'none']],
    [{ call, status: 404, reason: 'no Route matched with those values' }, ['account', 'giveUp', 'none']],
    [{ call, status: 403 }, ['account', 'giveUp', 'none']],
    [{ call, status: 404 }, ['account', 'giveUp', 'none']],
  ]),

  [{ call: 'acquire', status: 400, code: 62 }, ['account', 'giveUp', 'none']],
  [{ call: 'acquire', status: 400, code: 400 }, ['account', 'giveUp', 'none']],
  [{ call: 'acquire', status: 400, code: 405 }, ['account', 'giveUp', 'none']],
  [{ call: 'acquire', status: 400, code: 401 }, ['refused', 'giveUp', 'none']],
  [{ call: 'acquire', status: 400, code: 406 }, ['overloaded', 'retrySame', 'none']],
  [{ call: 'acquire', status: 500, code: 500 }, ['service', 'retrySame', 'none', [1, 3, 6]]],
  [{ call: 'acquire', status: 500, code: 501 }, ['service', 'retrySame', 'none', [1, 3, 6]]],
  [{ call: 'acquire', status: 500, code: 504 }, ['service', 'retrySame', 'none', [1, 3, 6]]],

  [{ call: 'start', status: 200, usable: true }, ['success', 'done', 'done']],
  [{ call: 'start', status: 201, usable: true }, ['success', 'done', 'done']],
  [{ call: 'start', status: 201, code: 7 }, ['alreadyStarted', 'giveUp', 'done']],
  [{ call: 'start', status: 201, code: 7, usable: true }, ['alreadyStarted', 'giveUp', 'done']],
  [{ call: 'start', status: 200, code: 7 }, ['alreadyStarted', 'giveUp', 'done']],
  [{ call: 'start', status: 400, code: 7 }, ['alreadyStarted', 'giveUp', 'done']],
  [
    { call: 'start', status: 206, code: 65 },
    ['notCompleted', 'retrySame', 'unknown', [3, 6], 'freshAcquire'],
  ],
  [{ call: 'start', status: 400, code: 53 }, ['taskConflict', 'giveUp', 'none']],
  [{ call: 'start', status: 500, code: 502 }, ['noWorker', 'freshAcquire', 'none']],
  [{ call: 'start', status: 500, code: 62 }, ['timeout', 'retrySame', 'unknown', [3, 6, 9], 'freshAcquire']],
  [{ call: 'start', status: 504, code: 62 }, ['timeout', 'retrySame', 'unknown', [3, 6, 9], 'freshAcquire']],
  [{ call: 'start', status: 500, code: 15 }, ['service', 'retrySame', 'unknown', [3, 6, 9]]],
  [{ call: 'start', status: 503 }, ['gateway', 'nextHost', 'unknown', [3, 6, 9]]],

  [{ call: 'query', status: 400, code: 501 }, ['alreadyStopping', 'retrySame', 'none', [5, 10, 15]]],
  [{ call: 'query', status: 500, code: 501 }, ['alreadyStopping', 'retrySame', 'none', [5, 10, 15]]],
  ...(['query', 'update', 'updateLayout', 'stop'] as const).flatMap((call): [CallObservation, Expected][] => [
    [{ call, status: 206, code: 65 }, ['notCompleted', 'retrySame', 'unknown', [3, 6]]],
    [{ call, status: 404, code: 404 }, ['notFound', 'retrySame', 'none', [5, 10, 15]]],
    [{ call, status: 504, code: 62 }, ['timeout', 'retrySame', 'unknown', [5, 10, 15, 30]]],
    [{ call, status: 500, code: 500 }, ['service', 'retrySame', 'unknown', [5, 10, 15, 30]]],
    [{ call, status: 502 }, ['gateway', 'nextHost', 'unknown', [5, 10, 15, 30]]],
  ]),
  [{ call: 'stop', status: 206, code: 435 }, ['noRecordedData', 'giveUp', 'done']],
  [{ call: 'stop', status: 400, code: 49 }, ['alreadyStopping', 'giveUp', 'done']],
  [{ call: 'stop', status: 200, code: 50, usable: true }, ['uploadUnfinished', 'giveUp', 'done']],
  [{ call: 'stop', status: 500, code: 50 }, ['uploadUnfinished', 'giveUp', 'done']],

  [{ call: 'start', status: 400, code: 433 }, ['resourceExpired', 'freshAcquire', 'none']],
  ...(['acquire', 'notificationServers'] as const).flatMap((call): [CallObservation, Expected][] => [
    [{ call, status: 503, code: 999 }, ['service', 'retrySame', 'none', [1, 3, 6]]],
    [{ call, status: 503 }, ['gateway', 'nextHost', 'none', [1, 3, 6]]],
    [{ call, status: 200, usable: true }, ['success', 'done', 'done']],
    [{ call, status: 200, usable: false }, ['badAnswer', 'retrySame', 'none', [1, 3, 6]]],
    [{ call, status: 206, code: 65 }, ['badAnswer', 'retrySame', 'none', [1, 3, 6]]],
  ]),
  // Growing too fast.
  ...(['acquire', 'start'] as const).flatMap((call): [CallObservation, Expected][] => [
    [{ call, status: 400 }, ['overloaded', 'retrySame', 'none']],
    [{ call, status: 400, reason: 'too fast' }, ['overloaded', 'retrySame', 'none']],
    [{ call, status: 400, code: 999 }, ['overloaded', 'retrySame', 'none']],
  ]),
  ...(['query', 'update', 'updateLayout', 'stop'] as const).flatMap((call): [CallObservation, Expected][] => [
    [{ call, status: 400 }, ['account', 'giveUp', 'none']],
    [{ call, status: 400, code: 999 }, ['refused', 'giveUp', 'none']],
  ]),
  ...calls.flatMap((call): [CallObservation, Expected][] => [
    [{ call, status: 418, code: 999 }, ['refused', 'giveUp', 'none']],
    [{ call, status: 403, code: 999 }, ['refused', 'giveUp', 'none']],
  ]),
  [{ call: 'query', status: 200, usable: true }, ['success', 'done', 'done']],
  // A 200 without a sid, a success with an unknown code, a redirect.
  [{ call: 'start', status: 200 }, ['badAnswer', 'retrySame', 'unknown', [3, 6, 9], 'freshAcquire']],
  [
    { call: 'start', status: 206, code: 999 },
    ['badAnswer', 'retrySame', 'unknown', [3, 6, 9], 'freshAcquire'],
  ],
  [{ call: 'stop', status: 200, code: 999, usable: true }, ['badAnswer', 'retrySame', 'unknown', [1, 3, 6]]],
  [{ call: 'query', status: 200, usable: false }, ['badAnswer', 'retrySame', 'unknown', [1, 3, 6]]],
  [{ call: 'query', status: 302 }, ['badAnswer', 'retrySame', 'unknown', [1, 3, 6]]],
]

describe('answers', () => {
  test.each(answers)('%j', (observation, expected) => check(observation, expected))
})

describe('Retry-After', () => {
  const later: [CallObservation, Expected][] = [
    [{ call: 'start', status: 429 }, ['rateLimited', 'retrySame', 'none', [5, 5, 6]]],
    [{ call: 'start', status: 503 }, ['gateway', 'nextHost', 'unknown', [5, 6, 9]]],
    [{ call: 'query', status: 503, code: 1 }, ['service', 'retrySame', 'unknown', [5, 10, 15, 30]]],
    [{ call: 'query', status: 404, code: 404 }, ['notFound', 'retrySame', 'none', [5, 10, 15]]],
    [
      { call: 'start', status: 206, code: 65 },
      ['notCompleted', 'retrySame', 'unknown', [5, 6], 'freshAcquire'],
    ],
    [{ call: 'start', status: 500, code: 502 }, ['noWorker', 'freshAcquire', 'none', [5]]],
    [{ call: 'acquire', status: 400, code: 406 }, ['overloaded', 'retrySame', 'none', [5]]],
    [{ call: 'acquire', status: 403, foreign: true }, ['gateway', 'nextHost', 'none', [5]]],
  ]
  test.each(later)('no delay is shorter than it: %j', (observation, expected) => {
    check({ ...observation, retryAfter: 5 }, expected)
  })
  test.each(later)('more than a minute is left to the caller: %j', (observation, expected) => {
    const [meaning, remedy, outcome] = expected
    check({ ...observation, retryAfter: 61 }, [meaning, remedy, outcome])
  })
  test('makes nothing retryable', () => {
    check({ call: 'start', status: 401, retryAfter: 5 }, ['authentication', 'giveUp', 'none'])
    check({ call: 'start', status: 400, code: 2, retryAfter: 5 }, ['invalidRequest', 'giveUp', 'none'])
  })
})

const startFaults: [FaultKind, Expected][] = [
  ['dns', ['network', 'nextHost', 'none', [3, 6, 9]]],
  ['refused', ['network', 'nextHost', 'none', [3, 6, 9]]],
  ['tls', ['network', 'nextHost', 'none', [3, 6, 9]]],
  ['reset', ['network', 'nextHost', 'unknown', [3, 6, 9]]],
  ['timeout', ['timeout', 'nextHost', 'unknown', [3, 6, 9]]],
  ['truncated', ['badAnswer', 'nextHost', 'unknown', [3, 6, 9]]],
  ['aborted', ['aborted', 'giveUp', 'unknown']],
  ['other', ['network', 'nextHost', 'unknown', [3, 6, 9]]],
]

describe('faults', () => {
  test.each(startFaults)('start, %s', (fault, expected) => check({ call: 'start', fault }, expected))

  test('acquire and notificationServers leave no state at Agora, whatever the fault', () => {
    for (const [fault] of startFaults) {
      for (const call of ['acquire', 'notificationServers'] as const) {
        expect(classify({ call, fault })).toMatchObject({ outcome: 'none' })
      }
    }
  })
  test('the backoff is that of a 50x', () => {
    const delays = (call: CallName): readonly number[] => classify({ call, fault: 'reset' }).delays
    expect(calls.map(delays)).toEqual([[1, 3, 6], [3, 6, 9], ...Array(4).fill([5, 10, 15, 30]), [1, 3, 6]])
  })
  test('a 200 with a truncated body is a fault', () => {
    check({ call: 'start', status: 200, fault: 'truncated' }, ['badAnswer', 'nextHost', 'unknown', [3, 6, 9]])
  })
  test('an error status keeps its meaning without a body', () => {
    check({ call: 'start', status: 401, fault: 'truncated' }, ['authentication', 'giveUp', 'none'])
    check({ call: 'start', status: 502, fault: 'timeout' }, ['gateway', 'nextHost', 'unknown', [3, 6, 9]])
  })
})
