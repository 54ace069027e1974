import { describe, expect, test } from 'vitest'
import { BODY_VERSION, upcast } from './upcast.ts'

const live = (attempt: Record<string, unknown> = {}) => ({
  state: 'current',
  query: { asking: false },
  ...attempt,
})

describe('a body without a version', () => {
  test('gives the deadlines of its live attempt to the attempt', () => {
    const body = { attempts: [{ state: 'ended' }, live()], deadlines: { beatBy: 1, queryAt: 2, stopBy: 3 } }
    expect(upcast(body)).toMatchObject({
      attempts: [{ state: 'ended' }, { postponed: false, deadlines: { beatBy: 1, queryAt: 2 } }],
      deadlines: { stopBy: 3 },
    })
  })

  test('has a postponed start if retryAt stood beside a live attempt', () => {
    const body = { attempts: [live({ state: 'starting' })], deadlines: { retryAt: 9 } }
    expect(upcast(body)).toMatchObject({
      attempts: [{ postponed: true, deadlines: {} }],
      deadlines: { retryAt: 9 },
    })
  })

  test.each([
    [true, 'query'],
    [false, null],
    ['routineQuery', 'routineQuery'],
  ])('whose query.asking was %j has %j', (asking, named) => {
    expect(upcast({ attempts: [live({ query: { asking } })] })).toMatchObject({
      attempts: [{ query: { asking: named } }],
    })
  })

  describe('that gave up', () => {
    const gaveUp = { code: 'page_unhealthy', message: 'Failed checks', evidence: {} }
    const body = { desired: 'running', attempts: [live()], gaveUp, deadlines: { queryAt: 5 } }

    test('goes on if it kept an attempt: the next one is due', () => {
      expect(upcast(body)).toMatchObject({
        gaveUp: null,
        replacing: gaveUp,
        deadlines: { retryAt: 0 },
        attempts: [{ state: 'current', postponed: false, deadlines: { queryAt: 5 } }],
      })
    })

    test.each([
      ['nothing runs', { attempts: [live({ state: 'ended' })] }],
      ['Agora refused the request', { gaveUp: { ...gaveUp, code: 'start_failed' } }],
      ['its policy is final', { policy: { restart: { final: true } } }],
      ['it is being stopped', { desired: 'stopped' }],
    ])('has given up for good if %s', (_why, change) => {
      const changed = { ...body, ...change }
      expect(upcast(changed)).toMatchObject({ gaveUp: changed.gaveUp })
    })
  })

  test('loses onGiveUp', () => {
    expect(upcast({ attempts: [], policy: { onGiveUp: 'keep', fence: true } })).toMatchObject({
      attempts: [],
      policy: expect.not.objectContaining({ onGiveUp: 'keep' }),
    })
  })
})

test.each([{}, { bodyVersion: 1 }])('the body %j counts its attempts', (version) => {
  const body = { ...version, attempts: [live({ state: 'ended' }), live()], deadlines: {} }
  expect(upcast(body)).toMatchObject({ attemptCount: 2 })
})

test.each([BODY_VERSION, BODY_VERSION + 1])('a body of version %i is not changed', (bodyVersion) => {
  const body = { bodyVersion, attempts: [live()], deadlines: { beatBy: 1 }, policy: { onGiveUp: 'keep' } }
  expect(upcast(body)).toBe(body)
})

test.each([[undefined], ['junk'], [null], [{}], [{ attempts: [null] }], [{ attempts: 7 }]])(
  '%j is not a body, and is not changed',
  (body) => {
    expect(upcast(body)).toBe(body)
  },
)
