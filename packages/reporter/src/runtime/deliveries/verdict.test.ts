import { describe, expect, test } from 'vitest'
import { judge, type Verdict } from './verdict.ts'

const NOW = Date.UTC(2026, 0, 1)
const answer = (status: number, headers: Record<string, string> = {}): Verdict =>
  judge({ kind: 'answer', status, headers: new Headers(headers), body: '' }, NOW)

describe('an answer', () => {
  test.each([200, 201, 202, 204, 299])('%d is a delivery', (status) => {
    expect(answer(status, { 'webhook-delivery': 'abort-message' })).toEqual({ outcome: 'delivered' })
  })

  test('410 ends the delivery', () => {
    expect(answer(410)).toMatchObject({ outcome: 'refused', why: expect.stringContaining('410') })
  })

  test.each([301, 400, 404, 429, 500, 503])('%d with abort-message ends the delivery', (status) => {
    expect(answer(status, { 'webhook-delivery': ' Abort-Message ' })).toMatchObject({ outcome: 'dropped' })
    expect(answer(status, { 'webhook-delivery': 'later' })).toMatchObject({ outcome: 'failed' })
  })

  test.each([
    [301, 'rejected'],
    [308, 'rejected'],
    [400, 'rejected'],
    [401, 'rejected'],
    [404, 'rejected'],
    [429, 'overload'],
    [500, 'error'],
    [502, 'down'],
    [503, 'overload'],
    [504, 'down'],
  ])('%d is a failure of the kind %s', (status, kind) => {
    expect(answer(status)).toMatchObject({ outcome: 'failed', kind, retryAfterMs: undefined })
  })

  test('that is a redirect says what to do', () => {
    expect(answer(302)).toMatchObject({ why: expect.stringContaining('final address in DELIVERIES') })
  })

  test.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['Thu, 01 Jan 2026 00:02:00 GMT', 120_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['9'.repeat(400), Number.POSITIVE_INFINITY],
    ['-1', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['', undefined],
  ])('with Retry-After %j asks for %d ms', (text, expected) => {
    expect(answer(429, { 'retry-after': text })).toMatchObject({ retryAfterMs: expected })
  })
})

test.each([
  ['timeout', 'timeout'],
  ['unreachable', 'down'],
  ['address', 'down'],
] as const)('no answer because of %s is a failure of the kind %s', (failure, kind) => {
  const verdict = judge({ kind: 'failure', failure, message: 'why' }, NOW)
  expect(verdict).toEqual({ outcome: 'failed', kind, why: 'why', retryAfterMs: undefined })
})
