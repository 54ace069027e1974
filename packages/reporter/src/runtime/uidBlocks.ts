import type { TakenUids } from '../store/types.ts'
import { UID_BASE, UID_BLOCK } from '../supervisor/recording.ts'
import { MAX_UID, type UidRange } from '../uidRange.ts'

/**
 * Recordings in one channel have disjoint uids: an attempt with the uid of another one, or of a user, would push it out of
 * the channel.
 */
export class NoUidsLeftError extends Error {
  constructor(cname: string) {
    super(
      `No ${UID_BLOCK} uids in a row are left in the channel "${cname}": its recordings, and the ranges that they name as uidRange, take all of them. Name a smaller uidRange.`,
    )
  }
}

/**
 * The `uidBase` of the lowest block that overlaps neither another recording's nor a range of users. The blocks of different
 * recordings are `UID_BLOCK` apart.
 * @throws {NoUidsLeftError}
 */
export const freeUidBase = (cname: string, { uidBases, userRanges }: TakenUids): number => {
  const blocks = uidBases.map((base): UidRange => ({ from: base + 1, to: base + UID_BLOCK }))
  const taken = [...userRanges, ...blocks].sort((one, other) => one.from - other.from)
  let base = UID_BASE
  for (const { from, to } of taken) {
    if (from > base + UID_BLOCK) break
    if (to > base) base = UID_BASE + Math.ceil((to - UID_BASE) / UID_BLOCK) * UID_BLOCK
  }
  if (base + UID_BLOCK > MAX_UID) throw new NoUidsLeftError(cname)
  return base
}
