import type { Memory } from '../../../packages/reporter/src/testing/memoryStore.ts'
import type { VirtualTime } from '../virtualTime.ts'
import type { Lifecycle } from './lifecycle.ts'

/** Runs the sweep only when it has something to do: the real loop runs every 100 ms, which would cost the most. */
export interface SweepTimer {
  /** Sets the timer of the next sweep. To be called after each event. */
  schedule(): void
  /** The sweep runs from now on. */
  start(): void
  /** A request arrived, so that reports may wait for a flush. */
  onRequest(): void
}

/** The interval of the real loop. */
const GRID_MS = 100
const FLUSH_MS = 1000
/** Far less than the pause that the sweep takes for downtime. */
const IDLE_MS = 4000

export const createSweepTimer = (options: {
  memory: Memory
  time: VirtualTime
  lifecycle: Lifecycle
  sweepOnce: () => Promise<unknown>
  pollEffects: () => void
  isStoreBroken: () => boolean
}): SweepTimer => {
  const { memory, time, lifecycle, sweepOnce, pollEffects, isStoreBroken } = options
  let lastSweepAt = lifecycle.now()
  let requested = false
  let failed = false
  let sweeping = true
  let timer: { at: number; cancel: () => void } | undefined

  const run = async (): Promise<void> => {
    timer = undefined
    sweeping = true
    requested = false
    try {
      await sweepOnce()
      failed = false
    } catch {
      // The real loop tries again after its interval too.
      failed = true
    }
    if (memory.tables.effects.size > 0) pollEffects()
    lastSweepAt = lifecycle.now()
    sweeping = false
  }

  /** By the time itself; the store's times are the wall clock's. */
  const nextDueAt = (): number => nextDue(memory) - (time.wallNow() - time.now())

  return {
    schedule: () => {
      if (!lifecycle.isAlive() || sweeping || lifecycle.isSuspended()) return
      const waitMs = isStoreBroken() || failed ? 0 : requested ? FLUSH_MS : IDLE_MS
      const at = Math.max(lastSweepAt + GRID_MS, Math.min(lastSweepAt + waitMs, onGrid(nextDueAt())))
      if (timer && timer.at <= at) return
      timer?.cancel()
      timer = { at, cancel: lifecycle.after(at - lifecycle.now(), () => void run()) }
    },
    start: () => {
      sweeping = false
    },
    onRequest: () => {
      requested = true
    },
  }
}

const onGrid = (at: number): number => Math.ceil(at / GRID_MS) * GRID_MS

/** When the next recording or effect in the store is due. */
const nextDue = ({ tables }: Memory): number => {
  let next = Number.POSITIVE_INFINITY
  for (const { dueAt } of tables.recordings.values()) if (dueAt !== null && dueAt < next) next = dueAt
  for (const { claimedUntil } of tables.effects.values()) if (claimedUntil < next) next = claimedUntil
  return next
}
