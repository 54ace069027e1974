import { LIMITS } from '@stillrolling/rest-core'
import { describe, expect, test } from 'vitest'
import { UID_BASE, UID_BLOCK } from '../supervisor/recording.ts'
import type { UidRange } from '../uidRange.ts'
import { freeUidBase, NoUidsLeftError, UidsInUseError } from './uidBlocks.ts'

const MAX_UID = LIMITS.uid.max
/** The last one whose uids have 32 bits. */
const LAST_BASE = UID_BASE + Math.floor((MAX_UID - UID_BASE) / UID_BLOCK - 1) * UID_BLOCK

const block = (uidBase: number, isStopped = false) => ({
  ...{ recordingId: `of-${uidBase}`, uidBase, isStopped },
})

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
    ['is one below the first one if none is free above', [], [range(500_000, MAX_UID)], 0],
    ['is the lowest of those', [0, 100_000], [range(200_001, 200_001), range(500_000, MAX_UID)], 300_000],
    ['is the last of those', [], [range(1, 800_000), range(900_001, MAX_UID)], 800_000],
  ])('%s', (_what, uidBases, userRanges, expected) => {
    const blocks = uidBases.map((uidBase) => block(uidBase))
    expect(freeUidBase('room', { blocks, userRanges })).toBe(expected)
  })

  test.each([
    ['users have all uids', [range(1, MAX_UID)]],
    ['too few uids are left after the users', [range(1, LAST_BASE + 1)]],
    ['too few uids are left before the users', [range(100_000, MAX_UID)]],
  ])('does not exist if %s', (_what, userRanges) => {
    const free = () => freeUidBase('room', { blocks: [], userRanges })
    expect(free).toThrow(NoUidsLeftError)
    expect(free).toThrow('in the channel "room"')
    expect(free).not.toThrow('RETENTION_DAYS')
  })

  test('does not exist if a stopped recording has the last one, and the error says for how long', () => {
    const blocks = [block(900_000), block(1_000_000, true)]
    const free = () =>
      freeUidBase('room', { blocks, userRanges: [range(1, 900_000), range(1_100_001, MAX_UID)] })
    expect(free).toThrow(NoUidsLeftError)
    expect(free).toThrow('of stopped recordings are kept until these are removed (RETENTION_DAYS)')
  })

  test.each([
    ['the first uid', range(900_001, 900_001)],
    ['the last uid', range(1_000_000, 2_000_000)],
    ['all uids', range(1, MAX_UID)],
  ])('is refused to a recording whose users have %s of another one', (_what, users) => {
    const free = (isStopped: boolean) => () =>
      freeUidBase('room', { blocks: [block(900_000, isStopped)], userRanges: [] }, users)
    expect(free(false)).toThrow(UidsInUseError)
    expect(free(false)).toThrow(
      'the recording "of-900000" in the same channel, whose attempts get 900001 to 1000000',
    )
    expect(free(true)).not.toThrow(UidsInUseError)
  })

  test('overlaps no users of the new recording, and those may have uids beside another one', () => {
    const taken = { blocks: [block(1_000_000)], userRanges: [] }
    expect(freeUidBase('room', taken, range(900_500, 1_000_000))).toBe(1_100_000)
    expect(freeUidBase('room', taken, range(1_100_001, 1_100_001))).toBe(900_000)
  })
})
