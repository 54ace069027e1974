import { describe, expect, test } from 'vitest'
import type { CallName } from '../call.ts'
import { steppedClock } from '../testing/steppedClock.ts'
import { WINDOW_MS } from './gate.ts'
import { createQuota, type QuotaGrant, type QuotaWish } from './quota.ts'

const wish = (call: CallName, more: Partial<QuotaWish> = {}): QuotaWish => ({ appId: 'app1', call, ...more })

const granted = async (taken: Promise<QuotaGrant | 'expired' | 'aborted'>): Promise<QuotaGrant> => {
  const grant = await taken
  if (typeof grant === 'string') throw new Error(`it was ${grant}`)
  return grant
}

describe('a pair', () => {
  const full = async (
    perSecond: number,
  ): Promise<[ReturnType<typeof steppedClock>, ReturnType<typeof createQuota>]> => {
    const clock = steppedClock()
    return [clock, createQuota({ perSecond, clock })]
  }
  const story = (): [string[], (name: string) => (grant: unknown) => void] => {
    const left: string[] = []
    return [left, (name) => (grant) => void left.push(typeof grant === 'string' ? `${name} ${grant}` : name)]
  }

  test('goes before a stop for two seconds, then as any other start', async () => {
    for (const [thinkMs, order] of [
      [1999, ['start', 'stop']],
      [2000, ['stop', 'start']],
    ] as const) {
      const [clock, quota] = await full(1)
      const [left, note] = story()
      ;(await granted(quota.take(wish('acquire')))).settle('r1')
      await clock.advance(thinkMs - 1)
      await granted(quota.take(wish('query')))
      await clock.advance(1)
      quota.take(wish('stop')).then(note('stop'))
      quota.take(wish('start', { resourceId: 'r1' })).then(note('start'))
      await clock.advance(3000)
      expect(left).toEqual(order)
    }
  })

  test('counts for one start only', async () => {
    const [clock, quota] = await full(1)
    const [left, note] = story()
    ;(await granted(quota.take(wish('acquire')))).settle('r1')
    quota.take(wish('start', { resourceId: 'r1' })).then(note('first'))
    quota.take(wish('start', { resourceId: 'r1' })).then(note('second'))
    quota.take(wish('stop')).then(note('stop'))
    await clock.advance(5000)
    expect(left).toEqual(['first', 'stop', 'second'])
  })

  test.each([
    ['its acquire fails', (acquire: QuotaGrant) => acquire.settle(), 0],
    ['no start comes for two seconds', (acquire: QuotaGrant) => acquire.settle('r1'), 2000],
  ])('holds back further acquires, and nobody else, until %s', async (_, end, after) => {
    const [clock, quota] = await full(1)
    const [left, note] = story()
    const acquire = await granted(quota.take(wish('acquire')))
    quota.take(wish('acquire')).then(note('acquire'))
    quota.take(wish('query')).then(note('query'))
    await clock.advance(10_000)
    expect(left).toEqual(['query'])
    end(acquire)
    await clock.advance(after - 1)
    expect(left).toEqual(after === 0 ? ['query', 'acquire'] : ['query'])
    await clock.advance(1)
    expect(left).toEqual(['query', 'acquire'])
    expect(clock.sleepers()).toBe(0)
  })

  test('ends when its start has left', async () => {
    const [clock, quota] = await full(1)
    const [left, note] = story()
    const acquire = await granted(quota.take(wish('acquire')))
    quota.take(wish('acquire')).then(note('acquire'))
    await clock.advance(10_000)
    acquire.settle('r1')
    quota.take(wish('start', { resourceId: 'r1' })).then(note('start'))
    await clock.advance(0)
    expect(left).toEqual(['start'])
    await clock.advance(WINDOW_MS)
    expect(left).toEqual(['start', 'acquire'])
  })

  test('whose start gives up waiting ends too', async () => {
    const [clock, quota] = await full(1)
    const [left, note] = story()
    ;(await granted(quota.take(wish('acquire')))).settle('r1')
    quota.take(wish('start', { resourceId: 'r1', maxWaitMs: 10 })).then(note('start'))
    quota.take(wish('acquire')).then(note('acquire'))
    await clock.advance(WINDOW_MS)
    expect(left).toEqual(['start expired', 'acquire'])
  })

  test('can start in time even if all acquires that are out are answered at once', async () => {
    const [clock, quota] = await full(10)
    const out: QuotaGrant[] = []
    for (let i = 0; i < 40; i++) granted(quota.take(wish('acquire'))).then((grant) => out.push(grant))
    await clock.advance(30_000)
    const answeredAt = clock.now()
    const left: number[] = []
    for (const [i, grant] of out.entries()) {
      grant.settle(`r${i}`)
      granted(quota.take(wish('start', { resourceId: `r${i}` }))).then(() => left.push(clock.now()))
    }
    const starts = out.length
    await clock.advance(2000)
    expect(left.length).toBe(starts)
    expect(Math.max(...left) - answeredAt).toBeLessThanOrEqual(2000)
  })

  test('is settled once', async () => {
    const [clock, quota] = await full(1)
    const [left, note] = story()
    const acquire = await granted(quota.take(wish('acquire')))
    acquire.settle()
    acquire.settle()
    quota.take(wish('acquire')).then(note('second'))
    quota.take(wish('acquire')).then(note('third'))
    await clock.advance(10_000)
    expect(left).toEqual(['second'])
  })
})
