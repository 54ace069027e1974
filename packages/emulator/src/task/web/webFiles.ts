import type { TaskFile } from '../../types.ts'
import { baseName } from '../fileNames.ts'
import type { WebTask } from './webTask.ts'

/** The files of the server that records now: `<base name>.m3u8` and, with MP4, one `_<n>.mp4` for each `maxVideoDuration`. */
const possibleFiles = (task: WebTask, recordingAt: number, now: number): TaskFile[] => {
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

/**
 * The files that a recording has so far; none until recording begins, and with `noFiles`. With a recorder: those that it has
 * written. Without one, those that there could be, n from 0, after those of the servers that have failed.
 */
export const webFiles = (task: WebTask, now: number): TaskFile[] => {
  if (task.uploads === 'noFiles') return []
  if (task.written !== null) return task.recordingAt === null ? [] : [...task.written]
  const current = task.recordingAt === null ? [] : possibleFiles(task, task.recordingAt, now)
  return [...task.formerFiles, ...current]
}

/** Whether there is something to upload, also if a server that has failed recorded it. */
export const hasRecorded = ({ recordingAt, formerFiles }: WebTask): boolean =>
  recordingAt !== null || formerFiles.length > 0
