import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { insert, memoryDatabase } from '../testing/database.ts'
import { UnreadableRowError } from './errors.ts'
import { listRecordings, loadRecording } from './recordings.ts'

describe('a stored recording', () => {
  test.each([
    ['body', 'junk'],
    ['body', '{"id":"a"}'],
    ['body', 'null'],
    ['request', '{"url":"x"}'],
  ])('is refused and left untouched if its %s is %s', async (column, text) => {
    const db = await memoryDatabase()
    await insert(db, 'a')
    await sql`update recordings set ${sql.ref(column)} = ${text}`.execute(db)
    const read = loadRecording(db, 'a')
    await expect(read).rejects.toThrow(UnreadableRowError)
    await expect(read).rejects.toThrow(/stored recording a cannot be read.*left untouched/s)
    const row = await db.selectFrom('recordings').selectAll().executeTakeFirstOrThrow()
    expect(row).toMatchObject({ [column]: text, version: 1 })
  })

  test('appears in the list as its error if it cannot be read', async () => {
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
