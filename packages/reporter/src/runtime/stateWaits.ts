import { mainIdOf } from '../standbyId.ts'
import { isTerminal } from '../store/recordingFacts.ts'
import type { StoredRecording } from '../store/types.ts'
import type { Recording, RecordingState } from '../supervisor/recording.ts'
import type { Changes } from './changes.ts'
import { type After, after as afterByDefault } from './clock.ts'
import type { Engine } from './engine.ts'

/** Requests that wait until a recording is in one of some states. */
export interface StateWaits {
  /**
   * Resolves when the recording is in one of the states, cannot reach any of them any more, or the time is over. Its state
   * says which.
   * @returns the recording as it is then; undefined if none has this id
   * @throws {TooManyWaitsError}
   */
  wait(id: string, options: WaitOptions): Promise<StoredRecording | undefined>
  /** Ends all waits now, and from now on each as soon as it begins. */
  end(): void
}

export interface WaitOptions {
  states: readonly RecordingState[]
  timeoutMs: number
  /** Ends the wait early. */
  signal: AbortSignal
}

/** As many wait as are allowed to. */
export class TooManyWaitsError extends Error {}

/** A wait takes a connection, a timer and about 1 kB. */
export const MAX_WAITS = 1000

export const createStateWaits = (options: {
  engine: Pick<Engine, 'load'>
  changes: Pick<Changes, 'follow'>
  after?: After
  /** How many may wait at the same time. */
  limit?: number
}): StateWaits => {
  const { engine, changes, after = afterByDefault, limit = MAX_WAITS } = options
  /** Each ends one wait. */
  const running = new Set<() => void>()
  let ended = false

  return {
    wait: async (id, { states, timeoutMs, signal }) => {
      if (running.size >= limit) throw new TooManyWaitsError()
      let isOver = ended || signal.aborted
      let isStale = true
      let wake = (): void => {}
      const end = (): void => {
        isOver = true
        wake()
      }
      const stopFollowing = changes.follow(mainIdOf(id) ?? id, () => {
        isStale = true
        wake()
      })
      const cancelTimeout = after(timeoutMs, end)
      signal.addEventListener('abort', end)
      running.add(end)
      try {
        for (;;) {
          const isLast = isOver
          isStale = false
          const stored = await engine.load(id)
          if (!stored || isLast || isSettled(stored.recording, states)) return stored
          // What has changed while the row was read may not be in it.
          if (!isStale && !isOver) {
            await new Promise<void>((resolve) => {
              wake = resolve
            })
          }
        }
      } finally {
        stopFollowing()
        cancelTimeout()
        signal.removeEventListener('abort', end)
        running.delete(end)
      }
    },
    end: () => {
      ended = true
      for (const end of running) end()
    },
  }
}

/** Whether waiting longer is pointless: it is in one of the states, or none of them can follow. */
const isSettled = (recording: Recording, states: readonly RecordingState[]): boolean => {
  const { state, desired } = recording
  if (states.includes(state) || isTerminal(recording)) return true
  return desired === 'stopped' && !states.some((each) => each === 'stopping' || each === 'stopped')
}
