import { describe, expect, test } from 'vitest'
import type { CallName } from '../call.ts'
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

describe('a pair', () => {
  const full = async (
    perSecond: number,
  ): Promise<[ReturnType<typeof steppedClock>, ReturnType<typeof createQuota>]> => {
    const clock = steppedClock()
    return [clock, createQuota({ perSecond, clock })]
  }
  const createOrder = (): [string[], (name: string) => (grant: unknown) => void] => {
    const sent: string[] = []
    return [sent, (name) => (grant) => void sent.push(typeof grant === 'string' ? `${name} ${grant}` : name)]
  }

  test('its start has priority over a stop for two seconds, then that of any other start', async () => {
    for (const [thinkMs, order] of [
      [1999, ['start', 'stop']],
      [2000, ['stop', 'start']],
    ] as const) {
      const [clock, quota] = await full(1)
      const [sent, note] = createOrder()
      ;(await granted(quota.take(request('acquire')))).release('r1')
      await clock.advance(thinkMs - 1)
      await granted(quota.take(request('query')))
      await clock.advance(1)
      quota.take(request('stop')).then(note('stop'))
      quota.take(request('start', { resourceId: 'r1' })).then(note('start'))
      await clock.advance(3000)
      expect(sent).toEqual(order)
    }
  })

  test('gives priority to one start only', async () => {
    const [clock, quota] = await full(1)
    const [sent, note] = createOrder()
    ;(await granted(quota.take(request('acquire')))).release('r1')
    quota.take(request('start', { resourceId: 'r1' })).then(note('first'))
    quota.take(request('start', { resourceId: 'r1' })).then(note('second'))
    quota.take(request('stop')).then(note('stop'))
    await clock.advance(5000)
    expect(sent).toEqual(['first', 'stop', 'second'])
  })

  test.each([
    ['its acquire fails', (acquire: QuotaGrant) => acquire.release(), 0],
    ['no start comes for two seconds', (acquire: QuotaGrant) => acquire.release('r1'), 2000],
  ])('delays further acquires, and nothing else, until %s', async (_, end, after) => {
    const [clock, quota] = await full(1)
    const [sent, note] = createOrder()
    const acquire = await granted(quota.take(request('acquire')))
    quota.take(request('acquire')).then(note('acquire'))
    quota.take(request('query')).then(note('query'))
    await clock.advance(10_000)
    expect(sent).toEqual(['query'])
    end(acquire)
    await clock.advance(after - 1)
    expect(sent).toEqual(after === 0 ? ['query', 'acquire'] : ['query'])
    await clock.advance(1)
    expect(sent).toEqual(['query', 'acquire'])
    expect(clock.sleeping()).toBe(0)
  })

  test('ends when its start has been sent', async () => {
    const [clock, quota] = await full(1)
    const [sent, note] = createOrder()
    const acquire = await granted(quota.take(request('acquire')))
    quota.take(request('acquire')).then(note('acquire'))
    await clock.advance(10_000)
    acquire.release('r1')
    quota.take(request('start', { resourceId: 'r1' })).then(note('start'))
    await clock.advance(0)
    expect(sent).toEqual(['start'])
    await clock.advance(WINDOW_MS)
    expect(sent).toEqual(['start', 'acquire'])
  })

  test('ends when its start expires in the queue', async () => {
    const [clock, quota] = await full(1)
    const [sent, note] = createOrder()
    ;(await granted(quota.take(request('acquire')))).release('r1')
    quota.take(request('start', { resourceId: 'r1', maxWaitMs: 10 })).then(note('start'))
    quota.take(request('acquire')).then(note('acquire'))
    await clock.advance(WINDOW_MS)
    expect(sent).toEqual(['start expired', 'acquire'])
  })

  test('starts in time even if all pending acquires are answered at the same moment', async () => {
    const [clock, quota] = await full(10)
    const out: QuotaGrant[] = []
    for (let i = 0; i < 40; i++) granted(quota.take(request('acquire'))).then((grant) => out.push(grant))
    await clock.advance(30_000)
    const answeredAt = clock.now()
    const sent: number[] = []
    for (const [i, grant] of out.entries()) {
      grant.release(`r${i}`)
      granted(quota.take(request('start', { resourceId: `r${i}` }))).then(() => sent.push(clock.now()))
    }
    const starts = out.length
    await clock.advance(2000)
    expect(sent.length).toBe(starts)
    expect(Math.max(...sent) - answeredAt).toBeLessThanOrEqual(2000)
  })

  test('is released once', async () => {
    const [clock, quota] = await full(1)
    const [sent, note] = createOrder()
    const acquire = await granted(quota.take(request('acquire')))
    acquire.release()
    acquire.release()
    quota.take(request('acquire')).then(note('second'))
    quota.take(request('acquire')).then(note('third'))
    await clock.advance(10_000)
    expect(sent).toEqual(['second'])
  })
})
