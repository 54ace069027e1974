import type { Logger } from 'pino'
import type { Time } from '../supervisor/recording.ts'
import type { PageActivity } from './heartbeatBuffer.ts'

/**
 * When half or more of the pages fall silent together, our own way in is broken (network, DNS, certificate, proxy), not
 * the pages: as long as it lasts, and for 5 minutes at most, silence alone restarts nothing. What is known for certain
 * (event 71, status 20, a confirmed 404) is acted on all the same.
 */
export interface Breaker {
  /** Looks at who is heard; every second or so. */
  update(now: Time): void
  /** Since when silence restarts nothing; null when it does. */
  outageSince(): Time | null
  /** Nobody could be heard until now: silence begins here. */
  resumed(now: Time): void
}

/** So many silent pages at least: two may well die of themselves. */
const LEAST = 3
const SHARE = 0.5
/** A page has missed a heartbeat. The first of them is judged at two intervals or later; by then the others are here. */
const INTERVALS_MISSED = 1.5
/** How long it lasts at most, in milliseconds. */
const LONGEST_MS = 300_000
/** When enough are heard again, the others get so many intervals to be heard as well: pages come back one by one. */
const INTERVALS_CALM = 3

export const createBreaker = (heard: () => Iterable<PageActivity>, log: Logger): Breaker => {
  let since: Time | null = null
  let calmSince: Time | null = null
  /** It has lasted as long as it may, and those pages are still silent. */
  let spent = false
  let listeningSince: Time = Number.NEGATIVE_INFINITY

  const end = (message: string): void => {
    log.warn(message)
    since = null
    calmSince = null
  }

  const calmDown = (now: Time, longestInterval: number): void => {
    spent = false
    if (since === null) return
    calmSince ??= now
    if (now - calmSince >= INTERVALS_CALM * longestInterval)
      end('enough pages are heard again, or the others are wanted no more')
  }

  return {
    update: (now) => {
      const { silent, live, longestInterval } = count(heard(), now, listeningSince)
      // Once it holds, silent pages that end for another reason are no sign that the others could be heard.
      const enough = since === null ? silent >= LEAST : live > 0
      if (!enough || silent < SHARE * live) {
        calmDown(now, longestInterval)
        return
      }
      calmSince = null
      if (since === null && !spent) {
        since = now
        log.error(
          { silent, live },
          'most pages are silent: silence restarts nothing for up to 5 minutes. Is PUBLIC_URL reachable from outside?',
        )
      }
      if (since === null || now - since < LONGEST_MS) return
      spent = true
      end('most pages have been silent for 5 minutes: they are restarted as Agora’s answers say')
    },
    outageSince: () => since,
    resumed: (now) => {
      listeningSince = now
    },
  }
}

const count = (
  pages: Iterable<PageActivity>,
  now: Time,
  listeningSince: Time,
): { silent: number; live: number; longestInterval: number } => {
  let [silent, live, longestInterval] = [0, 0, 0]
  for (const { at, interval } of pages) {
    const silence = now - Math.max(at, listeningSince)
    // It has been waited for long enough: dead, or left alone, it says nothing about the way in.
    if (silence > LONGEST_MS + INTERVALS_CALM * interval) continue
    live += 1
    longestInterval = Math.max(longestInterval, interval)
    if (silence > INTERVALS_MISSED * interval) silent += 1
  }
  return { silent, live, longestInterval }
}
