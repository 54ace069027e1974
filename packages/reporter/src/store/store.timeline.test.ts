import { describe, expect, test } from 'vitest'
import { DEFAULT_POLICY } from '../supervisor/policy.ts'
import { newRecording, type Recording } from '../supervisor/recording.ts'
import { requestOf, STORES } from '../testing/stores.ts'
import type { Store } from './store.ts'
import type { AnyTimelineEntry, TimelineEventsOptions } from './types.ts'

const insert = async (store: Store, id: string, changes: Partial<Recording> = {}): Promise<void> => {
  const recording = { ...newRecording(id, DEFAULT_POLICY, 1000, 3), ...changes }
  await store.insertRecording({ ...requestOf(id), labels: { course: '7b' } }, recording, 1000)
}

const entry = (code: string): AnyTimelineEntry => ({
  ...{ code, attempt: 1, message: `It says ${code}` },
  evidence: { is: code },
})

describe.each(STORES)('the timelines of all recordings in %s', (_name, open) => {
  const openWithEntries = async (): Promise<Store> => {
    const store = await open()
    await insert(store, 'a', { state: 'rolling' })
    await insert(store, 'a~standby', { cname: 'a', uidBase: 1_000_000 })
    await insert(store, 'b', { kind: 'channel', state: 'stopped' })
    await store.appendTimeline('a', [entry('a1'), entry('a2')], 2000)
    await store.appendTimeline('b', [entry('b1')], 3000)
    await store.appendTimeline('a~standby', [entry('s1')], 4000)
    await store.appendTimeline('a', [entry('a3')], 5000)
    return store
  }

  test('are read in the order of their ids, with their recordings', async () => {
    const store = await openWithEntries()
    const events = await store.readTimelineEvents({ after: 0, limit: 9 })
    expect(events.map(({ code }) => code)).toEqual(['a1', 'a2', 'b1', 's1', 'a3'])
    const ids = events.map(({ id }) => id)
    expect(ids).toEqual(ids.toSorted((one, other) => one - other))
    expect(events[2]).toEqual({
      ...{ id: ids[2], at: 3000, ...entry('b1') },
      recording: { id: 'b', kind: 'channel', labels: { course: '7b' }, state: 'stopped' },
    })
    // A standby has the labels of its recording, and a state of its own.
    expect(events[3]?.recording).toEqual({
      ...{ id: 'a~standby', kind: 'page', labels: { course: '7b' }, state: 'starting' },
    })
  })

  test.each<[Partial<TimelineEventsOptions> & { afterCode?: string }, string[]]>([
    [{ limit: 2 }, ['a1', 'a2']],
    [{ afterCode: 'a2' }, ['b1', 's1', 'a3']],
    [{ afterCode: 'a2', limit: 1 }, ['b1']],
    [{ afterCode: 'a3' }, []],
    [{ recordingId: 'a' }, ['a1', 'a2', 's1', 'a3']],
    [{ recordingId: 'a', afterCode: 'b1', limit: 1 }, ['s1']],
    [{ recordingId: 'b' }, ['b1']],
    [{ recordingId: 'unknown' }, []],
  ])('are read by %j', async ({ afterCode, ...options }, codes) => {
    const store = await openWithEntries()
    const all = await store.readTimelineEvents({ after: 0, limit: 9 })
    const after = all.find(({ code }) => code === afterCode)?.id ?? 0
    const events = await store.readTimelineEvents({ after, limit: 9, ...options })
    expect(events.map(({ code }) => code)).toEqual(codes)
  })

  test('have a range of ids', async () => {
    const store = await openWithEntries()
    const all = await store.readTimelineEvents({ after: 0, limit: 9 })
    expect(await store.timelineRange()).toEqual({ oldest: all[0]?.id, newest: all.at(-1)?.id })
    expect(await (await open()).timelineRange()).toBeUndefined()
  })
})
