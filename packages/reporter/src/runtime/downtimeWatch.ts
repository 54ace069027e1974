import type { Logger } from 'pino'
import type { Store } from '../store/store.ts'
import type { Downtime } from '../store/types.ts'
import type { Downtimes } from '../supervisor/recording.ts'
import { type Clock, every } from './clock.ts'
import { createDowntimeDetector } from './downtimeDetector.ts'

/**
 * Notices downtimes, and stores each as one fact, whatever the number of recordings: every decision reads it, and applies
 * what the recording has missed. Nothing is decided between the end of a downtime and its storing.
 */
export interface DowntimeWatch {
  /** To be called once, before anything is decided: stores how long no reporter ran. */
  begin(): Promise<void>
  /**
   * Notices that the process did not run since the last call. To be called before anything is judged.
   * @returns whether a downtime has ended and is not stored yet
   */
  check(): boolean
  /** Adds a downtime that was noticed elsewhere. */
  add(downtime: Downtime): void
  /**
   * Stores the downtimes that have ended.
   * @throws if the store fails; the next call tries again
   */
  settle(): Promise<void>
  /** Monotonic time of the last downtime that was noticed. */
  noticedAt(): number
  /** Checks from now on, so that a slow pass of the sweep is no downtime, and a suspension during one is. */
  start(): void
  stop(): void
}

export interface DowntimeWatchOptions {
  store: Pick<Store, 'readTick' | 'writeTick' | 'readDowntimes' | 'addDowntime'>
  clock: Clock
  log: Logger
  /** Called with the stored fact, and with what it added. At the start also if nothing was added. */
  onStored: (downtimes: Downtimes, added?: Downtime) => void
}

/** Far less than the pause that counts as a downtime. */
const CHECK_INTERVAL_MS = 500

export const createDowntimeWatch = (options: DowntimeWatchOptions): DowntimeWatch => {
  const { store, clock, log, onStored } = options
  const detector = createDowntimeDetector(clock)
  const pending: Downtime[] = []
  let storing: Promise<void> | undefined
  let noticedAt = Number.NEGATIVE_INFINITY
  let endChecks = (): void => {}

  const add = (downtime: Downtime): void => {
    noticedAt = clock.elapsed()
    pending.push(downtime)
  }

  const check = (): boolean => {
    const downtime = detector.check()
    if (downtime) {
      log.warn(downtime, describe(downtime))
      add(downtime)
    }
    return pending.length > 0
  }

  const storePending = async (): Promise<void> => {
    const taken = [...pending]
    const downtime = sumOf(taken)
    const downtimes = await store.addDowntime(downtime, clock.now())
    onStored(downtimes, downtime)
    pending.splice(0, taken.length)
  }

  const settle = async (): Promise<void> => {
    while (check()) {
      storing ??= storePending().finally(() => {
        storing = undefined
      })
      await storing
    }
  }

  return {
    begin: async () => {
      check()
      onStored(await store.readDowntimes())
      const lastTick = await store.readTick()
      if (lastTick === undefined) {
        await store.writeTick(clock.now())
        return
      }
      const sinceTick = clock.now() - lastTick
      add({ downtimeMs: Math.max(0, sinceTick), clockStepBackMs: Math.max(0, -sinceTick) })
      await settle()
    },
    check,
    add,
    settle,
    noticedAt: () => noticedAt,
    start: () => {
      endChecks()
      endChecks = every(CHECK_INTERVAL_MS, check)
    },
    stop: () => endChecks(),
  }
}

const sumOf = (downtimes: readonly Downtime[]): Downtime => ({
  downtimeMs: downtimes.reduce((sum, { downtimeMs }) => sum + downtimeMs, 0),
  clockStepBackMs: downtimes.reduce((sum, { clockStepBackMs }) => sum + clockStepBackMs, 0),
})

const describe = ({ clockStepBackMs }: Downtime): string =>
  clockStepBackMs > 0
    ? 'the wall clock stepped back: all stored times are shifted'
    : 'the reporter was stalled: all deadlines start anew'
