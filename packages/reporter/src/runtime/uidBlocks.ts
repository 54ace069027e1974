import { LIMITS } from '@stillrolling/rest-core'
import type { TakenUids } from '../store/types.ts'
import { UID_BASE, UID_BLOCK } from '../supervisor/recording.ts'
import type { UidRange } from '../uidRange.ts'

/** No block of uids is free in the channel. */
export class NoUidsLeftError extends Error {
  constructor(cname: string, { blocks }: Pick<TakenUids, 'blocks'>) {
    const kept = blocks.some(({ isStopped }) => isStopped)
      ? ' The uids of stopped recordings are kept until these are removed (RETENTION_DAYS).'
      : ''
    super(
      `No ${UID_BLOCK} uids in a row are left in the channel "${cname}": its recordings, and the ranges that they name as uidRange, take all of them. Name a smaller uidRange.${kept}`,
    )
  }
}

/** Users of the channel have uids that attempts of another recording have, or may get. */
export class UidsInUseError extends Error {
  constructor({ recordingId, uidBase }: TakenUids['blocks'][number]) {
    super(
      `The uidRange has uids of the recording "${recordingId}" in the same channel, whose attempts get ${uidBase + 1} to ${uidBase + UID_BLOCK}. Stop that recording first, or name a range without these.`,
    )
  }
}

/**
 * Recordings in one channel have disjoint uids: an attempt with the uid of another one, or of a user, would push it out of
 * the channel.
 * @param users the range that the new recording's own request names
 * @returns the `uidBase` of the lowest block from `UID_BASE` on, or else below, that overlaps neither another recording's nor
 * a range of users. The blocks of different recordings are `UID_BLOCK` apart
 * @throws {UidsInUseError}
 * @throws {NoUidsLeftError}
 */
export const freeUidBase = (cname: string, taken: TakenUids, users?: UidRange): number => {
  const { blocks, userRanges } = taken
  const inUse = blocks.find((block) => !block.isStopped && users && overlap(uidsOf(block), users))
  if (inUse) throw new UidsInUseError(inUse)
  const ranges = [...userRanges, ...(users ? [users] : []), ...blocks.map(uidsOf)]
  const base = lowestFree(ranges, UID_BASE, LIMITS.uid.max) ?? lowestFree(ranges, 0, UID_BASE)
  if (base === undefined) throw new NoUidsLeftError(cname, taken)
  return base
}

const uidsOf = ({ uidBase }: Pick<TakenUids['blocks'][number], 'uidBase'>): UidRange => ({
  from: uidBase + 1,
  to: uidBase + UID_BLOCK,
})

const overlap = (one: UidRange, other: UidRange): boolean => one.from <= other.to && other.from <= one.to

/** The base of the lowest free block with uids above `first`, in steps of `UID_BLOCK`, and up to `last`. */
const lowestFree = (taken: readonly UidRange[], first: number, last: number): number | undefined => {
  let base = first
  for (const { from, to } of taken.toSorted((one, other) => one.from - other.from)) {
    if (from > base + UID_BLOCK) break
    if (to > base) base = first + Math.ceil((to - first) / UID_BLOCK) * UID_BLOCK
  }
  return base + UID_BLOCK > last ? undefined : base
}
