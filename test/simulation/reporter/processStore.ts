import { VersionConflictError } from '../../../packages/reporter/src/store/errors.ts'
import type { Store, StoreOperations } from '../../../packages/reporter/src/store/store.ts'
import type { Recording } from '../../../packages/reporter/src/supervisor/recording.ts'
import { wrapOperations } from '../../../packages/reporter/src/testing/wrapOperations.ts'
import type { Kit } from '../kit.ts'
import type { Lifecycle } from './lifecycle.ts'

/** The store as one process sees it: each verb is a step at which the process can die, and the store can break. */
export interface ProcessStore {
  store: Store
  isBroken(): boolean
  /** Until `repair` every call is rejected, or every write of a recording, as if another process had just written it. */
  break(how: 'locked' | 'conflict'): void
  /** @returns for how many milliseconds it rejected every call; 0 if it did not, or the process is dead */
  repair(): number
}

type Around = <T>(what: unknown, job: () => Promise<T>) => Promise<T>

export const createProcessStore = (options: {
  connection: Store
  lifecycle: Lifecycle
  kit: Kit
  /** A transaction that saved this recording has been committed. It may have saved its standby as well. */
  onSaved: (recording: Recording) => void
}): ProcessStore => {
  const { connection, lifecycle, kit, onSaved } = options
  let lockedAt: number | null = null
  let hasConflicts = false

  const runInSteps = async <T>(job: () => Promise<T>): Promise<T> => {
    await lifecycle.step()
    if (lockedAt !== null) throw new Error('the database is locked')
    const value = await job()
    await lifecycle.step()
    return value
  }
  // Most operations run while no fault is planned: they skip the two promises of the steps.
  const around: Around = (_what, job) =>
    lockedAt === null && !lifecycle.isKillPlanned() ? job() : runInSteps(job)
  const wrap = (operations: StoreOperations): StoreOperations =>
    kit.operations(wrapOperations(refuseConflicts(operations), around))
  const refuseConflicts = (operations: StoreOperations): StoreOperations => ({
    ...operations,
    saveRecording: async (stored, recording, now) => {
      if (hasConflicts) throw new VersionConflictError(recording.id)
      await operations.saveRecording(stored, recording, now)
    },
  })

  return {
    store: {
      ...wrap(connection),
      transaction: (work) =>
        around('transaction', async () => {
          const saved: Recording[] = []
          const value = await connection.transaction((operations) =>
            work(observeSaves(wrap(operations), (recording) => saved.push(recording))),
          )
          saved.forEach(onSaved)
          return value
        }),
    },
    isBroken: () => lockedAt !== null || hasConflicts,
    break: (how) => {
      if (how === 'conflict') hasConflicts = true
      else lockedAt ??= lifecycle.now()
    },
    repair: () => {
      const lockedMs = lockedAt !== null && lifecycle.isAlive() ? lifecycle.now() - lockedAt : 0
      lockedAt = null
      hasConflicts = false
      return lockedMs
    },
  }
}

const observeSaves = (
  operations: StoreOperations,
  onSave: (recording: Recording) => unknown,
): StoreOperations => ({
  ...operations,
  insertRecording: async (request, recording, now) => {
    await operations.insertRecording(request, recording, now)
    onSave(recording)
  },
  saveRecording: async (stored, recording, now) => {
    await operations.saveRecording(stored, recording, now)
    onSave(recording)
  },
})
