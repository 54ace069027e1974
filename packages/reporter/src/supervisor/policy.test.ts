import { describe, expect, test } from 'vitest'
import { contradictions, DEFAULT_POLICY, mergePolicy, policyInputSchema } from './policy.ts'

describe('mergePolicy', () => {
  test('returns the defaults, which contain no contradiction, if there is no input', () => {
    expect(mergePolicy()).toEqual(DEFAULT_POLICY)
    expect(mergePolicy(undefined, {})).toEqual(DEFAULT_POLICY)
    expect(contradictions(DEFAULT_POLICY)).toEqual([])
  })

  test('merges nested parts, and later values override earlier ones', () => {
    const merged = mergePolicy(
      { loadTimeout: 100, restart: { jitter: 0, within: 60 }, onStopCode: { 6: 'giveUp' } },
      { loadTimeout: 200, restart: { within: 90 } },
    )
    expect(merged).toEqual({
      ...DEFAULT_POLICY,
      loadTimeout: 200,
      restart: { ...DEFAULT_POLICY.restart, jitter: 0, within: 90 },
      onStopCode: { ...DEFAULT_POLICY.onStopCode, 6: 'giveUp' },
    })
  })

  test('does not change the defaults', () => {
    const before = structuredClone(DEFAULT_POLICY)
    mergePolicy({ restart: { jitter: 1 } }).onStopCode[1] = 'giveUp'
    expect(DEFAULT_POLICY).toEqual(before)
  })
})

test.each([
  [{ loadTimeout: 69 }, ['loadTimeout'], '2 × readyTimeout + 10 = 70 s'],
  [{ readyTimeout: 60 }, ['loadTimeout'], '= 130 s'],
  [{ heartbeatTimeout: 19 }, ['heartbeatTimeout'], '2 × heartbeatInterval = 20 s'],
  [{ fence: true, readyTimeout: 0 }, ['fence'], 'needs a readyTimeout'],
])('%o contains a contradiction', (input, path, says) => {
  expect(contradictions(mergePolicy(input))).toEqual([{ path, message: expect.stringContaining(says) }])
})

test.each([{ loadTimeout: 70 }, { readyTimeout: 0, loadTimeout: 10 }, { heartbeatTimeout: 20 }])(
  '%o contains no contradiction',
  (input) => {
    expect(contradictions(mergePolicy(input))).toEqual([])
  },
)

describe('policyInputSchema', () => {
  test.each([
    {},
    { confirmTimeout: 0.5 + 0.5, loadTimeout: 12.5, readyTimeout: 0 },
    { restart: { delays: [0], jitter: 1, maxFailures: 0, maxNeverLoaded: 1, stableAfter: 0 } },
    { onStopCode: { 2: 'restart' }, handOver: 'replace' },
  ])('accepts %o unchanged', (input) => {
    expect(policyInputSchema.parse(input)).toEqual(input)
  })

  test.each([
    [{ loadTimout: 75 }, 'loadTimout'],
    [{ restart: { delay: 1 } }, 'restart'],
    [{ onStopCode: { 0: 'restart' } }, 'onStopCode'],
    [{ onStopCode: { 6: 'again' } }, 'onStopCode.6'],
    [{ confirmTimeout: 0 }, 'confirmTimeout'],
    [{ confirmTimeout: Number.POSITIVE_INFINITY }, 'confirmTimeout'],
    [{ readyTimeout: 30.5 }, 'readyTimeout'],
    [{ readyTimeout: 61 }, 'readyTimeout'],
    [{ heartbeatInterval: 301 }, 'heartbeatInterval'],
    [{ heartbeatTimeout: '30' }, 'heartbeatTimeout'],
    [{ restart: { delays: [] } }, 'restart.delays'],
    [{ restart: { jitter: 1.1 } }, 'restart.jitter'],
    [{ restart: { maxNeverLoaded: 0 } }, 'restart.maxNeverLoaded'],
    [{ onGiveUp: 'leave' }, 'onGiveUp'],
  ])('rejects %o and names %s', (input, path) => {
    const parsed = policyInputSchema.safeParse(input)
    const paths = parsed.error?.issues.map((issue) =>
      issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys[0] : issue.path.join('.'),
    )
    expect(paths).toEqual([path])
  })
})
