import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CallName } from '../call.ts'
import { type Arrival, type GrantedRequest, runTraffic } from '../testing/quotaTraffic.ts'
import { steppedClock } from '../testing/steppedClock.ts'
import { WINDOW_MS } from './limiter.ts'
import { createQuota } from './quota.ts'
import type { QuotaGrant, QuotaRequest } from './quotaTypes.ts'

const request = (call: CallName, more: Partial<QuotaRequest> = {}): QuotaRequest => ({
  appId: 'app1',
  call,
  ...more,
})

const granted = async (taken: Promise<QuotaGrant | 'expired' | 'aborted'>): Promise<QuotaGrant> => {
  const grant = await taken
  if (typeof grant === 'string') throw new Error(`the request was ${grant}`)
  return grant
}

/** The largest number of requests in any one second. */
const peakOf = (sent: readonly GrantedRequest[]): number => {
  const times = sent.map(({ sentAt: leftAt }) => leftAt).toSorted((a, b) => a - b)
  return Math.max(0, ...times.map((from, i) => times.slice(i).filter((at) => at < from + 1000).length))
}

const PRIORITY: Readonly<Record<CallName, number>> = {
  stop: 1,
  update: 2,
  updateLayout: 2,
  start: 3,
  acquire: 4,
  query: 5,
  notificationServers: 6,
}
const isPaired = ({ call, requestedAt: askedAt, answeredAt }: GrantedRequest): boolean =>
  call === 'start' && answeredAt !== undefined && askedAt - answeredAt < 2000
const priorityOf = (each: GrantedRequest): number => (isPaired(each) ? 0 : PRIORITY[each.call])

const arrivals: fc.Arbitrary<Arrival[]> = fc.array(
  fc.record({
    atMs: fc.integer({ min: 0, max: 6000 }),
    call: fc.constantFrom<CallName[]>(
      'acquire',
      'acquire',
      'start',
      'stop',
      'query',
      'update',
      'updateLayout',
    ),
    answerMs: fc.integer({ min: 0, max: 4000 }),
    succeeds: fc.boolean(),
    startDelayMs: fc.integer({ min: 0, max: 2000 - WINDOW_MS }),
  }),
  { minLength: 1, maxLength: 100 },
)

describe('any traffic', () => {
  const perSecond = fc.integer({ min: 1, max: 12 })

  test('never exceeds the quota in any second', async () => {
    await fc.assert(
      fc.asyncProperty(perSecond, arrivals, async (n, traffic) => {
        const clock = steppedClock()
        expect(
          peakOf(await runTraffic(clock, createQuota({ perSecond: n, clock }), traffic)),
        ).toBeLessThanOrEqual(n)
      }),
    )
  })

  test('start is sent within two seconds of the answer to its acquire', async () => {
    await fc.assert(
      fc.asyncProperty(perSecond, arrivals, async (n, traffic) => {
        const clock = steppedClock()
        for (const each of await runTraffic(clock, createQuota({ perSecond: n, clock }), traffic)) {
          if (each.answeredAt !== undefined) expect(each.sentAt - each.answeredAt).toBeLessThanOrEqual(2000)
        }
      }),
    )
  })

  test('a request waits only for a full window, and only for requests of higher priority', async () => {
    await fc.assert(
      fc.asyncProperty(perSecond, arrivals, async (n, traffic) => {
        const clock = steppedClock()
        const all = await runTraffic(clock, createQuota({ perSecond: n, clock }), traffic)
        // An acquire may also wait for another pair to end.
        for (const each of all.filter(({ call }) => call !== 'acquire')) {
          const { requestedAt: askedAt, sentAt: leftAt, number } = each
          const overtakers = all.filter((other) => other.sentAt > askedAt && other.sentAt < leftAt)
          for (const other of overtakers) {
            const before = priorityOf(other) - priorityOf(each)
            expect(before < 0 || (before === 0 && other.number < number)).toBe(true)
          }
          if (leftAt === askedAt) continue
          const full = all.filter(
            (other) => other !== each && other.sentAt >= leftAt - WINDOW_MS && other.sentAt <= leftAt,
          )
          expect(full.length).toBeGreaterThanOrEqual(n)
        }
      }),
    )
  })

  test('leaves nothing behind that keeps the process alive', async () => {
    await fc.assert(
      fc.asyncProperty(perSecond, arrivals, async (n, traffic) => {
        const clock = steppedClock()
        await runTraffic(clock, createQuota({ perSecond: n, clock }), traffic)
        expect(clock.sleeping()).toBe(0)
      }),
      { numRuns: 20 },
    )
  })
})

describe('a queue of 500', () => {
  test.each(['stop', 'acquire', 'query'] as const)(
    '%s: starts still follow their acquires in time',
    async (call) => {
      const clock = steppedClock()
      const waiting = { atMs: 0, call, answerMs: 300, succeeds: true, startDelayMs: 100 }
      const pair = (i: number): Arrival => ({ ...waiting, atMs: i * 400, call: 'acquire', answerMs: 700 })
      const traffic = [...Array(500).fill(waiting), ...Array.from({ length: 20 }, (_, i) => pair(i))]
      const sent = await runTraffic(clock, createQuota({ clock }), traffic)
      const starts = sent.filter(({ answeredAt }) => answeredAt !== undefined)
      expect(starts.length).toBe(call === 'acquire' ? 520 : 20)
      for (const { sentAt: leftAt, answeredAt = 0 } of starts)
        expect(leftAt - answeredAt).toBeLessThanOrEqual(2000)
      expect(peakOf(sent)).toBe(10)
      // No slot was left unused: 10 in each window, except for the answers of the last pairs.
      expect(clock.now()).toBeLessThan((sent.length / 10) * WINDOW_MS + 4000)
    },
  )
})

