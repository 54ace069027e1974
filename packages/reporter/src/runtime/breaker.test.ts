import { describe, expect, test } from 'vitest'
import { createLog } from '../log.ts'
import { type Breaker, createBreaker } from './breaker.ts'
import type { PageActivity } from './heartbeatBuffer.ts'

const SECOND = 1000
const INTERVAL = 10 * SECOND

/** Pages that report every 10 s, page n at second n of each interval. At second 0 all have just reported. */
interface Pages {
  breaker: Breaker
  /** Advances the clock; the pages in `silent` do not report meanwhile. */
  pass(seconds: number, silent?: number[]): void
  /** The recordings of this many pages end. */
  end(count: number): void
  readonly isOutage: boolean
}

const createPages = (count: number, begin = 0): Pages => {
  const pages: PageActivity[] = Array.from({ length: count }, () => ({ at: begin, interval: INTERVAL }))
  const breaker = createBreaker(() => pages, createLog('silent'))
  let now = begin
  return {
    breaker,
    pass: (seconds, silent = []) => {
      for (const end = now + seconds * SECOND; now < end; ) {
        now += SECOND
        for (const [index, page] of pages.entries()) {
          const reports = (now / SECOND - index) % 10 === 0
          if (reports && !silent.includes(index)) page.at = now
        }
        breaker.update(now)
      }
    },
    end: (count) => {
      pages.splice(-count, count)
    },
    get isOutage() {
      return breaker.outageSince() !== null
    },
  }
}

const all = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

describe('an ingress outage', () => {
  test.each([
    [3, 3],
    [6, 3],
    [10, 5],
    [100, 50],
  ])(
    'is suspected if of %i pages %i fall silent together, before the first one is judged',
    (pages, silent) => {
      const it = createPages(pages)
      it.pass(20)
      // The default timeout is 30 s, so the first page is judged at second 30 or later.
      it.pass(29, all(silent))
      expect(it.isOutage).toBe(true)
    },
  )

  test.each([
    [1, 1],
    [2, 2],
    [7, 3],
    [10, 4],
  ])('is not suspected if of %i pages %i are silent', (pages, silent) => {
    const it = createPages(pages)
    it.pass(20)
    it.pass(200, all(silent))
    expect(it.isOutage).toBe(false)
  })

  test('lasts for 5 minutes at most, and does not begin again while the same pages are silent', () => {
    const it = createPages(4)
    it.pass(20)
    it.pass(20, all(4))
    const since = it.breaker.outageSince()
    expect(since).not.toBeNull()
    it.pass(285, all(4))
    expect(it.breaker.outageSince()).toBe(since)
    it.pass(10, all(4))
    expect(it.isOutage).toBe(false)
    it.pass(600, all(4))
    expect(it.isOutage).toBe(false)
  })

  test('continues when the recordings of silent pages end, until all have ended', () => {
    const it = createPages(3)
    it.pass(20)
    it.pass(40, all(3))
    it.end(1)
    it.pass(60, all(2))
    expect(it.isOutage).toBe(true)
    it.end(2)
    it.pass(1)
    it.pass(1)
    expect(it.isOutage).toBe(false)
  })

  test('lasts until all pages have had time to report again', () => {
    const it = createPages(4)
    it.pass(20)
    it.pass(60, all(4))
    expect(it.isOutage).toBe(true)
    it.pass(25, [3])
    expect(it.isOutage).toBe(true)
    it.pass(20, [3])
    expect(it.isOutage).toBe(false)
  })

  test('is suspected each time', () => {
    const it = createPages(4)
    for (let n = 0; n < 3; n += 1) {
      it.pass(90)
      expect(it.isOutage).toBe(false)
      it.pass(40, all(4))
      expect(it.isOutage).toBe(true)
    }
  })

  test('does not count silence from before the reporter resumed', () => {
    const it = createPages(4)
    it.pass(20)
    const resumedAt = 200 * SECOND
    it.breaker.resumed(resumedAt)
    it.breaker.update(resumedAt + 14 * SECOND)
    expect(it.isOutage).toBe(false)
    it.breaker.update(resumedAt + 16 * SECOND)
    expect(it.isOutage).toBe(true)
  })

  test('does not count pages that have been silent for longer than an outage may last', () => {
    const it = createPages(4)
    it.pass(400, [0, 1])
    it.pass(60, [0, 1, 2])
    expect(it.isOutage).toBe(false)
  })
})
