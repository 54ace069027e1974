import { describe, expect, test } from 'vitest'
import type { RecordingRequest } from '../recordingRequest.ts'
import { DEFAULT_POLICY } from '../supervisor/policy.ts'
import { type AttentionCode, newRecording, type Recording } from '../supervisor/recording.ts'
import { loadFrom, requestOf, STORES } from '../testing/stores.ts'
import type { Store } from './store.ts'
import type { RecordingFilter } from './types.ts'

const insert = async (
  store: Store,
  id: string,
  { labels = {}, ...changes }: Partial<Recording> & Pick<Partial<RecordingRequest>, 'labels'> = {},
): Promise<void> => {
  const recording = { ...newRecording(id, DEFAULT_POLICY, 1000, 3), ...changes }
  await store.insertRecording({ ...requestOf(id), labels }, recording, 1000)
}

const attention = (code: AttentionCode, since: number): Recording['attention'][number] => ({
  ...{ code, since },
  ...{ message: 'Look at it', attempts: [] },
})

const change = async (store: Store, id: string, changes: Partial<Recording>, now: number): Promise<void> => {
  const stored = await loadFrom(store, id)
  await store.saveRecording(stored, { ...stored.recording, ...changes }, now)
}

describe.each(STORES)('a store in %s', (_name, open) => {
  const openWithLessons = async (): Promise<Store> => {
    const store = await open()
    await insert(store, 'lesson1', { createdAt: 1, state: 'rolling', labels: { course: '7b', room: 'Aula' } })
    await insert(store, 'lesson2', { createdAt: 2, state: 'unhealthy', labels: { course: '7b' } })
    await insert(store, 'lesson3', {
      createdAt: 3,
      state: 'rolling',
      kind: 'channel',
      labels: { course: '8%' },
    })
    await insert(store, 'exam', { createdAt: 4, state: 'failed', attention: [attention('no_files', 900)] })
    await insert(store, 'pair', { createdAt: 5, labels: { room: '7b' } })
    await insert(store, 'pair~standby', {
      ...{ createdAt: 5, uidBase: 1_000_000, cname: 'pair', labels: { course: '7b' } },
      attention: [attention('slow_retries', 800)],
    })
    return store
  }

  test.each<[RecordingFilter, string[]]>([
    [{}, ['pair', 'exam', 'lesson3', 'lesson2', 'lesson1']],
    [{ states: ['rolling'] }, ['lesson3', 'lesson1']],
    [{ states: ['unhealthy', 'failed'] }, ['exam', 'lesson2']],
    [{ states: ['paused'] }, []],
    [{ kind: 'channel' }, ['lesson3']],
    [{ hasAttention: true }, ['pair', 'exam']],
    [{ hasAttention: false }, ['lesson3', 'lesson2', 'lesson1']],
    [{ labels: { course: '7b' } }, ['lesson2', 'lesson1']],
    [{ labels: { course: '7b', room: 'Aula' } }, ['lesson1']],
    [{ labels: { course: 'Aula' } }, []],
    [{ text: 'LESSON' }, ['lesson3', 'lesson2', 'lesson1']],
    [{ text: 'esson' }, []],
    [{ text: 'ula' }, ['lesson1']],
    [{ text: '7B' }, ['pair', 'lesson2', 'lesson1']],
    [{ text: '%' }, ['lesson3']],
    [{ text: '_' }, []],
    [{ text: "'\\" }, []],
    [{ states: ['rolling'], kind: 'page', labels: { course: '7b' }, text: 'lesson' }, ['lesson1']],
  ])('lists recordings by %j', async (filter, ids) => {
    const store = await openWithLessons()
    expect((await store.listRecordings({ ...filter, limit: 9 })).map(({ id }) => id)).toEqual(ids)
    const first = await store.listRecordings({ ...filter, limit: 1 })
    const rest = await store.listRecordings({
      ...filter,
      limit: 9,
      before: first[0] ?? { createdAt: 0, id: '' },
    })
    expect([...first, ...rest].map(({ id }) => id)).toEqual(ids)
  })

  test('finds a recording by the labels of the request that replaced its own, and its standby by none', async () => {
    const store = await openWithLessons()
    const labels = { course: '9a', floor: '2' }
    await store.saveRequest('lesson1', { ...requestOf('lesson1'), labels })
    await store.saveRequest('pair~standby', { ...requestOf('pair~standby'), labels })
    const found = async (filter: RecordingFilter) =>
      (await store.listRecordings({ ...filter, limit: 9 })).map(({ id }) => id)
    expect(await found({ labels })).toEqual(['lesson1'])
    expect(await found({ text: '9A' })).toEqual(['lesson1'])
    expect(await found({ labels: { course: '7b' } })).toEqual(['lesson2'])
    expect(await found({ labels: { room: 'Aula' } })).toEqual([])
  })

  test('counts recordings by state and attention, and finds the oldest problem', async () => {
    const store = await open()
    const summary = async () => {
      const { states, attention, oldestProblem } = await store.summarizeRecordings()
      return { states: Object.fromEntries(states), attention: Object.fromEntries(attention), oldestProblem }
    }
    expect(await summary()).toEqual({ states: {}, attention: {}, oldestProblem: undefined })
    await insert(store, 'a', { state: 'rolling' })
    await insert(store, 'b', { state: 'rolling', cname: 'b' })
    await insert(store, 'b~standby', { state: 'rolling', cname: 'b', uidBase: 1_000_000 })
    await change(store, 'a', { state: 'unhealthy' }, 2000)
    await change(store, 'a', { waitingSince: 1 }, 3000)
    expect(await summary()).toEqual({
      ...{ states: { unhealthy: 1, rolling: 1 }, attention: {} },
      oldestProblem: { id: 'a', since: 2000, state: 'unhealthy', attention: null },
    })
    const noFiles = [attention('no_files', 1500), attention('slow_retries', 1900)]
    await change(store, 'b~standby', { attention: noFiles }, 4000)
    expect(await summary()).toEqual({
      states: { unhealthy: 1, rolling: 1 },
      attention: { no_files: 1, slow_retries: 1 },
      oldestProblem: { id: 'b~standby', since: 1500, state: null, attention: 'no_files' },
    })
    await change(store, 'b~standby', { attention: [attention('slow_retries', 1900)] }, 5000)
    await change(store, 'a', { state: 'rolling' }, 5000)
    await change(store, 'b', { state: 'failed' }, 1800)
    expect(await summary()).toEqual({
      ...{ states: { failed: 1, rolling: 1 }, attention: { slow_retries: 1 } },
      oldestProblem: { id: 'b', since: 1800, state: 'failed', attention: null },
    })
    await change(store, 'b', { state: 'stopped' }, 6000)
    await change(store, 'b~standby', { attention: [] }, 6000)
    expect(await summary()).toEqual({
      ...{ states: { stopped: 1, rolling: 1 }, attention: {}, oldestProblem: undefined },
    })
  })
})
