import type { TaskFile } from '../types.ts'
import type { Task } from './task.ts'

/** Characters of cname that become `-` in file names. */
const SPECIAL_CHARACTERS = /[!@#$%^&*()+_.=[\]{}~|,;:?<>]/g

/** Path of a task's playlist without its extension. */
export const baseName = ({ filePrefix, sid, cname }: Pick<Task, 'filePrefix' | 'sid' | 'cname'>): string =>
  [...filePrefix, `${sid}_${cname.replace(SPECIAL_CHARACTERS, '-')}`].join('/')

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
