import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { sql } from 'kysely'
import { describe, expect, onTestFinished, test } from 'vitest'
import { databaseFile, insert, memoryDatabase } from '../testing/database.ts'
import { migrate } from './migrate.ts'
import { loadRecording } from './recordings.ts'
import { DatabaseFileError, openSqlite } from './sqlite.ts'

/** Another process that opens the file, says so, and holds it until it is killed. */
const holdElsewhere = async (file: string): Promise<ChildProcess> => {
  const child = fork(new URL('../testing/holdDatabase.ts', import.meta.url), [file])
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const [message] = await once(child, 'message')
  expect(message).toBe('open')
  return child
}

describe('a database file', () => {
  test('is refused while another process has it, and free as soon as that one is killed', async () => {
    const file = databaseFile()
    const other = await holdElsewhere(file)
    const refuse = (): unknown => openSqlite(file, 20)
    expect(refuse).toThrow(DatabaseFileError)
    expect(refuse).toThrow(`Another process uses the database ${file}`)
    expect(refuse).toThrow('DATABASE_FILE')
    other.kill('SIGKILL')
    await once(other, 'exit')
    const db = openSqlite(file, 20)
    await migrate(db)
    await db.destroy()
  })

  test('keeps what was written', async () => {
    const file = databaseFile()
    const first = openSqlite(file)
    await migrate(first)
    const recording = await insert(first, 'a')
    await first.destroy()
    const second = openSqlite(file)
    onTestFinished(() => second.destroy())
    await migrate(second)
    expect((await loadRecording(second, 'a'))?.recording).toEqual(recording)
  })

  test('is written to the disk before an answer is given', async () => {
    const db = openSqlite(databaseFile())
    onTestFinished(() => db.destroy())
    const pragma = async (name: string): Promise<unknown> =>
      Object.values((await sql.raw<object>(`pragma ${name}`).execute(db)).rows[0] ?? {})[0]
    expect(await pragma('journal_mode')).toBe('wal')
    // 2: FULL.
    expect(await pragma('synchronous')).toBe(2)
    expect(await pragma('locking_mode')).toBe('exclusive')
  })

  test('is refused in a folder that is not there', () => {
    expect(() => openSqlite('/nowhere/at/all.db')).toThrow(/cannot be opened.*Check DATABASE_FILE/)
  })

  test('is refused when it is no database, and left as it is', () => {
    const file = databaseFile()
    writeFileSync(file, 'a letter to somebody, and not a database at all'.repeat(30))
    expect(() => openSqlite(file)).toThrow(DatabaseFileError)
  })
})

describe('migrate', () => {
  test('does nothing the second time', async () => {
    const db = await memoryDatabase()
    await insert(db, 'a')
    await migrate(db)
    expect(await loadRecording(db, 'a')).toBeDefined()
  })

  test('refuses a database that a newer version has migrated', async () => {
    const db = await memoryDatabase()
    await sql`insert into kysely_migration (name, timestamp) values ('999-future', '2030-01-01')`.execute(db)
    await expect(migrate(db)).rejects.toThrow(/cannot be migrated: .*999-future/)
  })

  test('says which migration failed, and leaves nothing half done', async () => {
    const db = openSqlite(':memory:')
    onTestFinished(() => db.destroy())
    await sql`create table ticks (id integer)`.execute(db)
    await expect(migrate(db)).rejects.toThrow(/The migration 001-initial failed: .*ticks/)
    const tables = await db.introspection.getTables()
    expect(tables.map(({ name }) => name)).toEqual(['ticks'])
  })
})
