import type { Logger } from 'pino'
import type { Time } from '../supervisor/recording.ts'
import type { PageActivity } from './heartbeatBuffer.ts'

/**
 * Detects ingress outages. If half of the pages or more fall silent together, the cause is our own way in (network, DNS,
 * certificate, proxy) rather than the pages. While that lasts, for at most 5 minutes, silence alone restarts nothing.
 * Certain failures (event 71, status 20, a confirmed 404) still do.
 */
export interface Breaker {
  /** Evaluates which pages are silent. To be called about once a second. */
  update(now: Time): void
  /** Start of the suspected outage; null if there is none. */
  outageSince(): Time | null
  /** The reporter did not run until now: time before `now` does not count as silence. */
  resumed(now: Time): void
}

/** One or two pages may well fail by chance. */
const MIN_SILENT_PAGES = 3
const SILENT_RATIO = 0.5
/**
 * After 1.5 intervals a page has missed a heartbeat. The first silent page is judged after two intervals or later; by
 * then all pages that fell silent with it are counted here.
 */
const MISSED_INTERVALS = 1.5
const MAX_SUPPRESSION_MS = 300_000
/** Pages come back one by one: the outage lasts for this many heartbeat intervals after enough of them report again. */
const RECOVERY_INTERVALS = 3

export const createBreaker = (pages: () => Iterable<PageActivity>, log: Logger): Breaker => {
  let since: Time | null = null
  let recoveringSince: Time | null = null
  /** The outage has lasted as long as it may, and its pages are still silent. */
  let limitReached = false
  let runningSince: Time = Number.NEGATIVE_INFINITY

  const begin = (now: Time, counts: Counts): void => {
    since = now
    log.error(
      counts,
      'most pages are silent: silence alone restarts nothing for up to 5 minutes. Is PUBLIC_URL reachable from outside?',
    )
  }

  const end = (message: string): void => {
    log.warn(message)
    since = null
    recoveringSince = null
  }

  const recover = (now: Time, longestInterval: number): void => {
    limitReached = false
    if (since === null) return
    recoveringSince ??= now
    if (now - recoveringSince >= RECOVERY_INTERVALS * longestInterval)
      end('enough pages report again, or the silent recordings have ended: silence counts again')
  }

  return {
    update: (now) => {
      const { silent, live, longestInterval } = countPages(pages(), now, runningSince)
      // During an outage, the end of some silent recordings does not show that the others can reach us.
      const enough = since === null ? silent >= MIN_SILENT_PAGES : live > 0
      if (!enough || silent < SILENT_RATIO * live) {
        recover(now, longestInterval)
        return
      }
      recoveringSince = null
      if (since === null && !limitReached) begin(now, { silent, live })
      if (since === null || now - since < MAX_SUPPRESSION_MS) return
      limitReached = true
      end('most pages have been silent for 5 minutes: silence counts again, and Agora’s answers decide')
    },
    outageSince: () => since,
    resumed: (now) => {
      runningSince = now
    },
  }
}

interface Counts {
  silent: number
  live: number
}

const countPages = (
  pages: Iterable<PageActivity>,
  now: Time,
  runningSince: Time,
): Counts & { longestInterval: number } => {
  let [silent, live, longestInterval] = [0, 0, 0]
  for (const { at, interval } of pages) {
    const silence = now - Math.max(at, runningSince)
    // Silent for longer than an outage may last: the page is dead, and says nothing about the way in.
    if (silence > MAX_SUPPRESSION_MS + RECOVERY_INTERVALS * interval) continue
    live += 1
    longestInterval = Math.max(longestInterval, interval)
    if (silence > MISSED_INTERVALS * interval) silent += 1
  }
  return { silent, live, longestInterval }
}
