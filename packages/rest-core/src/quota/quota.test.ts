import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CallName } from '../call.ts'
import { type Arrival, type Departure, runTraffic } from '../testing/quotaTraffic.ts'
import { steppedClock } from '../testing/steppedClock.ts'
import { WINDOW_MS } from './gate.ts'
import { createQuota, type QuotaGrant, type QuotaWish } from './quota.ts'

const wish = (call: CallName, more: Partial<QuotaWish> = {}): QuotaWish => ({ appId: 'app1', call, ...more })

const granted = async (taken: Promise<QuotaGrant | 'expired' | 'aborted'>): Promise<QuotaGrant> => {
  const grant = await taken
  if (typeof grant === 'string') throw new Error(`it was ${grant}`)
  return grant
}

/** The most departures in any one second, wherever it is laid. */
const peakOf = (departures: readonly Departure[]): number => {
  const times = departures.map(({ leftAt }) => leftAt).toSorted((a, b) => a - b)
  return Math.max(0, ...times.map((from, i) => times.slice(i).filter((at) => at < from + 1000).length))
}

const rank: Readonly<Record<CallName, number>> = {
  stop: 1,
  start: 2,
  acquire: 3,
  query: 4,
  update: 5,
  updateLayout: 5,
  notificationServers: 5,
}
const isPaired = ({ call, askedAt, answeredAt }: Departure): boolean =>
  call === 'start' && answeredAt !== undefined && askedAt - answeredAt < 2000
const rankOf = (each: Departure): number => (isPaired(each) ? 0 : rank[each.call])

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
    thinkMs: fc.integer({ min: 0, max: 2000 - WINDOW_MS }),
  }),
  { minLength: 1, maxLength: 100 },
)

