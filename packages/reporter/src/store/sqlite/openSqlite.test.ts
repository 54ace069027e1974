import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, statSync, writeFileSync } from 'node:fs'
import { sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { describe, expect, onTestFinished, test } from 'vitest'
import { databaseFile, insert, memoryDatabase } from '../../testing/database.ts'
import { UnusableDatabaseError } from '../errors.ts'
import { migrate } from '../migrate.ts'
import { migrations } from '../migrations/index.ts'
import { loadRecording } from '../recordings.ts'
import { openSqlite } from './openSqlite.ts'

/** Starts a process that opens the file and holds it until it is killed. */
const holdElsewhere = async (file: string): Promise<ChildProcess> => {
  const child = fork(new URL('../../testing/holdDatabase.ts', import.meta.url), [file])
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const [message] = await once(child, 'message')
  expect(message).toBe('open')
  return child
}

describe('a database file', () => {
  test('is refused while another process holds it, and free as soon as that process is killed', async () => {
    const file = databaseFile()
    const other = await holdElsewhere(file)
    const refuse = (): unknown => openSqlite(file, 20)
    expect(refuse).toThrow(UnusableDatabaseError)
    expect(refuse).toThrow(`Another process uses the database ${file}`)
    expect(refuse).toThrow('DATABASE_FILE')
    other.kill('SIGKILL')
    await once(other, 'exit')
    const db = openSqlite(file, 20)
    await migrate(db)
    await db.destroy()
  })

  test('persists what was written', async () => {
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

  test('is created for its owner only, with its journals; the permissions of an existing one are kept', async () => {
    const umask = process.umask(0)
    onTestFinished(() => void process.umask(umask))
    const file = databaseFile()
    const db = openSqlite(file)
    await migrate(db)
    const modes = (): number[] => [file, `${file}-wal`].map((name) => statSync(name).mode & 0o777)
    expect(modes()).toEqual([0o600, 0o600])
    await db.destroy()
    chmodSync(file, 0o640)
    const again = openSqlite(file)
    onTestFinished(() => again.destroy())
    await migrate(again)
    await insert(again, 'a')
    expect(modes()).toEqual([0o640, 0o640])
  })

  test('is synced to the disk at every commit', async () => {
    const db = openSqlite(databaseFile())
    onTestFinished(() => db.destroy())
    const pragma = async (name: string): Promise<unknown> =>
      Object.values((await sql.raw<object>(`pragma ${name}`).execute(db)).rows[0] ?? {})[0]
    expect(await pragma('journal_mode')).toBe('wal')
    // 2: FULL.
    expect(await pragma('synchronous')).toBe(2)
    expect(await pragma('locking_mode')).toBe('exclusive')
  })

  test('is refused in a folder that does not exist', () => {
    expect(() => openSqlite('/nowhere/at/all.db')).toThrow(/cannot be opened.*Check that DATABASE_FILE/)
  })

  test('is refused if it is not a database', () => {
    const file = databaseFile()
    writeFileSync(file, 'some text, and not a database at all'.repeat(30))
    expect(() => openSqlite(file)).toThrow(UnusableDatabaseError)
  })
})

describe('migrate', () => {
  test('does nothing the second time', async () => {
    const db = await memoryDatabase()
    await insert(db, 'a')
    await migrate(db)
    expect(await loadRecording(db, 'a')).toBeDefined()
  })

  /** A database as it was after the first so many migrations, with these recordings. */
  const migratedBy = async (count: number, bodies: Record<string, string>) => {
    const db = openSqlite(':memory:')
    onTestFinished(() => db.destroy())
    const first = Object.fromEntries(Object.entries(migrations).slice(0, count))
    await new Migrator({ db, provider: { getMigrations: async () => first } }).migrateToLatest()
    for (const [id, body] of Object.entries(bodies)) {
      await sql`insert into recordings (id, version, state, created_at, updated_at, request, body)
        values (${id}, 1, 'rolling', 1, 1, '{}', ${body})`.execute(db)
    }
    return db
  }

  test('names the tasks of earlier recordings after their ids, also where a body is damaged', async () => {
    const bodies = { a: '{"uidBase":900000}', b: '{"uidBase":1234}', c: 'junk', d: '{}', e: '[]', f: '' }
    const db = await migratedBy(6, bodies)
    await migrate(db)
    const rows = db.selectFrom('recordings').select(['id', 'cname', 'uid_base', 'standby_of', 'body'])
    expect(await rows.orderBy('id').execute()).toEqual(
      Object.entries(bodies).map(([id, body]) => ({
        ...{ id, cname: id, body, standby_of: null },
        uid_base: id === 'b' ? 1234 : 900_000,
      })),
    )
  })

  test('keeps the heartbeats of a database from before the table was renamed', async () => {
    const db = await migratedBy(3, { a: '{}' })
    await sql`insert into beats (recording_id, attempt, page, seq, at) values ('a', 1, 'p1', 7, 5000)`.execute(
      db,
    )
    await migrate(db)
    expect(await db.selectFrom('last_heartbeats').selectAll().execute()).toEqual([
      { recording_id: 'a', attempt: 1, page: 'p1', seq: 7, at: 5000 },
    ])
    expect((await db.introspection.getTables()).map(({ name }) => name)).not.toContain('beats')
  })

  test('refuses a database that a newer version has migrated', async () => {
    const db = await memoryDatabase()
    await sql`insert into kysely_migration (name, timestamp) values ('999-future', '2030-01-01')`.execute(db)
    const migrating = migrate(db)
    await expect(migrating).rejects.toThrow(UnusableDatabaseError)
    await expect(migrating).rejects.toThrow(/newer version .*\(999-future\).* restore the backup/)
  })

  test('says which migration failed, and rolls everything back', async () => {
    const db = openSqlite(':memory:')
    onTestFinished(() => db.destroy())
    await sql`create table ticks (id integer)`.execute(db)
    await expect(migrate(db)).rejects.toThrow(/The migration 001-initial failed: .*ticks/)
    const tables = await db.introspection.getTables()
    expect(tables.map(({ name }) => name)).toEqual(['ticks'])
  })
})
