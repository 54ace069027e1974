import type { Logger } from 'pino'
import { iso } from '../isoTime.ts'
import type { Clock } from './clock.ts'

/** Counts what is accepted and refused at one of the reporter's edges, for `/readyz` and the log. */
export interface Acceptance {
  accepted(): void
  /** @param why for people; it must hold no secret and nothing that a stranger may choose */
  refused(why: string): void
  /** Accepted, and of no use here. Counted only. @param kind one of a few, for people */
  ignored(kind: string): void
  /** When the last one was accepted, by the wall clock; undefined before the first. */
  acceptedAt(): number | undefined
  /** `ok` unless the last one was refused, and that still counts. */
  check(): Check
}

/** One line of `/readyz`. */
export interface Check {
  ok: boolean
  detail: string
}

/** Between two lines of the log about refusals. */
const LOG_INTERVAL_MS = 60_000

/** For how long a refusal counts where strangers can cause it, in milliseconds: a check does not stay failed for them. */
export const STRANGERS_REFUSAL_MS = 600_000

/** The same where each request has an address of its own: its recording may have been stopped since. */
export const ADDRESS_REFUSAL_MS = 600_000

/**
 * @param subject what is refused, for the log: "Notifications were refused"
 * @param options.refusalCountsMs how long the check fails after a refusal; by default until something is accepted
 */
export const createAcceptance = (
  subject: string,
  options: { clock: Clock; log: Pick<Logger, 'warn'>; refusalCountsMs?: number },
): Acceptance => {
  const { clock, log, refusalCountsMs = Number.POSITIVE_INFINITY } = options
  let acceptedAt: number | undefined
  let refusal: { at: number; why: string } | undefined
  /** Monotonic time until which the check fails. */
  let failsUntil = Number.NEGATIVE_INFINITY
  /** Since the last line of the log. */
  let count = 0
  let loggedAt = Number.NEGATIVE_INFINITY
  const ignored = new Map<string, number>()

  return {
    accepted: () => {
      acceptedAt = clock.now()
      failsUntil = Number.NEGATIVE_INFINITY
    },
    refused: (why) => {
      refusal = { at: clock.now(), why }
      failsUntil = clock.elapsed() + refusalCountsMs
      count += 1
      if (clock.elapsed() - loggedAt < LOG_INTERVAL_MS) return
      loggedAt = clock.elapsed()
      log.warn({ count, why }, `${subject} were refused (${count} since the last such line): ${why}`)
      count = 0
    },
    ignored: (kind) => {
      ignored.set(kind, (ignored.get(kind) ?? 0) + 1)
    },
    acceptedAt: () => acceptedAt,
    check: () => {
      const accepted = `last accepted: ${acceptedAt === undefined ? 'none yet' : iso(acceptedAt)}`
      const refused = refusal ? `last refused: ${iso(refusal.at)}: ${refusal.why}` : 'none refused'
      const counts = [...ignored].map(([kind, times]) => `${times} (${kind})`)
      const unused = counts.length === 0 ? [] : [`ignored: ${counts.join(', ')}`]
      return { ok: clock.elapsed() >= failsUntil, detail: [accepted, refused, ...unused].join('; ') }
    },
  }
}
