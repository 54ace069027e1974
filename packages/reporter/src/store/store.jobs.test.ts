import { describe, expect, test } from 'vitest'
import { DEFAULT_POLICY } from '../supervisor/policy.ts'
import { newRecording, type RecordingState } from '../supervisor/recording.ts'
import { requestOf, STORES } from '../testing/stores.ts'
import type { NewJob } from './jobOperations.ts'
import type { Store } from './store.ts'
import type { Cutoffs } from './types.ts'

const JOB: NewJob = { id: 'job1', action: 'stop', request: '{"action":"stop"}' }
const PROBLEM = { code: 'recording_stopped', detail: 'It was stopped.' }

const insert = async (
  store: Store,
  id: string,
  { state = 'rolling', createdAt = 1000 }: { state?: RecordingState; createdAt?: number } = {},
): Promise<void> => {
  const recording = { ...newRecording(id, DEFAULT_POLICY, 1000, 3), state, createdAt }
  await store.insertRecording({ ...requestOf(id), labels: { course: '7b' } }, recording, 1000)
}

const pendingIds = async (store: Store, jobId = 'job1', limit = 9): Promise<string[]> =>
  (await store.pendingItems(jobId, limit)).map(({ recordingId }) => recordingId)

const cutoffs = (before: number): Cutoffs => ({
  ...{ now: before, before, deliveriesBefore: before, notificationsBefore: before },
})

describe.each(STORES)('the jobs of a store in %s', (_name, open) => {
  test('have their recordings in the given order', async () => {
    const store = await open()
    expect(await store.addJob(JOB, ['c', 'a', 'b'], 2000)).toBe(3)
    expect(await store.loadJob('job1')).toEqual({
      ...{ ...JOB, position: expect.any(Number), state: 'running' },
      ...{ total: 3, done: 0, failed: 0, createdAt: 2000, endedAt: null },
    })
    expect(await pendingIds(store)).toEqual(['c', 'a', 'b'])
    expect(await pendingIds(store, 'job1', 2)).toEqual(['c', 'a'])
    await expect(store.addJob(JOB, ['a'], 2000)).rejects.toThrow()
    expect(await pendingIds(store)).toHaveLength(3)
    expect(await store.loadJob('job2')).toBeUndefined()
  })

  test('have those that meet a filter, the oldest first, without standbys', async () => {
    const store = await open()
    await insert(store, 'new', { createdAt: 3000 })
    await insert(store, 'old', { createdAt: 1000 })
    await insert(store, 'stopped', { state: 'stopped' })
    await store.insertRecording(
      requestOf('old~standby'),
      { ...newRecording('old~standby', DEFAULT_POLICY, 1000, 3), state: 'rolling', uidBase: 1_000_000 },
      1000,
    )
    expect(await store.addJob(JOB, { states: ['rolling'], labels: { course: '7b' } }, 2000)).toBe(2)
    await insert(store, 'later')
    expect(await pendingIds(store)).toEqual(['old', 'new'])
    expect(await store.addJob({ ...JOB, id: 'job2' }, { states: ['failed'] }, 2000)).toBe(0)
    expect(await store.loadJob('job2')).toMatchObject({ total: 0, state: 'running' })
  })

  test('settle each of their items once', async () => {
    const store = await open()
    await store.addJob(JOB, ['a', 'b', 'c'], 2000)
    const [a, b] = await store.pendingItems('job1', 9)
    expect(await store.settleJobItem('job1', a?.position ?? 0, null)).toBe(true)
    expect(await store.settleJobItem('job1', a?.position ?? 0, null)).toBe(false)
    expect(await store.settleJobItem('job1', b?.position ?? 0, PROBLEM)).toBe(true)
    expect(await store.settleJobItem('job1', b?.position ?? 0, null)).toBe(false)
    expect(await store.settleJobItem('job1', 99, null)).toBe(false)
    expect(await store.settleJobItem('job2', 1, null)).toBe(false)
    expect(await pendingIds(store)).toEqual(['c'])
    expect(await store.loadJob('job1')).toMatchObject({ total: 3, done: 1, failed: 1 })
    expect(await store.failedItems('job1', 9)).toEqual([{ recordingId: 'b', problem: PROBLEM }])
  })

  test('settle nothing after their end, which comes once', async () => {
    const store = await open()
    await store.addJob(JOB, ['a'], 2000)
    await store.endJob('job1', 'cancelled', 3000)
    await store.endJob('job1', 'done', 4000)
    const [item] = await store.pendingItems('job1', 9)
    expect(await store.settleJobItem('job1', item?.position ?? 0, null)).toBe(false)
    expect(await store.loadJob('job1')).toMatchObject({ state: 'cancelled', endedAt: 3000, done: 0 })
    expect(await store.runningJobs()).toEqual([])
  })

  test('settle nothing if their transaction is rolled back', async () => {
    const store = await open()
    await store.addJob(JOB, ['a'], 2000)
    const rolledBack = store.transaction(async (operations) => {
      await operations.settleJobItem('job1', 1, null)
      throw new Error('not stored')
    })
    await expect(rolledBack).rejects.toThrow('not stored')
    expect(await pendingIds(store)).toEqual(['a'])
    expect(await store.loadJob('job1')).toMatchObject({ done: 0 })
  })

  test('are listed newest first, and those that run oldest first', async () => {
    const store = await open()
    for (const id of ['job1', 'job2', 'job3']) await store.addJob({ ...JOB, id }, ['a'], 2000)
    await store.endJob('job2', 'done', 3000)
    const ids = (all: { id: string }[]) => all.map(({ id }) => id)
    const all = await store.listJobs({ limit: 9 })
    expect(ids(all)).toEqual(['job3', 'job2', 'job1'])
    expect(ids(await store.listJobs({ limit: 9, before: all[1]?.position }))).toEqual(['job1'])
    expect(ids(await store.listJobs({ limit: 1 }))).toEqual(['job3'])
    expect(ids(await store.runningJobs())).toEqual(['job1', 'job3'])
  })

  test('are removed with their items once they have ended long ago', async () => {
    const store = await open()
    await store.addJob(JOB, ['a', 'b'], 1000)
    await store.settleJobItem('job1', 1, PROBLEM)
    await store.addJob({ ...JOB, id: 'running' }, ['a'], 1000)
    await store.endJob('job1', 'cancelled', 2000)
    expect(await store.prune(cutoffs(2000), 50)).toBe(0)
    let removed = 0
    for (let last = -1; last !== 0; removed += Math.max(last, 0)) last = await store.prune(cutoffs(2001), 50)
    expect(removed).toBe(3)
    expect(await store.loadJob('job1')).toBeUndefined()
    expect(await store.failedItems('job1', 9)).toEqual([])
    expect(await pendingIds(store, 'job1')).toEqual([])
    expect(await pendingIds(store, 'running')).toEqual(['a'])
  })
})
