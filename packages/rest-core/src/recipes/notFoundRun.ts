import { BACKOFFS } from '../classify.ts'

/** The 404s since the task was last found. */
export interface NotFoundRun {
  readonly count: number
  /** Seconds waited since the first 404, whatever the waits were for. */
  readonly waited: number
}

export const NO_NOT_FOUND_RUN: NotFoundRun = { count: 0, waited: 0 }

/** Seconds: 5 + 10 + 15, the backoff that Agora asks for before a 404 means anything (status codes). */
export const NOT_FOUND_BACKOFF: number = BACKOFFS.notFound.reduce((sum, wait) => sum + wait)

/**
 * Seconds that a failing-over task may answer 404: up to 30 after a server process died, 60 to 90 after a server was
 * cut off.
 *
 * @see https://docs.agora.io/en/cloud-recording/reference/common-errors
 */
export const MAX_FAILOVER = 90

const MAX_NOT_FOUND_DELAY = 15

export const addNotFound = (run: NotFoundRun): NotFoundRun => ({ ...run, count: run.count + 1 })

/** Adds a wait. A wait before the first 404 does not count. Other answers between two 404s do not end the run. */
export const addWait = (run: NotFoundRun, seconds: number): NotFoundRun =>
  run.count === 0 ? run : { ...run, waited: run.waited + seconds }

/** Seconds to wait after the latest 404: 5, 10, 15, then every 15. */
export const notFoundDelay = ({ count }: NotFoundRun): number =>
  BACKOFFS.notFound[count - 1] ?? MAX_NOT_FOUND_DELAY

/** Whether the task has ended: the backoff of 5, 10 and 15 s is used up, and `window` seconds are over. */
export const isConclusive = ({ count, waited }: NotFoundRun, window: number): boolean =>
  count > BACKOFFS.notFound.length && waited >= window
