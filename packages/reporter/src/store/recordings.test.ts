import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { insert, memoryDatabase } from '../testing/database.ts'
import { UnreadableRowError } from './recordingRow.ts'
import {
  dueRecordings,
  findAttempt,
  listRecordings,
  liveRecordings,
  loadRecording,
  saveRecording,
  VersionConflictError,
} from './recordings.ts'

describe('a stored recording', () => {
  it('is read as it was written', async () => {
    const db = await memoryDatabase()
    const recording = await insert(db, 'a', { deadlines: { queryAt: 5000.5 } })
    expect(await loadRecording(db, 'a')).toMatchObject({ recording, version: 1, request: { id: 'a' } })
    expect(await loadRecording(db, 'b')).toBeUndefined()
  })

  it('takes no write that was decided on an older version', async () => {
    const db = await memoryDatabase()
    await insert(db, 'a')
    const stored = await loadRecording(db, 'a')
    if (!stored) throw new Error('it was just stored')
    await saveRecording(db, stored, { ...stored.recording, state: 'rolling' }, 2000)
    const late = saveRecording(db, stored, { ...stored.recording, state: 'failed' }, 3000)
    await expect(late).rejects.toThrow(VersionConflictError)
    expect(await loadRecording(db, 'a')).toMatchObject({ version: 2, recording: { state: 'rolling' } })
  })

  it.each([
    ['body', 'junk'],
    ['body', '{"id":"a"}'],
    ['body', 'null'],
    ['request', '{"url":"x"}'],
  ])('is reported and left when its %s is %s', async (column, text) => {
    const db = await memoryDatabase()
    await insert(db, 'a')
    await sql`update recordings set ${sql.ref(column)} = ${text}`.execute(db)
    const read = loadRecording(db, 'a')
    await expect(read).rejects.toThrow(UnreadableRowError)
    await expect(read).rejects.toThrow(/stored recording a cannot be read.*left untouched/s)
    const row = await db.selectFrom('recordings').selectAll().executeTakeFirstOrThrow()
    expect(row).toMatchObject({ [column]: text, version: 1 })
  })

  it('stands in the list as its error when it cannot be read', async () => {
    const db = await memoryDatabase()
    await insert(db, 'a')
    await insert(db, 'b')
    await sql`update recordings set body = '' where id = 'a'`.execute(db)
    const [newest, oldest] = await listRecordings(db, { limit: 10 })
    expect(newest).toMatchObject({ id: 'b', stored: { recording: { id: 'b' } } })
    expect(oldest?.id).toBe('a')
    expect(oldest?.stored).toBeInstanceOf(UnreadableRowError)
  })
})

describe('what is due', () => {
  it('is what has a deadline in the past, the most overdue first, without the excepted', async () => {
    const db = await memoryDatabase()
    await insert(db, 'later', { deadlines: { queryAt: 9000 } })
    await insert(db, 'never')
    await insert(db, 'second', { deadlines: { queryAt: 4000, beatBy: 5000 } })
    await insert(db, 'first', { deadlines: { retryAt: 3000, beatBy: 8000 } })
    expect(await dueRecordings(db, 5000, { limit: 9, except: [] })).toEqual(['first', 'second'])
    expect(await dueRecordings(db, 5000, { limit: 1, except: [] })).toEqual(['first'])
    expect(await dueRecordings(db, 5000, { limit: 1, except: ['first'] })).toEqual(['second'])
  })

  it('can only be live', async () => {
    const db = await memoryDatabase()
    for (const state of ['starting', 'unhealthy', 'stopping', 'stopped', 'failed'] as const) {
      await insert(db, state, { state })
    }
    expect((await liveRecordings(db)).sort()).toEqual(['starting', 'stopping', 'unhealthy'])
  })
})

describe('the attempt of a notification', () => {
  it('is found by its sid, or by cname and uid while it has none', async () => {
    const db = await memoryDatabase()
    await insert(db, 'a')
    await db
      .insertInto('attempts')
      .values([
        { recording_id: 'a', number: 1, uid: '900001', sid: 'sid1' },
        { recording_id: 'a', number: 2, uid: '900002', sid: null },
      ])
      .execute()
    const find = (sid: string, cname: string, uid: string): unknown => findAttempt(db, { sid, cname, uid })
    expect(await find('sid1', 'a', '900001')).toEqual({ recordingId: 'a', number: 1 })
    expect(await find('sid1', 'b', '77')).toEqual({ recordingId: 'a', number: 1 })
    expect(await find('sid2', 'a', '900002')).toEqual({ recordingId: 'a', number: 2 })
    expect(await find('sid2', 'a', '900001')).toBeUndefined()
    expect(await find('sid2', 'b', '900002')).toBeUndefined()
  })
})
