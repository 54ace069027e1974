import type { TaskFile } from '../types.ts'
import type { Task } from './task.ts'

/** Characters of cname that become `-` in file names (Agora, "Manage recorded files"). */
const SPECIAL = /[!@#$%^&*()+_.=[\]{}~|,;:?<>]/g

/**
 * The files of a web page recording so far: `<prefix>/<sid>_<cname>.m3u8`, and with MP4
 * `<prefix>/<sid>_<cname>_<n>.mp4`, n from 0, a new one each `maxVideoDuration`. None before something is recorded.
 */
export const taskFiles = (task: Task, now: number): TaskFile[] => {
  if (task.recordingAt === null) return []
  const recordingAt = task.recordingAt
  const name = [...task.filePrefix, `${task.sid}_${task.cname.replace(SPECIAL, '-')}`].join('/')
  const files: TaskFile[] = [{ filename: `${name}.m3u8`, sliceStartTime: recordingAt }]
  if (!task.mp4) return files
  // At the very moment of a stop no further file begins.
  const length = Math.max(0, (task.exitingAt ?? now) - recordingAt - (task.exitingAt === null ? 0 : 1))
  for (let n = 0; n <= Math.floor(length / task.maxVideoMs); n++) {
    files.push({ filename: `${name}_${n}.mp4`, sliceStartTime: recordingAt + n * task.maxVideoMs })
  }
  return files
}
