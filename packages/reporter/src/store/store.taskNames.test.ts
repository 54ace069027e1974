import { describe, expect, test } from 'vitest'
import type { RecordingRequest } from '../recordingRequest.ts'
import { DEFAULT_POLICY } from '../supervisor/policy.ts'
import { newRecording, type RecordingState } from '../supervisor/recording.ts'
import { attemptsOf, insertInto, loadFrom, requestOf, STORES } from '../testing/stores.ts'
import type { UidRange } from '../uidRange.ts'
import type { Store } from './store.ts'

const OTHER_BASE = 1_000_000

/** Recordings `a` and `b` of the channel `room`, and the page `room`. Each has one attempt with a sid and one without. */
const inOneChannel = async (store: Store): Promise<void> => {
  const names = { a: 900_000, b: OTHER_BASE, room: 1_100_000 }
  for (const [id, uidBase] of Object.entries(names)) {
    await insertInto(store, id, {
      ...{ cname: 'room', uidBase },
      attempts: attemptsOf(id, [`${id}-sid`, null], uidBase),
    })
  }
}

describe.each(STORES)('the names of tasks in %s', (_name, open) => {
  test.each([
    [
      'by its sid alone',
      { sid: 'b-sid', cname: 'x', uid: '1' },
      { recordingId: 'b', number: 1, sid: 'b-sid' },
    ],
    [
      'by its sid, if the uid is that of another',
      { sid: 'b-sid', cname: 'room', uid: '900001' },
      { recordingId: 'b' },
    ],
    [
      'by its uid, while it has no sid',
      { sid: 'new', cname: 'room', uid: '1000002' },
      { recordingId: 'b', number: 2, sid: null },
    ],
    [
      'by its uid, if its sid is another one',
      { sid: 'new', cname: 'room', uid: '900001' },
      { recordingId: 'a', number: 1, sid: 'a-sid' },
    ],
    [
      'by its uid, without a sid',
      { cname: 'room', uid: '1100001' },
      { recordingId: 'room', number: 1, sid: 'room-sid' },
    ],
  ])('find an attempt %s', async (_how, task, found) => {
    const store = await open()
    await inOneChannel(store)
    expect(await store.findAttempt(task)).toMatchObject(found)
  })

  test.each([
    ['that no attempt has', { sid: 'new', cname: 'room', uid: '900003' }],
    ['in another channel', { sid: 'new', cname: 'a', uid: '900001' }],
    ['with the sid null as text', { sid: 'null', cname: 'x', uid: '900002' }],
  ])('find no attempt by a uid %s', async (_what, task) => {
    const store = await open()
    await inOneChannel(store)
    expect(await store.findAttempt(task)).toBeUndefined()
  })

  test('find the attempt by the sid that was saved last', async () => {
    const store = await open()
    await inOneChannel(store)
    const stored = await loadFrom(store, 'b')
    const attempts = attemptsOf('b', ['b-sid', 'second'], OTHER_BASE)
    await store.saveRecording(stored, { ...stored.recording, attempts }, 2000)
    const found = await store.findAttempt({ sid: 'second', cname: 'x', uid: '1' })
    expect(found).toEqual({ recordingId: 'b', number: 2, sid: 'second' })
  })

  test('find the recordings with an attempt that has no sid and has not settled', async () => {
    const store = await open()
    await inOneChannel(store)
    await insertInto(store, 'elsewhere', { attempts: attemptsOf('elsewhere', [null]) })
    expect((await store.recordingsWithoutSid('room')).sort()).toEqual(['a', 'b', 'room'])
    const { attempts } = (await loadFrom(store, 'a')).recording
    await store.saveSettledAttempts('a', attempts.slice(1))
    expect((await store.recordingsWithoutSid('room')).sort()).toEqual(['b', 'room'])
    expect(await store.recordingsWithoutSid('a')).toEqual([])
  })

  test('find the recordings of a channel that are not in a terminal state', async () => {
    const store = await open()
    await inOneChannel(store)
    const stored = await loadFrom(store, 'a')
    await store.saveRecording(stored, { ...stored.recording, state: 'failed' }, 2000)
    expect((await store.liveRecordingsIn('room')).sort()).toEqual(['b', 'room'])
    expect(await store.liveRecordingsIn('a')).toEqual([])
  })

  test('are taken by every recording of the channel, and by the users that those name which were not stopped', async () => {
    const store = await open()
    await inOneChannel(store)
    const insert = async (id: string, state: RecordingState, uidBase: number, uidRange: UidRange) => {
      const recording = newRecording(id, DEFAULT_POLICY, 1000, 3, { cname: 'room', uidBase })
      const request = { ...requestOf(id), uidRange } as RecordingRequest
      await store.insertRecording(request, { ...recording, state }, 1000)
    }
    await insert('d', 'failed', 1_300_000, { from: 1, to: 5000 })
    await insert('e', 'stopped', 1_400_000, { from: 9, to: 9 })
    await insert('c', 'rolling', 1_200_000, { from: 7, to: 7 })
    expect(await store.takenUids('room')).toEqual({
      blocks: [
        { recordingId: 'a', uidBase: 900_000, isStopped: false },
        { recordingId: 'b', uidBase: OTHER_BASE, isStopped: false },
        { recordingId: 'room', uidBase: 1_100_000, isStopped: false },
        { recordingId: 'c', uidBase: 1_200_000, isStopped: false },
        { recordingId: 'd', uidBase: 1_300_000, isStopped: false },
        { recordingId: 'e', uidBase: 1_400_000, isStopped: true },
      ],
      userRanges: [
        { from: 7, to: 7 },
        { from: 1, to: 5000 },
      ],
    })
    expect(await store.takenUids('a')).toEqual({ blocks: [], userRanges: [] })
  })

  test('are refused if another recording of the channel has them', async () => {
    const store = await open()
    await inOneChannel(store)
    await expect(insertInto(store, 'c', { cname: 'room', uidBase: OTHER_BASE })).rejects.toThrow()
    expect(await store.loadRecording('c')).toBeUndefined()
    await insertInto(store, 'c', { cname: 'hall', uidBase: OTHER_BASE })
  })
})
