import { openAsBlob } from 'node:fs'
import { sleep } from '../clock.ts'
import type { EmulatorClock } from '../types.ts'
import { putObject, UploadError, unreadableFile } from './putObject.ts'
import type { RecorderSignal } from './recorder.ts'
import type { S3Target } from './s3Target.ts'

/** A file to upload: one on disk that does not change any more, or its text. */
export type Upload = { key: string; path: string } | { key: string; text: string }

export interface UploaderOptions {
  target: S3Target | null
  clock: EmulatorClock
  onSignal(signal: RecorderSignal): void
}

/** Brings the files of one task into its bucket, one at a time and in their order. */
export interface Uploader {
  /** Replaces one with the same key that is not uploaded yet. */
  add(upload: Upload): void
  hold(held: boolean): void
  setTarget(target: S3Target | null): void
  /** Tries three times to upload what is left. Resolves when it is uploaded, given up or held. */
  finish(): Promise<void>
  /** Ends what is being uploaded. */
  close(): void
}

/** Until failed uploads are tried again while the task records. */
export const RETRY_MS = 10_000

const FINAL_DELAYS_MS = [0, 1000, 3000]

/** Agora reports the progress once a minute (https://docs.agora.io/en/cloud-recording/develop/receive-notifications). */
const PROGRESS_MS = 60_000

const ALL = 10_000

const bodyOf = async (upload: Upload): Promise<Blob> => {
  if ('text' in upload) return new Blob([upload.text])
  try {
    return await openAsBlob(upload.path)
  } catch {
    throw unreadableFile()
  }
}

/** Names an unexpected error by its type only: its message might contain a key. */
const toUploadError = (error: unknown): UploadError => {
  if (error instanceof UploadError) return error
  return new UploadError(47, `the upload failed (${error instanceof Error ? error.name : typeof error})`)
}

export const createUploader = ({ target: first, clock, onSignal }: UploaderOptions): Uploader => {
  const controller = new AbortController()
  const { signal: closed } = controller
  const queue = new Map<string, Upload>()
  const added = new Set<string>()
  let target = first
  let held = false
  let finishing = false
  let failing = false
  let started = false
  let running: Promise<void> | null = null
  let cancelRetry: () => void = () => {}
  let cancelProgress: () => void = () => {}

  const isBlocked = (): boolean => closed.aborted || held || target === null

  const reportProgress = (): void => {
    const uploaded = added.size - queue.size
    onSignal({ type: 'uploadProgress', progress: Math.floor((ALL * uploaded) / added.size) })
    cancelProgress = clock.after(PROGRESS_MS, reportProgress)
  }

  const reportStart = (): void => {
    if (started) return
    started = true
    onSignal({ type: 'uploadStarted' })
    cancelProgress = clock.after(PROGRESS_MS, reportProgress)
  }

  const reportFailure = (error: unknown): void => {
    if (closed.aborted || failing) return
    failing = true
    const { code, message } = toUploadError(error)
    onSignal({ type: 'uploadFailed', errorCode: code, detail: message })
  }

  /** False if it failed. */
  const uploadOne = async (upload: Upload, to: S3Target): Promise<boolean> => {
    try {
      await putObject(to, { key: upload.key, body: await bodyOf(upload) }, closed)
      // A newer playlist may have taken its place meanwhile.
      if (queue.get(upload.key) === upload) queue.delete(upload.key)
      return true
    } catch (error) {
      reportFailure(error)
      return false
    }
  }

  const uploadAll = async (): Promise<void> => {
    for (let [next] = queue.values(); next && target && !isBlocked(); [next] = queue.values()) {
      reportStart()
      if (!(await uploadOne(next, target))) return
    }
    if (!failing || queue.size > 0) return
    failing = false
    onSignal({ type: 'uploadRecovered' })
  }

  const run = (): Promise<void> => {
    cancelRetry()
    running ??= uploadAll().finally(() => {
      running = null
      if (queue.size > 0 && !isBlocked() && !finishing) cancelRetry = clock.after(RETRY_MS, () => void run())
    })
    return running
  }

  const runUnlessFailing = (): void => {
    if (!failing && !finishing && !isBlocked()) void run()
  }

  return {
    add: (upload) => {
      queue.delete(upload.key)
      queue.set(upload.key, upload)
      added.add(upload.key)
      runUnlessFailing()
    },
    hold: (next) => {
      held = next
      runUnlessFailing()
    },
    setTarget: (next) => {
      target = next
      if (!finishing && !isBlocked()) void run()
    },
    finish: async () => {
      finishing = true
      cancelRetry()
      for (const delayMs of FINAL_DELAYS_MS) {
        if (queue.size === 0 || isBlocked()) break
        await sleep(clock, delayMs, closed)
        await run()
      }
      cancelProgress()
    },
    close: () => {
      controller.abort()
      cancelRetry()
      cancelProgress()
    },
  }
}
