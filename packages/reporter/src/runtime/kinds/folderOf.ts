import { mainIdOf } from '../../standbyId.ts'

/** The longest folder of an id, in characters, with the slash: 64, one for the slash, one for `x`, and two gaps that are too long. */
export const MAX_FOLDER_LENGTH = 68

/**
 * The parts of the path at which the files of a recording's attempts are. Agora allows letters and digits in it. An id of
 * nothing else is its own folder. Of another one, the folder has the letters and digits, and a second part says where `-` and
 * `_` were, so that no two ids have the same folder, and none a folder within that of another: `550e8400-e29b-41d4-…` is in
 * `550e8400e29b41d4…/x844…`. A standby has a folder within its recording's.
 */
export const folderOf = (recordingId: string): string[] => {
  const mainId = mainIdOf(recordingId)
  const letters = (mainId ?? recordingId).replaceAll(/[-_]/g, '')
  const gaps = gapsIn(mainId ?? recordingId)
  return [letters, ...(gaps === '' ? [] : [`x${gaps}`]), ...(mainId === undefined ? [] : ['standby'])]
}

/** Letters and digits before a `-` or `_` that one character counts. */
const MAX_GAP = 25

/**
 * One character for each `-` and `_`: how many letters and digits stand between it and the one before. That of `-` is a digit of
 * base 36 (`0` to `9`, `a` to `p`), that of `_` a capital (`A` is 0). `z` stands for 26 letters or digits more.
 */
const gapsIn = (id: string): string =>
  [...id.matchAll(/([A-Za-z0-9]*)([-_])/g)]
    .map(([, { length } = '', separator]) => {
      const rest = length % (MAX_GAP + 1)
      const last = separator === '-' ? rest.toString(36) : String.fromCharCode(CODE_OF_A + rest)
      return 'z'.repeat(Math.floor(length / (MAX_GAP + 1))) + last
    })
    .join('')

const CODE_OF_A = 65
