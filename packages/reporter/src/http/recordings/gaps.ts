import { z } from '@hono/zod-openapi'
import { iso, isoOrNull } from '../../isoTime.ts'
import {
  type Attempt,
  REASON_CODES,
  type ReasonCode,
  type Recording,
  type Time,
} from '../../supervisor/recording.ts'
import { isFailure } from '../../supervisor/restart.ts'
import { isInLine } from '../../supervisor/settle.ts'
import type { History } from './history.ts'

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

export const gapSchema: z.ZodType<GapView> = z
  .object({
    from: z.iso.datetime(),
    to: z.iso.datetime().nullable(),
    after: z.int().nullable(),
    before: z.int().nullable(),
    reason: z.enum(REASON_CODES).nullable(),
  })
  .openapi('Gap')

/** The gaps of a recording in their order, as far back as the history goes. A pause is not a gap. */
export const gapsOf = (recording: Recording, { attempts, since }: History): GapView[] => {
  const { createdAt, desired } = recording
  const gaps: GapView[] = []
  // What was before the first attempt of an incomplete history is not known.
  let from: Time | null = since === null ? createdAt : null
  let after: Attempt | undefined
  for (const attempt of attempts.toSorted((one, other) => (one.loadedAt ?? 0) - (other.loadedAt ?? 0))) {
    if (attempt.loadedAt === null) continue
    // The time that the first attempt takes to load is not a gap, and a candidate may load before the former one fails.
    const isLate = from !== null && attempt.loadedAt > from
    if (from !== null && isLate && attempt.number > 1)
      gaps.push(gap(recording, attempts, { from, after, before: attempt }))
    const wellUntil = wellUntilOf(recording, attempt)
    from = from === null || wellUntil === null ? wellUntil : Math.max(from, wellUntil)
    after = attempt
  }
  const last = attempts.findLast(isInLine)
  const isOpen = after && (desired === 'running' || after !== last)
  if (isOpen && from !== null) gaps.push(gap(recording, attempts, { from, after }))
  return gaps
}

/**
 * Until when the attempt was well; null if it still is. A current attempt that is being replaced has not been well since its
 * evidence began; without a page, and lost at Agora, since Agora last confirmed that it records.
 */
export const wellUntilOf = ({ replacing }: Recording, attempt: Attempt): Time | null => {
  const isReplaced = attempt.state === 'current' && replacing !== null && isFailure(replacing)
  if (!isReplaced) return attempt.wellUntil
  const lostAfter = replacing.code === 'lost_at_agora' ? attempt.recordsAt : null
  return attempt.page?.failingSince ?? attempt.lastBeatAt ?? lostAfter
}

const gap = (
  { replacing }: Recording,
  attempts: readonly Attempt[],
  { from, after, before }: { from: Time; after?: Attempt; before?: Attempt },
): GapView => ({
  from: iso(from),
  to: isoOrNull(before?.loadedAt ?? null),
  after: after?.number ?? null,
  before: before?.number ?? null,
  reason: (after ?? attempts[0])?.endReason?.code ?? replacing?.code ?? null,
})
