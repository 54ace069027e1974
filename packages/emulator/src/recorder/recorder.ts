import type { TaskFile } from '../types.ts'
import type { S3Target } from './s3Target.ts'

/** What a recorder reports to its task. */
export type RecorderSignal =
  /** A file is complete, or the playlist lists its first slice. */
  | { type: 'fileWritten'; file: TaskFile }
  /** The recorder has ended by itself, perhaps while it completed the files; no `recorderFinished` follows. */
  | { type: 'recorderFailed'; detail: string }
  /** After `finish`: every file is complete. */
  | { type: 'recorderFinished' }
  | { type: 'uploadStarted' }
  /** @unit of `progress`: hundredths of a percent */
  | { type: 'uploadProgress'; progress: number }
  /** Reported once for each unbroken run of failures. */
  | { type: 'uploadFailed'; errorCode: UploadErrorCode; detail: string }
  /** Every file that had failed is in the bucket. */
  | { type: 'uploadRecovered' }
  /** After `finishUpload`: the uploader has nothing left to do, or has given up. */
  | { type: 'uploadEnded' }

/** `errorCode` of event 1: 32 the storage's configuration is wrong, 47 an upload failed. */
export type UploadErrorCode = 32 | 47

/** The part of a task that its recorder needs. */
export interface RecordedTask {
  sid: string
  /** Size of the page in CSS pixels. */
  width: number
  height: number
  /** 0 and 1 are mono, 2 is stereo. */
  audioProfile: number
  mp4: boolean
  /** Length of an MP4 file. */
  maxVideoMs: number
  /** Name of the playlist without its extension, with the prefix. */
  baseName: string
  /** The bucket; null if files are not uploaded. */
  target: S3Target | null
}

/** Asks a page for its picture whenever it changes. */
export interface Screencast {
  /** The longest sides of a picture, in pixels; larger ones are scaled down. */
  maxWidth: number
  maxHeight: number
  /** Shortest time between two pictures. */
  intervalMs: number
  /** @param picture a JPEG */
  onPicture(picture: Buffer): void
}

/** Records one task. All methods are idempotent, and errors become signals. */
export interface TaskRecorder {
  screencast: Screencast
  /** Writes from now on, again after `pause`. */
  start(): void
  pause(): void
  /** Completes the files; `recorderFinished` or `recorderFailed` follows. */
  finish(): void
  /** Ends as a killed recorder does: the files written so far remain, and nothing more is uploaded. */
  abort(): void
  /** Uploads what is not in the bucket yet; `uploadEnded` follows. Call it after `recorderFinished`. */
  finishUpload(): void
  /** While true, nothing is uploaded. */
  holdUpload(held: boolean): void
  /** From now on files are uploaded with these credentials. */
  setTarget(target: S3Target | null): void
}

/** Writes the files of all tasks. */
export interface Recorder {
  record(task: RecordedTask, onSignal: (signal: RecorderSignal) => void): TaskRecorder
  /** Completes all files without uploading any more, and ends every process. No signal follows. */
  close(): Promise<void>
}

/** Recording cannot begin on this machine; the message says what to do. */
export class RecorderSetupError extends Error {
  override name = 'RecorderSetupError'
}
