import { describe, expect, test } from 'vitest'
import { UID_BASE, UID_BLOCK } from '../supervisor/recording.ts'
import { MAX_UID, type UidRange } from '../uidRange.ts'
import { freeUidBase, NoUidsLeftError } from './uidBlocks.ts'

/** The last one whose uids have 32 bits. */
const LAST_BASE = UID_BASE + Math.floor((MAX_UID - UID_BASE) / UID_BLOCK - 1) * UID_BLOCK

const range = (from: number, to: number): UidRange => ({ from, to })

describe('the lowest block of uids', () => {
  test.each([
    ['is the first in an empty channel', [], [], 900_000],
    ['is the one after those of the other recordings', [900_000, 1_000_000], [], 1_100_000],
    ['is that of a recording that has been removed', [900_000, 1_100_000], [], 1_000_000],
    ['does not depend on the order of the recordings', [1_000_000, 900_000], [], 1_100_000],
    ['overlaps no block that begins elsewhere', [950_000], [], 1_100_000],
    ['is not moved by users below it', [], [range(1, 900_000)], 900_000],
    ['is moved by a user with its first uid', [], [range(900_001, 900_001)], 1_000_000],
    ['is moved by a user with its last uid', [], [range(1_000_000, 1_000_000)], 1_000_000],
    ['is not moved by a user after it', [], [range(1_000_001, 1_000_001)], 900_000],
    ['lies between two ranges of users', [], [range(1, 950_000), range(1_200_000, 1_900_000)], 1_000_000],
    ['lies after overlapping ranges', [], [range(1, 2_500_000), range(800_000, 1_200_000)], 2_500_000],
    ['avoids users and recordings', [1_000_000], [range(900_500, 900_600)], 1_100_000],
    ['may be the last one', [], [range(1, LAST_BASE)], LAST_BASE],
  ])('%s', (_what, uidBases, userRanges, expected) => {
    expect(freeUidBase('room', { uidBases, userRanges })).toBe(expected)
  })

  test.each([
    ['users have all uids', [range(1, MAX_UID)]],
    ['too few uids are left after the users', [range(1, LAST_BASE + 1)]],
  ])('does not exist if %s', (_what, userRanges) => {
    const free = () => freeUidBase('room', { uidBases: [], userRanges })
    expect(free).toThrow(NoUidsLeftError)
    expect(free).toThrow('in the channel "room"')
  })
})
