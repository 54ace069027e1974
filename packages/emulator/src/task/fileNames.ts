import type { TaskFacts } from './task.ts'

/** Characters of cname that become `-` in file names. */
const SPECIAL_CHARACTERS = /[!@#$%^&*()+_.=[\]{}~|,;:?<>]/g

/** Agora refuses a cname with them; they would make folders, or cannot be in the name of a file. */
const IMPOSSIBLE_CHARACTERS = /[/\\\p{Cc}\p{Cs}]/gu

/** File systems allow 255 bytes for a whole name; sid, uid, time and extension need about 75. */
const MAX_CNAME_BYTES = 180

/** The longest beginning of whole characters that takes at most `maxBytes` as UTF-8. */
const shorten = (text: string, maxBytes: number): string => {
  let left = maxBytes
  const fits = (character: string): boolean => {
    left -= Buffer.byteLength(character)
    return left >= 0
  }
  const characters = [...text]
  const end = characters.findIndex((character) => !fits(character))
  return end === -1 ? text : characters.slice(0, end).join('')
}

const cnamePart = (cname: string): string =>
  shorten(cname.replace(SPECIAL_CHARACTERS, '-').replace(IMPOSSIBLE_CHARACTERS, '-'), MAX_CNAME_BYTES)

/** The server that records after the nth failover begins new files, with `bak<n - 1>_` before their names. */
const backupPart = (failovers: number): string => (failovers === 0 ? '' : `bak${failovers - 1}_`)

/**
 * Path of a task's files up to what tells them apart.
 * Naming: https://docs.agora.io/en/cloud-recording/develop/manage-files
 */
export const baseName = ({
  filePrefix,
  sid,
  cname,
  session,
}: Pick<TaskFacts, 'filePrefix' | 'sid' | 'cname' | 'session'>): string =>
  [...filePrefix, `${backupPart(session.failovers)}${sid}_${cnamePart(cname)}`].join('/')
