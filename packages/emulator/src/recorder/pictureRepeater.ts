import type { EmulatorClock } from '../types.ts'

/** Where pictures go: an ffmpeg. */
export interface PictureSink {
  full(): boolean
  write(picture: Buffer): void
  drained(): Promise<void>
}

/** Turns pictures that come when a page changes into frames at a constant rate, by repeating the last one. */
export interface PictureRepeater {
  show(picture: Buffer): void
  /** Frames are due from now on. */
  start(): void
  /** No further frame is due until `start`. */
  pause(): void
  /** Stops, and writes the frames that are due until now. Resolves with the number of frames written. */
  finish(): Promise<number>
  /** Stops without writing what is due. */
  stop(): void
  /** Time at which the frame `seconds` after the first one was due, in ms since the epoch. */
  timeOf(seconds: number): number
}

export interface PictureRepeaterOptions {
  clock: EmulatorClock
  fps: number
  sink: PictureSink
}

/** A time without pause: frame `firstFrame` is due at `startedAt`. */
interface Run {
  firstFrame: number
  startedAt: number
}

export const createPictureRepeater = ({ clock, fps, sink }: PictureRepeaterOptions): PictureRepeater => {
  const intervalMs = 1000 / fps
  const runs: Run[] = []
  let picture: Buffer | null = null
  let running = false
  /** Frames that were due when the last run ended. */
  let dueBefore = 0
  let written = 0
  let cancelTimer: () => void = () => {}

  const framesDue = (): number => {
    const run = runs.at(-1)
    if (!running || !run) return dueBefore
    return run.firstFrame + Math.max(0, Math.floor((clock.now() - run.startedAt) / intervalMs))
  }

  /**
   * A page without a picture yet, or a slow ffmpeg, makes frames late, and the next pictures stand in for them: the files
   * are always as long as the recording.
   */
  const write = (): void => {
    const due = framesDue()
    while (picture && written < due && !sink.full()) {
      sink.write(picture)
      written += 1
    }
  }

  const tick = (): void => {
    write()
    cancelTimer = clock.after(intervalMs, tick)
  }

  const pause = (): void => {
    write()
    dueBefore = framesDue()
    running = false
  }

  const stop = (): void => {
    pause()
    cancelTimer()
  }

  return {
    show: (next) => {
      picture = next
    },
    start: () => {
      if (running) return
      const isFirst = runs.length === 0
      runs.push({ firstFrame: dueBefore, startedAt: clock.now() })
      running = true
      if (isFirst) tick()
    },
    pause,
    stop,
    finish: async () => {
      stop()
      while (picture && written < dueBefore) {
        await sink.drained()
        const before = written
        write()
        // The sink takes no more: ffmpeg has exited.
        if (written === before) break
      }
      return written
    },
    timeOf: (seconds) => {
      const frame = seconds * fps
      // Half a frame: the times that ffmpeg lists are rounded.
      const run = runs.findLast(({ firstFrame }) => firstFrame <= frame + 0.5) ?? runs[0]
      if (!run) throw new Error('No frame has been due yet')
      return Math.round(run.startedAt + (frame - run.firstFrame) * intervalMs)
    },
  }
}
