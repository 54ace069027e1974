import type { FailedItem, JobOperations, StoredJob } from '../store/jobOperations.ts'
import { page } from './memoryListing.ts'
import type { MemoryJobItem, Tables } from './memoryTables.ts'
import { put, type UndoLog } from './undoLog.ts'

export const jobOperations = (tables: Tables, undo: UndoLog): JobOperations => {
  const { jobs, jobItems, recordings } = tables
  const itemsOf = (jobId: string): MemoryJobItem[] => jobItems.get(jobId) ?? []
  return {
    addJob: async (job, wanted, now) => {
      if (jobs.has(job.id)) throw new Error(`The job ${job.id} exists`)
      const ids =
        'length' in wanted
          ? wanted
          : page(recordings, { ...wanted, limit: Number.POSITIVE_INFINITY })
              .map(({ recording }) => recording.id)
              .toReversed()
      const items = ids.map((recordingId, index) => ({ position: index + 1, recordingId, problem: null }))
      const stored: StoredJob = {
        ...{ ...job, position: ++tables.lastId, state: 'running' },
        ...{ total: items.length, done: 0, failed: 0, createdAt: now, endedAt: null },
      }
      put(jobs, job.id, stored, undo)
      put(jobItems, job.id, items, undo)
      return items.length
    },
    loadJob: async (id) => jobs.get(id),
    listJobs: async ({ before = Number.POSITIVE_INFINITY, limit }) =>
      [...jobs.values()]
        .filter(({ position }) => position < before)
        .toSorted((one, other) => other.position - one.position)
        .slice(0, limit),
    runningJobs: async () =>
      [...jobs.values()]
        .filter(({ state }) => state === 'running')
        .toSorted((one, other) => one.position - other.position),
    pendingItems: async (jobId, limit) =>
      itemsOf(jobId)
        .filter(({ problem }) => problem === null)
        .slice(0, limit)
        .map(({ position, recordingId }) => ({ position, recordingId })),
    settleJobItem: async (jobId, position, problem) => {
      const job = jobs.get(jobId)
      const item = itemsOf(jobId).find((each) => each.position === position)
      if (job?.state !== 'running' || item?.problem !== null) return false
      const counter = problem === null ? 'done' : 'failed'
      put(jobs, jobId, { ...job, [counter]: job[counter] + 1 }, undo)
      const left = itemsOf(jobId).flatMap((each) => {
        if (each !== item) return [each]
        return problem === null ? [] : [{ ...each, problem }]
      })
      put(jobItems, jobId, left, undo)
      return true
    },
    failedItems: async (jobId, limit) =>
      itemsOf(jobId)
        .flatMap(({ recordingId, problem }): FailedItem[] => (problem ? [{ recordingId, problem }] : []))
        .slice(0, limit),
    endJob: async (id, state, now) => {
      const job = jobs.get(id)
      if (job?.state === 'running') put(jobs, id, { ...job, state, endedAt: now }, undo)
    },
  }
}
