import type { Store, StoreOperations } from '../../../packages/reporter/src/store/store.ts'
import { wrapOperations } from '../../../packages/reporter/src/testing/wrapOperations.ts'
import type { Kit } from '../kit.ts'
import type { Lifecycle } from './lifecycle.ts'

/** The store as one process sees it: each verb is a step at which the process can die, and the store can break. */
export interface ProcessStore {
  store: Store
  isBroken(): boolean
  /** Every call is rejected until `repair`. */
  break(): void
  /** @returns for how many milliseconds the store was broken; 0 if it was not, or the process is dead */
  repair(): number
}

type Around = <T>(what: unknown, job: () => Promise<T>) => Promise<T>

export const createProcessStore = (options: {
  connection: Store
  lifecycle: Lifecycle
  kit: Kit
  /** A transaction that saved this recording has been committed. */
  onSaved: (id: string) => void
}): ProcessStore => {
  const { connection, lifecycle, kit, onSaved } = options
  let brokenAt: number | null = null

  const runInSteps = async <T>(job: () => Promise<T>): Promise<T> => {
    await lifecycle.step()
    if (brokenAt !== null) throw new Error('the database is locked')
    const value = await job()
    await lifecycle.step()
    return value
  }
  // Most operations run while no fault is planned: they skip the two promises of the steps.
  const around: Around = (_what, job) =>
    brokenAt === null && !lifecycle.isKillPlanned() ? job() : runInSteps(job)
  const wrap = (operations: StoreOperations): StoreOperations =>
    kit.operations(wrapOperations(operations, around))

  return {
    store: {
      ...wrap(connection),
      transaction: (work) =>
        around('transaction', async () => {
          let saved: string | undefined
          const onSave = (id: string): void => {
            saved = id
          }
          const value = await connection.transaction((operations) =>
            work(observeSaves(wrap(operations), onSave)),
          )
          if (saved !== undefined) onSaved(saved)
          return value
        }),
    },
    isBroken: () => brokenAt !== null,
    break: () => {
      brokenAt ??= lifecycle.now()
    },
    repair: () => {
      const brokenMs = brokenAt !== null && lifecycle.isAlive() ? lifecycle.now() - brokenAt : 0
      brokenAt = null
      return brokenMs
    },
  }
}

const observeSaves = (operations: StoreOperations, onSave: (id: string) => void): StoreOperations => ({
  ...operations,
  insertRecording: async (request, recording, now) => {
    await operations.insertRecording(request, recording, now)
    onSave(recording.id)
  },
  saveRecording: async (stored, recording, now) => {
    await operations.saveRecording(stored, recording, now)
    onSave(recording.id)
  },
})
