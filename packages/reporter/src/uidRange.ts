import { z } from 'zod'

/** Uids of a channel's own users, both ends included. */
export interface UidRange {
  from: number
  to: number
}

const requestSchema = z.looseObject({ uidRange: z.object({ from: z.number(), to: z.number() }) })

/** The range that a request names, also a stored one of another version; undefined if it names none. */
export const uidRangeOf = (request: unknown): UidRange | undefined =>
  requestSchema.safeParse(request).data?.uidRange
