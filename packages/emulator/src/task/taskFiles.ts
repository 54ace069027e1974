import type { TaskFile } from '../types.ts'
import type { Task } from './task.ts'

/** Characters of cname that become `-` in file names. */
const SPECIAL_CHARACTERS = /[!@#$%^&*()+_.=[\]{}~|,;:?<>]/g

/** Agora refuses a cname with them; they would make folders, or cannot be in the name of a file. */
const IMPOSSIBLE_CHARACTERS = /[/\\\p{Cc}\p{Cs}]/gu

/** File systems allow 255 bytes for a whole name; sid, time and extension need about 55. */
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

/** Path of a task's playlist without its extension. */
export const baseName = ({ filePrefix, sid, cname }: Pick<Task, 'filePrefix' | 'sid' | 'cname'>): string =>
  [...filePrefix, `${sid}_${cnamePart(cname)}`].join('/')

/**
 * The files that a recording has so far; none until recording begins, and with `noFiles`. With a recorder: those that it has
 * written. Without one, those that there could be: `<prefix>/<sid>_<cname>.m3u8` and, with MP4, one
 * `<prefix>/<sid>_<cname>_<n>.mp4` for each `maxVideoDuration`, n from 0.
 * Naming: https://docs.agora.io/en/cloud-recording/develop/manage-files
 */
export const taskFiles = (task: Task, now: number): TaskFile[] => {
  if (task.recordingAt === null || task.uploads === 'noFiles') return []
  if (task.written !== null) return [...task.written]
  const recordingAt = task.recordingAt
  const name = baseName(task)
  const files: TaskFile[] = [{ filename: `${name}.m3u8`, sliceStartTime: recordingAt }]
  if (!task.mp4) return files
  // 1 ms is subtracted once the task is exiting, so that no file begins at the moment of the stop.
  const length = Math.max(0, (task.exitingAt ?? now) - recordingAt - (task.exitingAt === null ? 0 : 1))
  for (let n = 0; n <= Math.floor(length / task.maxVideoMs); n++) {
    files.push({ filename: `${name}_${n}.mp4`, sliceStartTime: recordingAt + n * task.maxVideoMs })
  }
  return files
}
