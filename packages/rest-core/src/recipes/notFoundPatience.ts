import { WAITS } from '../classify.ts'

/** What is known about the 404s of a task since it was last seen. */
export interface NotFoundRun {
  /** How many 404s came, the first included. */
  readonly count: number
  /** Seconds waited since the first one, whatever the waits were for. */
  readonly waited: number
}

export const NO_NOT_FOUND: NotFoundRun = { count: 0, waited: 0 }

/** Seconds: 5 + 10 + 15, after which a 404 may be believed at all (Agora, status codes). */
export const notFoundBackOff: number = WAITS.notFound.reduce((sum, wait) => sum + wait)

/** Seconds that a failover may answer 404: 30 after a dead process, 60 to 90 after a server was cut off. */
export const LONGEST_FAILOVER = 90

const LAST_DELAY = 15

/** Seconds to wait after the latest 404: 5, 10, 15 (Agora, status codes), then every 15. */
export const notFoundDelay = ({ count }: NotFoundRun): number => WAITS.notFound[count - 1] ?? LAST_DELAY

/** A wait after the first 404. Other answers between two 404s take time, and neither confirm nor refute them. */
export const later = (run: NotFoundRun, seconds: number): NotFoundRun =>
  run.count === 0 ? run : { ...run, waited: run.waited + seconds }

/** Whether the latest 404 is to be believed: asked again after 5, 10 and 15 s, and the window is over. */
export const believed = ({ count, waited }: NotFoundRun, window: number): boolean =>
  count > WAITS.notFound.length && waited >= window