describe('any traffic', () => {
  const perSecond = fc.integer({ min: 1, max: 12 })

  test('never more than the quota in any second', async () => {
    await fc.assert(
      fc.asyncProperty(perSecond, arrivals, async (n, traffic) => {
        const clock = steppedClock()
        expect(
          peakOf(await runTraffic(clock, createQuota({ perSecond: n, clock }), traffic)),
        ).toBeLessThanOrEqual(n)
      }),
    )
  })

  test('start leaves within two seconds of the answer to its acquire', async () => {
    await fc.assert(
      fc.asyncProperty(perSecond, arrivals, async (n, traffic) => {
        const clock = steppedClock()
        for (const each of await runTraffic(clock, createQuota({ perSecond: n, clock }), traffic)) {
          if (each.answeredAt !== undefined) expect(each.leftAt - each.answeredAt).toBeLessThanOrEqual(2000)
        }
      }),
    )
  })

  test('nobody waits for less than a full window, or for whoever ranks after', async () => {
    await fc.assert(
      fc.asyncProperty(perSecond, arrivals, async (n, traffic) => {
        const clock = steppedClock()
        const all = await runTraffic(clock, createQuota({ perSecond: n, clock }), traffic)
        // An acquire may also wait for another pair to end.
        for (const each of all.filter(({ call }) => call !== 'acquire')) {
          const { askedAt, leftAt, number } = each
          const overtakers = all.filter((other) => other.leftAt > askedAt && other.leftAt < leftAt)
          for (const other of overtakers) {
            const before = rankOf(other) - rankOf(each)
            expect(before < 0 || (before === 0 && other.number < number)).toBe(true)
          }
          if (leftAt === askedAt) continue
          const full = all.filter(
            (other) => other !== each && other.leftAt >= leftAt - WINDOW_MS && other.leftAt <= leftAt,
          )
          expect(full.length).toBeGreaterThanOrEqual(n)
        }
      }),
    )
  })

  test('afterwards nothing keeps the process alive', async () => {
    await fc.assert(
      fc.asyncProperty(perSecond, arrivals, async (n, traffic) => {
        const clock = steppedClock()
        await runTraffic(clock, createQuota({ perSecond: n, clock }), traffic)
        expect(clock.sleepers()).toBe(0)
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
      const waiting = { atMs: 0, call, answerMs: 300, succeeds: true, thinkMs: 100 }
      const pair = (i: number): Arrival => ({ ...waiting, atMs: i * 400, call: 'acquire', answerMs: 700 })
      const traffic = [...Array(500).fill(waiting), ...Array.from({ length: 20 }, (_, i) => pair(i))]
      const departures = await runTraffic(clock, createQuota({ clock }), traffic)
      const starts = departures.filter(({ answeredAt }) => answeredAt !== undefined)
      expect(starts.length).toBe(call === 'acquire' ? 520 : 20)
      for (const { leftAt, answeredAt = 0 } of starts) expect(leftAt - answeredAt).toBeLessThanOrEqual(2000)
      expect(peakOf(departures)).toBe(10)
      // No place was left empty on the way: 10 in each window, the answers of the last pairs apart.
      expect(clock.now()).toBeLessThan((departures.length / 10) * WINDOW_MS + 4000)
    },
  )
})

describe('waiting', () => {
  test('ends with the time that the wish has', async () => {
    const clock = steppedClock()
    const quota = createQuota({ perSecond: 1, clock })
    await granted(quota.take(wish('query')))
    const ends: [string, number][] = []
    const note = (name: string) => (outcome: unknown) =>
      void ends.push([`${name} ${typeof outcome === 'string' ? outcome : 'left'}`, clock.now()])
    quota.take(wish('query', { maxWaitMs: 300 })).then(note('short'))
    quota.take(wish('query', { maxWaitMs: 5000 })).then(note('long'))
    quota.take(wish('query', { maxWaitMs: 200 })).then(note('shorter'))
    quota.take(wish('query', { maxWaitMs: 0 })).then(note('none'))
    await clock.advance(2000)
    expect(ends).toEqual([
      ['none expired', 0],
      ['shorter expired', 200],
      ['short expired', 300],
      ['long left', WINDOW_MS],
    ])
    expect(clock.sleepers()).toBe(0)
  })

  test('no time at all is enough if there is a place', async () => {
    await granted(createQuota().take(wish('query', { maxWaitMs: 0 })))
  })

  test('ends with the signal, and costs no place', async () => {
    const clock = steppedClock()
    const quota = createQuota({ perSecond: 1, clock })
    await granted(quota.take(wish('query')))
    const abort = new AbortController()
    const aborted = quota.take(wish('stop', { signal: abort.signal }))
    const after = quota.take(wish('query', { signal: abort.signal, maxWaitMs: WINDOW_MS }))
    await clock.advance(10)
    abort.abort()
    expect([await aborted, await after]).toEqual(['aborted', 'aborted'])
    expect(clock.sleepers()).toBe(0)
    expect(await quota.take(wish('stop', { signal: abort.signal }))).toBe('aborted')
    await clock.advance(WINDOW_MS - 10)
    await granted(quota.take(wish('query', { maxWaitMs: 0 })))
  })

  test('a clock that stands, jumps back or fails to sleep stops nobody', async () => {
    let time = 1000
    const clocks = [
      { now: () => 1000, sleep: async () => {} },
      { now: () => (time -= 500), sleep: async () => {} },
      { now: () => 1000, sleep: () => Promise.reject(new Error('no timers')) },
    ]
    for (const clock of clocks) {
      const quota = createQuota({ perSecond: 2, clock })
      await Promise.all(Array.from({ length: 20 }, () => granted(quota.take(wish('query')))))
    }
  })
})

describe('who shares', () => {
  test('one quota counts each App ID by itself', async () => {
    const quota = createQuota({ perSecond: 1, clock: steppedClock() })
    await granted(quota.take(wish('query', { maxWaitMs: 0 })))
    await granted(quota.take(wish('query', { appId: 'app2', maxWaitMs: 0 })))
    expect(await quota.take(wish('query', { maxWaitMs: 0 }))).toBe('expired')
  })

  test('share divides, rounding down, down to one per second', () => {
    expect(createQuota().perSecond).toBe(10)
    expect([1, 2, 3, 4, 10].map((n) => createQuota().share(n).perSecond)).toEqual([10, 5, 3, 2, 1])
    for (const n of [0, 1.5, -1, 11, Number.NaN]) expect(() => createQuota().share(n)).toThrow(RangeError)
    for (const perSecond of [0, 0.5, -1, Number.POSITIVE_INFINITY]) {
      expect(() => createQuota({ perSecond })).toThrow('whole number')
    }
  })

  test('the shares together never exceed the whole', async () => {
    const clock = steppedClock()
    const traffic = Array(60).fill({ atMs: 0, call: 'query', answerMs: 0, succeeds: true, thinkMs: 0 })
    const parts = [0, 1, 2].map(() => createQuota({ clock }).share(3))
    const clocks = await Promise.all(parts.map((part) => runTraffic(clock, part, traffic.slice(0, 20))))
    expect(peakOf(clocks.flat())).toBe(9)
  })
})