describe('50 queued starts', () => {
  test.each(['stop', 'update', 'updateLayout'] as const)('%s is sent within one window', async (call) => {
    for (const answerMs of [10, 300, 1000]) {
      for (let atMs = 0; atMs < 5000; atMs += 250) {
        const clock = steppedClock()
        const start: Arrival = { atMs: 0, call: 'acquire', answerMs, succeeds: true, startDelayMs: 1 }
        const traffic = [...Array(50).fill(start), { ...start, call, atMs }]
        const all = await runTraffic(clock, createQuota({ perSecond: 10, clock }), traffic)
        const sent = all.find((each) => each.call === call)
        expect((sent?.sentAt ?? Number.NaN) - (sent?.requestedAt ?? 0)).toBeLessThanOrEqual(WINDOW_MS)
        // No slot was left unused: 10 in each window, except for the answers of the last pairs.
        expect(clock.now()).toBeLessThan((all.length / 10) * WINDOW_MS + 4000)
      }
    }
  })
})

describe('waiting', () => {
  test('ends after maxWaitMs', async () => {
    const clock = steppedClock()
    const quota = createQuota({ perSecond: 1, clock })
    await granted(quota.take(request('query')))
    const ends: [string, number][] = []
    const note = (name: string) => (outcome: unknown) =>
      void ends.push([`${name} ${typeof outcome === 'string' ? outcome : 'sent'}`, clock.now()])
    quota.take(request('query', { maxWaitMs: 300 })).then(note('short'))
    quota.take(request('query', { maxWaitMs: 5000 })).then(note('long'))
    quota.take(request('query', { maxWaitMs: 200 })).then(note('shorter'))
    quota.take(request('query', { maxWaitMs: 0 })).then(note('none'))
    await clock.advance(2000)
    expect(ends).toEqual([
      ['none expired', 0],
      ['shorter expired', 200],
      ['short expired', 300],
      ['long sent', WINDOW_MS],
    ])
    expect(clock.sleeping()).toBe(0)
  })

  test('maxWaitMs 0 is enough if a slot is free', async () => {
    await granted(createQuota().take(request('query', { maxWaitMs: 0 })))
  })

  test('ends when the signal aborts, and uses no slot', async () => {
    const clock = steppedClock()
    const quota = createQuota({ perSecond: 1, clock })
    await granted(quota.take(request('query')))
    const abort = new AbortController()
    const aborted = quota.take(request('stop', { signal: abort.signal }))
    const after = quota.take(request('query', { signal: abort.signal, maxWaitMs: WINDOW_MS }))
    await clock.advance(10)
    abort.abort()
    expect([await aborted, await after]).toEqual(['aborted', 'aborted'])
    expect(clock.sleeping()).toBe(0)
    expect(await quota.take(request('stop', { signal: abort.signal }))).toBe('aborted')
    await clock.advance(WINDOW_MS - 10)
    await granted(quota.take(request('query', { maxWaitMs: 0 })))
  })

  test('does not hang with a clock that stands still, steps back or fails to sleep', async () => {
    let time = 1000
    const clocks = [
      { now: () => 1000, sleep: async () => {} },
      { now: () => (time -= 500), sleep: async () => {} },
      { now: () => 1000, sleep: () => Promise.reject(new Error('no timers')) },
    ]
    for (const clock of clocks) {
      const quota = createQuota({ perSecond: 2, clock })
      await Promise.all(Array.from({ length: 20 }, () => granted(quota.take(request('query')))))
    }
  })
})

describe('sharing', () => {
  test('one quota counts each App ID separately', async () => {
    const quota = createQuota({ perSecond: 1, clock: steppedClock() })
    await granted(quota.take(request('query', { maxWaitMs: 0 })))
    await granted(quota.take(request('query', { appId: 'app2', maxWaitMs: 0 })))
    expect(await quota.take(request('query', { maxWaitMs: 0 }))).toBe('expired')
  })

  test('share divides and rounds down, to at least one per second', () => {
    expect(createQuota().perSecond).toBe(10)
    expect([1, 2, 3, 4, 10].map((n) => createQuota().share(n).perSecond)).toEqual([10, 5, 3, 2, 1])
    for (const n of [0, 1.5, -1, 11, Number.NaN]) expect(() => createQuota().share(n)).toThrow(RangeError)
    for (const perSecond of [0, 0.5, -1, Number.POSITIVE_INFINITY]) {
      expect(() => createQuota({ perSecond })).toThrow('whole number')
    }
  })

  test('the shares together never exceed the whole', async () => {
    const clock = steppedClock()
    const traffic = Array(60).fill({ atMs: 0, call: 'query', answerMs: 0, succeeds: true, startDelayMs: 0 })
    const parts = [0, 1, 2].map(() => createQuota({ clock }).share(3))
    const clocks = await Promise.all(parts.map((part) => runTraffic(clock, part, traffic.slice(0, 20))))
    expect(peakOf(clocks.flat())).toBe(9)
  })
})
