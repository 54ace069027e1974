import { describe, expect, test } from 'vitest'
import { createLog } from '../log.ts'
import { type Breaker, createBreaker } from './breaker.ts'
import type { PageActivity } from './heartbeatBuffer.ts'

const SECOND = 1000
const INTERVAL = 10 * SECOND

/** Pages that beat every 10 s, the n-th one so many seconds after the first; at second 0 all have just begun. */
interface Room {
  breaker: Breaker
  /** Lets so many seconds pass; the pages that are named are silent meanwhile. */
  pass(seconds: number, silent?: number[]): void
  /** So many pages are wanted no more. */
  end(pages: number): void
  readonly held: boolean
}

const room = (pages: number, begin = 0): Room => {
  const heard: PageActivity[] = Array.from({ length: pages }, () => ({ at: begin, interval: INTERVAL }))
  const breaker = createBreaker(() => heard, createLog('silent'))
  let now = begin
  return {
    breaker,
    pass: (seconds, silent = []) => {
      for (const end = now + seconds * SECOND; now < end; ) {
        now += SECOND
        for (const [index, page] of heard.entries()) {
          const beats = (now / SECOND - index) % 10 === 0
          if (beats && !silent.includes(index)) page.at = now
        }
        breaker.update(now)
      }
    },
    end: (pages) => {
      heard.splice(-pages, pages)
    },
    get held() {
      return breaker.outageSince() !== null
    },
  }
}

const all = (pages: number): number[] => Array.from({ length: pages }, (_, index) => index)

describe('silence restarts nothing', () => {
  test.each([
    [3, 3],
    [6, 3],
    [10, 5],
    [100, 50],
  ])('of %i pages when %i are silent together, before the first is judged', (pages, silent) => {
    const it = room(pages)
    it.pass(20)
    // 30 s is the default time-out; what beat last just before it is judged first.
    it.pass(29, all(silent))
    expect(it.held).toBe(true)
  })

  test.each([
    [1, 1],
    [2, 2],
    [7, 3],
    [10, 4],
  ])('of %i pages not when %i are', (pages, silent) => {
    const it = room(pages)
    it.pass(20)
    it.pass(200, all(silent))
    expect(it.held).toBe(false)
  })

  test('for 5 minutes at most, and not again as long as the same are silent', () => {
    const it = room(4)
    it.pass(20)
    it.pass(20, all(4))
    const since = it.breaker.outageSince()
    expect(since).not.toBeNull()
    it.pass(285, all(4))
    expect(it.breaker.outageSince()).toBe(since)
    it.pass(10, all(4))
    expect(it.held).toBe(false)
    it.pass(600, all(4))
    expect(it.held).toBe(false)
  })

  test('still when silent pages are too few because others have ended, and not when all have', () => {
    const it = room(3)
    it.pass(20)
    it.pass(40, all(3))
    it.end(1)
    it.pass(60, all(2))
    expect(it.held).toBe(true)
    it.end(2)
    it.pass(1)
    it.pass(1)
    expect(it.held).toBe(false)
  })

  test('until all had time to come back, one by one', () => {
    const it = room(4)
    it.pass(20)
    it.pass(60, all(4))
    expect(it.held).toBe(true)
    it.pass(25, [3])
    expect(it.held).toBe(true)
    it.pass(20, [3])
    expect(it.held).toBe(false)
  })

  test('again, when it happens again', () => {
    const it = room(4)
    for (let n = 0; n < 3; n += 1) {
      it.pass(90)
      expect(it.held).toBe(false)
      it.pass(40, all(4))
      expect(it.held).toBe(true)
    }
  })

  test('not for silence that nobody could hear: it begins when the reporter listens again', () => {
    const it = room(4)
    it.pass(20)
    const returned = 200 * SECOND
    it.breaker.resumed(returned)
    it.breaker.update(returned + 14 * SECOND)
    expect(it.held).toBe(false)
    it.breaker.update(returned + 16 * SECOND)
    expect(it.held).toBe(true)
  })

  test('not for pages that have been silent for longer than it lasts: they are dead', () => {
    const it = room(4)
    it.pass(400, [0, 1])
    it.pass(60, [0, 1, 2])
    expect(it.held).toBe(false)
  })
})
