import { accessSync, constants, mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { EmulatorClock, RecordOptions } from '../types.ts'
import { findFfmpeg } from './findFfmpeg.ts'
import { type Recorder, RecorderSetupError } from './recorder.ts'
import { type ClosableTaskRecorder, createTaskRecorder } from './taskRecorder.ts'

/** Small, so that a laptop records several pages beside everything else. */
const FPS = 10
const LONGEST_SIDE = 640
/** Agora's (https://docs.agora.io/en/cloud-recording/develop/manage-files). */
const SLICE_SECONDS = 15
/** An ffmpeg that works needs less than 1 s, and more only on a machine that is much too slow. */
const FINISH_TIMEOUT_MS = 15_000

/** @throws {RecorderSetupError} if files cannot be written into the directory */
const prepareDirectory = (directory: string): string => {
  try {
    mkdirSync(directory, { recursive: true })
    accessSync(directory, constants.W_OK)
    return resolve(directory)
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new RecorderSetupError(`recordings cannot be written into ${directory} (${reason}).`)
  }
}

/** @throws {RecorderSetupError} if there is no usable ffmpeg, or files cannot be written into the directory */
export const createRecorder = (options: RecordOptions, clock: EmulatorClock): Recorder => {
  const settings = {
    ffmpeg: findFfmpeg(options.ffmpeg),
    directory: prepareDirectory(options.directory),
    fps: options.fps ?? FPS,
    longestSide: options.longestSide ?? LONGEST_SIDE,
    sliceSeconds: options.sliceSeconds ?? SLICE_SECONDS,
    finishTimeoutMs: FINISH_TIMEOUT_MS,
    clock,
  }
  const recorders = new Set<ClosableTaskRecorder>()
  let closed = false

  return {
    record: (task, onSignal) => {
      const recorder = createTaskRecorder(settings, task, {
        onSignal: (signal) => {
          if (!closed) onSignal(signal)
        },
        onEnded: () => recorders.delete(recorder),
      })
      recorders.add(recorder)
      return recorder
    },
    close: async () => {
      closed = true
      await Promise.all([...recorders].map((recorder) => recorder.close()))
    },
  }
}
