import type { EmulatorClock } from '../types.ts'
import { type Ffmpeg, type Segment, startFfmpeg } from './ffmpeg.ts'
import { ffmpegArgs, fitSize } from './ffmpegArgs.ts'
import { createPictureRepeater, type PictureSink } from './pictureRepeater.ts'
import { type CompletedFile, createRecordedFiles } from './recordedFiles.ts'
import type { RecordedTask, RecorderSignal, TaskRecorder } from './recorder.ts'
import { createUploader } from './uploader.ts'

export interface RecorderSettings {
  directory: string
  /** The executable. */
  ffmpeg: string
  fps: number
  /** Largest width or height of the files, in pixels. */
  longestSide: number
  sliceSeconds: number
  /** Longest time for the completion of the files, after which ffmpeg is killed. Not on `clock`: ffmpeg is a process. */
  finishTimeoutMs: number
  clock: EmulatorClock
}

/** A task's recorder, and its end. */
export interface ClosableTaskRecorder extends TaskRecorder {
  /** Completes the files without uploading any more. */
  close(): Promise<void>
}

export interface TaskRecorderListeners {
  onSignal(signal: RecorderSignal): void
  /** No process runs any more, and nothing is uploaded. */
  onEnded(): void
}

type State = 'idle' | 'writing' | 'finishing' | 'ended'

const NO_SINK: PictureSink = { full: () => true, write: () => {}, drained: async () => {} }

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Pictures of the page → frames at a constant rate → ffmpeg → files in the directory → the bucket. */
export const createTaskRecorder = (
  settings: RecorderSettings,
  task: RecordedTask,
  { onSignal, onEnded }: TaskRecorderListeners,
): ClosableTaskRecorder => {
  const { clock, fps, sliceSeconds, finishTimeoutMs, directory } = settings
  const size = fitSize(task, settings.longestSide)
  let state: State = 'idle'
  let ffmpeg: Ffmpeg | null = null
  /** What ffmpeg ended with; null if it has not ended, or has ended in order. */
  let ffmpegError: string | null = null
  let failed = false
  let hasPlaylist = false

  const sink = (): PictureSink => ffmpeg ?? NO_SINK
  const repeater = createPictureRepeater({
    clock,
    fps,
    sink: {
      full: () => sink().full(),
      write: (picture) => sink().write(picture),
      drained: () => sink().drained(),
    },
  })
  const uploader = createUploader({ target: task.target, clock, onSignal })
  const files = createRecordedFiles({
    directory,
    sid: task.sid,
    baseName: task.baseName,
    timeOf: repeater.timeOf,
  })

  /** Not inlined: TypeScript would assume that an `await` leaves the state as it was. */
  const isEnded = (): boolean => state === 'ended'

  const end = (): void => {
    state = 'ended'
    repeater.stop()
  }

  const removeUnfinished = (): void => {
    try {
      files.removeUnfinished()
    } catch {
      // The folder is hidden, and the recording is as complete without this.
    }
  }

  const abort = async (): Promise<void> => {
    end()
    uploader.close()
    await ffmpeg?.kill()
    removeUnfinished()
    onEnded()
  }

  /** The recorder has ended by itself. Nothing more is uploaded. */
  const fail = (detail: string): void => {
    if (state === 'ended') return
    failed = true
    void abort()
    onSignal({ type: 'recorderFailed', detail })
  }

  const handleCompleted = ({ filename, startedAt, isListed, upload }: CompletedFile): void => {
    uploader.add(upload)
    const isKnown = filename.endsWith('.m3u8') && hasPlaylist
    if (!isListed || isKnown) return
    hasPlaylist ||= filename.endsWith('.m3u8')
    onSignal({ type: 'fileWritten', file: { filename, sliceStartTime: startedAt } })
  }

  const handleSegment = (segment: Segment): void => {
    if (state === 'ended') return
    try {
      files.add(segment).forEach(handleCompleted)
    } catch (error) {
      fail(`a file could not be written: ${messageOf(error)}`)
    }
  }

  const handleExit = (error: string | null): void => {
    ffmpegError = error
    if (state === 'writing') fail(`ffmpeg ended: ${error ?? 'its input was closed'}`)
  }

  const startWriting = (): void => {
    try {
      files.createFolders()
      ffmpeg = startFfmpeg({
        executable: settings.ffmpeg,
        args: ffmpegArgs({
          size,
          fps,
          sliceSeconds,
          stereo: task.audioProfile === 2,
          mp4: task.mp4,
          videoSeconds: task.maxVideoMs / 1000,
        }),
        folder: files.folder,
        onSegment: handleSegment,
        onExit: handleExit,
      })
      state = 'writing'
    } catch (error) {
      fail(`the recorder could not start: ${messageOf(error)}`)
    }
  }

  /** Lets ffmpeg write what is due, and end. @returns why its last files are not complete; null if they are */
  const finishFfmpeg = async (running: Ffmpeg): Promise<string | null> => {
    let late: string | null = null
    const deadline = setTimeout(() => {
      late = `it did not end within ${finishTimeoutMs / 1000} s`
      void running.kill()
    }, finishTimeoutMs)
    const frames = await repeater.finish()
    if (frames === 0) await running.kill()
    else await running.finish()
    clearTimeout(deadline)
    return frames === 0 ? null : (late ?? ffmpegError)
  }

  const completeFiles = async (): Promise<void> => {
    if (state !== 'writing' || !ffmpeg) {
      end()
      return
    }
    state = 'finishing'
    const error = await finishFfmpeg(ffmpeg)
    if (isEnded()) return
    if (error !== null) {
      fail(`ffmpeg did not complete the last files: ${error}`)
      return
    }
    try {
      files.complete().forEach(handleCompleted)
    } catch (error) {
      fail(`the playlist could not be completed: ${messageOf(error)}`)
      return
    }
    removeUnfinished()
    end()
  }

  let completed: Promise<void> | null = null
  const finishWriting = (): Promise<void> => {
    completed ??= completeFiles()
    return completed
  }

  return {
    screencast: {
      maxWidth: size.width,
      maxHeight: size.height,
      intervalMs: 1000 / fps,
      onPicture: repeater.show,
    },
    start: () => {
      if (state === 'idle') startWriting()
      if (state === 'writing') repeater.start()
    },
    pause: () => {
      if (state === 'writing') repeater.pause()
    },
    finish: () => {
      void finishWriting().then(() => {
        if (!failed) onSignal({ type: 'recorderFinished' })
      })
    },
    abort: () => void abort(),
    finishUpload: () => {
      void uploader.finish().then(() => {
        onSignal({ type: 'uploadEnded' })
        onEnded()
      })
    },
    holdUpload: uploader.hold,
    setTarget: uploader.setTarget,
    close: async () => {
      uploader.close()
      await finishWriting()
      await ffmpeg?.kill()
    },
  }
}
