import type { Store } from '../store/store.ts'
import type { Signal } from '../supervisor/signal.ts'
import type { Downtime } from './downtimeDetector.ts'

/** Downtimes that some live recordings have not been signalled yet, because the store failed. */
export interface DowntimeQueue {
  add(downtime: Downtime): void
  /**
   * Signals all of them, once to each recording, in the order of the downtimes.
   * @throws if the store fails; the next call continues where this one ended
   */
  signalAll(): Promise<void>
}

/** A recording that the store failed to handle. */
export interface Failure {
  id: string
  error: unknown
}

/** @throws an error that names the first failure as its cause */
export const throwIfAny = (failures: readonly Failure[]): void => {
  const [first] = failures
  if (!first) return
  throw new Error(`${failures.length} recordings could not be handled, first ${first.id}`, {
    cause: first.error,
  })
}

interface Pending {
  downtime: Downtime
  claimsShifted: boolean
  /** Recordings to signal; undefined until they have been read. */
  ids?: string[]
}

export const createDowntimeQueue = (options: {
  store: Pick<Store, 'liveRecordings' | 'shiftClaims'>
  /** @returns the recordings that must be signalled again */
  signalBatch(ids: readonly string[], signal: Signal): Promise<Failure[]>
  batchSize: number
}): DowntimeQueue => {
  const { store, signalBatch, batchSize } = options
  const queue: Pending[] = []

  const signalOne = async (pending: Pending): Promise<void> => {
    const { downtimeMs, clockStepBackMs } = pending.downtime
    if (!pending.claimsShifted && clockStepBackMs > 0) await store.shiftClaims(-clockStepBackMs)
    pending.claimsShifted = true
    pending.ids ??= await store.liveRecordings()
    const signal = {
      type: 'resumedAfterDowntime',
      downtimeSeconds: downtimeMs / 1000,
      clockStepBackSeconds: clockStepBackMs / 1000,
    } as const
    while (pending.ids.length > 0) {
      const failed = await signalBatch(pending.ids.slice(0, batchSize), signal)
      pending.ids = [...failed.map(({ id }) => id), ...pending.ids.slice(batchSize)]
      throwIfAny(failed)
    }
  }

  return {
    add: (downtime) => void queue.push({ downtime, claimsShifted: false }),
    signalAll: async () => {
      for (let next = queue[0]; next; next = queue[0]) {
        await signalOne(next)
        queue.shift()
      }
    },
  }
}
