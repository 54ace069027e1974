import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { DecisionError } from '../../store/errors.ts'
import type { StoredJob } from '../../store/jobOperations.ts'
import { createManualTimers } from '../../testing/manualTimers.ts'
import { createMemory } from '../../testing/memoryStore.ts'
import { insertInto, loadFrom } from '../../testing/stores.ts'
import type { Engine } from '../engine.ts'
import { BATCH, createJobRunner } from './jobRunner.ts'

const idsOf = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `r${String(index).padStart(3, '0')}`)

/** Recordings that note which commands reached them. */
const setUp = async (count: number) => {
  const memory = createMemory()
  const store = memory.connect()
  const timers = createManualTimers()
  const commanded: string[] = []
  const requesters = new Set<string>()
  const errors: unknown[] = []
  let failing: (id: string) => unknown = () => undefined
  for (const id of idsOf(count)) await insertInto(store, id)
  const engine: Pick<Engine, 'load' | 'command'> = {
    load: (id) => store.loadRecording(id),
    command: (id, signal, { alongside, by = '' } = {}) =>
      store.transaction(async (operations) => {
        const error = failing(id)
        if (error) throw error
        await alongside?.(operations)
        commanded.push(`${signal.type} ${id}`)
        requesters.add(by)
        return loadFrom({ ...store, ...operations }, id)
      }),
  }
  const begin = () => {
    const runner = createJobRunner({
      ...{ store, engine },
      clock: { now: () => 5000 },
      log: { error: (fields: object) => void errors.push(fields), info: () => {} },
      ...{ after: timers.after, repeat: timers.every },
    })
    runner.begin()
    return runner
  }
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 10) {
      timers.advance(10)
      for (let turn = 0; turn < 8; turn += 1) await nextTurn()
    }
  }
  const add = (id: string, ids: readonly string[], action = 'stop') =>
    store.addJob({ id, action, request: '{}' }, ids, 1000)
  const job = async (id: string): Promise<StoredJob | undefined> => store.loadJob(id)
  return {
    ...{ store, commanded, requesters, errors, begin, pass, add, job },
    fail: (change: typeof failing) => {
      failing = change
    },
  }
}

describe('a job', () => {
  test('commands each of its recordings once, in its own name, and is done', async () => {
    const { begin, pass, add, job, commanded, requesters } = await setUp(25)
    await add('job1', idsOf(25))
    begin()
    await pass(1000)
    expect(commanded).toEqual(idsOf(25).map((id) => `stop ${id}`))
    expect([...requesters]).toEqual(['job job1'])
    expect(await job('job1')).toMatchObject({ state: 'done', total: 25, done: 25, failed: 0, endedAt: 5000 })
  })

  test('sends a bounded number of commands a second', async () => {
    const { begin, pass, add, commanded } = await setUp(300)
    await add('job1', idsOf(300))
    begin()
    await pass(1000)
    expect(commanded.length).toBeGreaterThan(80)
    expect(commanded.length).toBeLessThanOrEqual((1000 / BATCH.everyMs + 1) * BATCH.size)
  })

  test('that is small does not wait for a large one', async () => {
    const { begin, pass, add, job } = await setUp(200)
    await add('large', idsOf(200))
    await add('small', ['r000'], 'restart')
    begin()
    await pass(500)
    expect(await job('small')).toMatchObject({ state: 'done', done: 1 })
    expect(await job('large')).toMatchObject({ state: 'running' })
  })

  test('lists what cannot be commanded, and goes on', async () => {
    const { begin, pass, add, job, store, commanded } = await setUp(2)
    const stored = await loadFrom(store, 'r001')
    await store.saveRecording(stored, { ...stored.recording, desired: 'stopped', state: 'stopped' }, 2000)
    await add('job1', ['none', 'r001', 'r000~standby', 'r000'], 'restart')
    begin()
    await pass(1000)
    expect(commanded).toEqual(['restart r000'])
    expect(await job('job1')).toMatchObject({ state: 'done', done: 1, failed: 3 })
    const failed = await store.failedItems('job1', 9)
    expect(failed.map(({ recordingId, problem }) => [recordingId, problem.code])).toEqual([
      ['none', 'recording_not_found'],
      ['r001', 'recording_stopped'],
      ['r000~standby', 'recording_not_found'],
    ])
  })

  test('with an unknown action, as a newer version may have written it, commands nothing', async () => {
    const { begin, pass, add, job, commanded } = await setUp(1)
    await add('job1', ['r000'], 'archive')
    begin()
    await pass(1000)
    expect(commanded).toEqual([])
    expect(await job('job1')).toMatchObject({ state: 'done', failed: 1 })
  })
})

describe('an error', () => {
  test('of one recording fails its item, and the others are commanded', async () => {
    const { begin, pass, add, store, fail, commanded, errors } = await setUp(3)
    fail((id) => id === 'r001' && new DecisionError(id, new Error('a defect')))
    await add('job1', idsOf(3))
    begin()
    await pass(1000)
    expect(commanded).toEqual(['stop r000', 'stop r002'])
    expect(await store.failedItems('job1', 9)).toMatchObject([
      { recordingId: 'r001', problem: { code: 'internal_error' } },
    ])
    expect(errors).toHaveLength(1)
  })

  test('of the store is tried again, and nothing is commanded twice', async () => {
    const { begin, pass, add, job, fail, commanded } = await setUp(3)
    let broken = true
    fail((id) => broken && id !== 'r000' && new Error('disk full'))
    await add('job1', idsOf(3))
    begin()
    await pass(500)
    expect(commanded).toEqual(['stop r000'])
    broken = false
    await pass(3000)
    expect(commanded).toEqual(['stop r000', 'stop r001', 'stop r002'])
    expect(await job('job1')).toMatchObject({ state: 'done', done: 3, failed: 0 })
  })

  test('that stays ends after three tries', async () => {
    const { begin, pass, add, job, fail, errors } = await setUp(2)
    fail((id) => id === 'r000' && new Error('odd'))
    await add('job1', idsOf(2))
    begin()
    await pass(6000)
    expect(errors).toHaveLength(3)
    expect(await job('job1')).toMatchObject({ state: 'done', done: 1, failed: 1 })
  })
})

test('a cancelled job commands nothing any more, not even what was about to be', async () => {
  const { begin, pass, add, job, store, commanded, fail } = await setUp(100)
  await add('job1', idsOf(100), 'restart')
  fail((id) => {
    // While the batch is under way, and before this command.
    if (id === 'r015') void store.endJob('job1', 'cancelled', 4000)
  })
  begin()
  await pass(2000)
  const { done = 0 } = (await job('job1')) ?? {}
  expect(await job('job1')).toMatchObject({ state: 'cancelled', failed: 0 })
  expect(commanded).toHaveLength(done)
  expect(done).toBeLessThan(21)
})

test('another process goes on where the former one has ended, and no recording is commanded twice', async () => {
  const { begin, pass, add, job, commanded } = await setUp(60)
  await add('job1', idsOf(60), 'restart')
  const first = begin()
  await pass(250)
  void first.stop()
  await pass(300)
  const before = commanded.length
  expect(before).toBeGreaterThan(0)
  expect(before).toBeLessThan(60)
  begin()
  await pass(2000)
  expect(commanded).toEqual(idsOf(60).map((id) => `restart ${id}`))
  expect(await job('job1')).toMatchObject({ state: 'done', done: 60 })
})
