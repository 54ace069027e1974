import { z } from '@hono/zod-openapi'
import {
  type Attempt,
  REASON_CODES,
  type ReasonCode,
  type Recording,
  type Time,
} from '../../supervisor/recording.ts'

/** A time without a good recording: between two attempts whose page was well, or after the last of them. */
export interface GapView {
  from: string
  /** null: the gap is still open, or no attempt was well after it. */
  to: string | null
  /** The attempt whose page was well before the gap; null if there was none. */
  after: number | null
  /** The attempt whose page was well after the gap. */
  before: number | null
  /** Why the attempt before the gap ended; if there is none, why the first attempt did. */
  reason: ReasonCode | null
}

export const gapSchema: z.ZodType<GapView> = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime().nullable(),
  after: z.int().nullable(),
  before: z.int().nullable(),
  reason: z.enum(REASON_CODES).nullable(),
})

/** The gaps of a recording in their order. A pause is not a gap. */
export const gapsOf = ({ attempts, createdAt, desired }: Recording): GapView[] => {
  const gaps: GapView[] = []
  let from: Time | null = createdAt
  let after: Attempt | undefined
  for (const attempt of attempts) {
    if (attempt.loadedAt === null) continue
    // The time that the first attempt takes to load is not a gap.
    if (from !== null && attempt.number > 1) gaps.push(gap(from, attempts, after, attempt))
    from = attempt.wellUntil
    after = attempt
  }
  const last = attempts.at(-1)
  const isOpen = after && (desired === 'running' || after !== last)
  if (isOpen && from !== null) gaps.push(gap(from, attempts, after, undefined))
  return gaps
}

const gap = (
  from: Time,
  attempts: Attempt[],
  after: Attempt | undefined,
  before: Attempt | undefined,
): GapView => ({
  from: new Date(from).toISOString(),
  to: before?.loadedAt == null ? null : new Date(before.loadedAt).toISOString(),
  after: after?.number ?? null,
  before: before?.number ?? null,
  reason: (after ?? attempts[0])?.endReason?.code ?? null,
})
