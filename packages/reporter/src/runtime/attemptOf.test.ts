import { describe, expect, test } from 'vitest'
import { createLog } from '../log.ts'
import type { Store } from '../store/store.ts'
import type { Attempt, AttemptState } from '../supervisor/recording.ts'
import { attemptsOf, insertInto, STORES } from '../testing/stores.ts'
import { attemptOf } from './attemptOf.ts'

const BASES = { individual: 900_000, mix: 1_000_000 }
type Id = keyof typeof BASES

/** A recording in the channel `room` whose attempts have these states and sids. */
const insertOne = (store: Store, id: Id, attempts: [AttemptState, string | null][]): Promise<unknown> => {
  const uidBase = BASES[id]
  const sids = attempts.map(([, sid]) => sid)
  const withStates = attemptsOf(id, sids, uidBase).map(
    (attempt, index): Attempt => ({
      ...attempt,
      state: attempts[index]?.[0] ?? 'ended',
      resourceId: `${id}-resource`,
    }),
  )
  return insertInto(store, id, { kind: 'channel', cname: 'room', uidBase, attempts: withStates })
}

describe.each(STORES)('of two recordings of one channel in %s, a notification is about', (_name, open) => {
  const find = async (
    recordings: Record<Id, [AttemptState, string | null][]>,
    task: { sid?: string; uid: string; cname?: string },
  ) => {
    const store = await open()
    await insertOne(store, 'individual', recordings.individual)
    await insertOne(store, 'mix', recordings.mix)
    const lines: string[] = []
    const log = createLog('warn', { write: (line) => lines.push(line) })
    const found = await attemptOf({ store, log }, { cname: 'room', ...task })
    return { found, lines }
  }
  const Running: Record<Id, [AttemptState, string | null][]> = {
    individual: [['current', 'sid-individual']],
    mix: [['current', 'sid-mix']],
  }

  test.each([
    ['the sid', { sid: 'sid-mix', uid: '1000001' }],
    ['the sid, under a uid that a failover has assigned', { sid: 'sid-mix', uid: '4711' }],
    ['the uid alone', { uid: '1000001' }],
  ])('the one that %s names', async (_what, task) => {
    const { found } = await find(Running, task)
    expect(found).toEqual({ recordingId: 'mix', number: 1, sid: 'sid-mix' })
  })

  test('the one whose start is unanswered, by its uid', async () => {
    const recordings = { ...Running, mix: [['starting', null]] } satisfies Record<Id, unknown>
    const { found } = await find(recordings as typeof Running, { sid: 'new', uid: '1000001' })
    expect(found).toEqual({ recordingId: 'mix', number: 1, sid: 'new' })
  })

  test('neither, if the session and its uid are unknown and no attempt is orphaned', async () => {
    const recordings: typeof Running = {
      individual: [['current', 'sid-individual']],
      mix: [['starting', null]],
    }
    const { found, lines } = await find(recordings, { sid: 'new', uid: '4711' })
    expect(found).toBeUndefined()
    expect(lines).toEqual([])
  })

  test('the one that has an orphaned attempt, if the session and its uid are unknown', async () => {
    const recordings: typeof Running = {
      individual: [['starting', null]],
      mix: [
        ['orphaned', null],
        ['current', 'sid-mix'],
      ],
    }
    const { found } = await find(recordings, { sid: 'new', uid: '4711' })
    expect(found).toEqual({ recordingId: 'mix', number: 1, sid: 'new' })
  })

  test('neither, with a line in the log, if both have one', async () => {
    const recordings: typeof Running = { individual: [['orphaned', null]], mix: [['orphaned', null]] }
    const { found, lines } = await find(recordings, { sid: 'new', uid: '4711' })
    expect(found).toBeUndefined()
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 40, cname: 'room', uid: '4711', recordingIds: expect.arrayContaining(['individual', 'mix']) },
    ])
  })

  test('neither, under a sid that is unknown and the uid of an attempt whose only task is known', async () => {
    const { found } = await find(Running, { sid: 'new', uid: '1000001' })
    expect(found).toBeUndefined()
  })

  test('neither, in another channel or without a sid under a uid that is unknown', async () => {
    for (const task of [{ cname: 'mix', sid: 'new', uid: '1000001' }, { uid: '4711' }]) {
      expect((await find(Running, task)).found).toBeUndefined()
    }
  })
})

describe.each(STORES)('in %s', (_name, open) => {
  test('a settled attempt is found by its uid without a sid', async () => {
    const store = await open()
    await insertOne(store, 'mix', [
      ['ended', 'sid-1'],
      ['current', 'sid-2'],
    ])
    const stored = await store.loadRecording('mix')
    if (!stored) throw new Error('mix is stored')
    const [first, ...others] = stored.recording.attempts
    await store.saveSettledAttempts('mix', first ? [first] : [])
    await store.saveRecording(stored, { ...stored.recording, attempts: others }, 2000)
    const found = await attemptOf({ store, log: createLog('silent') }, { cname: 'room', uid: '1000001' })
    expect(found).toEqual({ recordingId: 'mix', number: 1, sid: 'sid-1' })
  })
})
