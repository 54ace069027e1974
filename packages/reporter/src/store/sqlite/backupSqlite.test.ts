import { existsSync, statSync, writeFileSync } from 'node:fs'
import { setImmediate as nextEventLoopTurn } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { describe, expect, onTestFinished, test } from 'vitest'
import { databaseFile, insert } from '../../testing/database.ts'
import { migrate } from '../migrate.ts'
import { loadRecording } from '../recordings.ts'
import type { Database } from '../schema.ts'
import { backupSqlite } from './backupSqlite.ts'
import { openSqlite } from './openSqlite.ts'

/** An open database file of about 12 MB, which is copied in some 30 steps. */
const openDatabase = async (): Promise<Kysely<Database>> => {
  const db = openSqlite(databaseFile())
  onTestFinished(() => db.destroy())
  await migrate(db)
  await sql`
    with recursive n (i) as (values (1) union all select i + 1 from n where i < 3000)
    insert into timeline (recording_id, at, code, message, evidence)
    select 'old', 1, 'page.loaded', ${'x'.repeat(4000)}, '{}' from n`.execute(db)
  return db
}

const rowsIn = async (db: Kysely<Database>): Promise<number> => {
  const { rows } = await sql<{ count: number }>`select count(*) as count from recordings`.execute(db)
  return Number(rows[0]?.count)
}

describe('a backup', () => {
  test('opens, has what was stored before it began, and only its owner may read it', async () => {
    const db = await openDatabase()
    const recording = await insert(db, 'a')
    const file = databaseFile()
    await backupSqlite(db, file)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(existsSync(`${file}-journal`)).toBe(false)
    const copy = openSqlite(file)
    onTestFinished(() => copy.destroy())
    await migrate(copy)
    expect((await loadRecording(copy, 'a'))?.recording).toEqual(recording)
  })

  test('is made while transactions are written, and contains each of them entirely or not at all', async () => {
    const db = await openDatabase()
    const file = databaseFile()
    let done = false
    let written = 0
    const writing = (async () => {
      for (; !done; written += 2) {
        await db.transaction().execute(async (trx) => {
          await insert(trx, `one${written}`)
          await nextEventLoopTurn()
          await insert(trx, `two${written}`)
        })
        await nextEventLoopTurn()
      }
    })()
    await nextEventLoopTurn()
    await backupSqlite(db, file)
    done = true
    await writing
    const copy = openSqlite(file)
    onTestFinished(() => copy.destroy())
    const { rows } = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(copy)
    expect(rows).toEqual([{ integrity_check: 'ok' }])
    expect(written).toBeGreaterThan(10)
    const copied = await rowsIn(copy)
    expect(copied % 2).toBe(0)
    expect(copied).toBeGreaterThan(0)
    expect(copied).toBeLessThanOrEqual(await rowsIn(db))
  })

  test('that is stopped, or finds a file in its place, fails and leaves no file of its own', async () => {
    const db = await openDatabase()
    const file = databaseFile()
    await expect(backupSqlite(db, file, () => true)).rejects.toThrow('The backup was stopped')
    expect(existsSync(file)).toBe(false)
    writeFileSync(file, 'mine')
    await expect(backupSqlite(db, file)).rejects.toThrow(/EEXIST/)
    expect(statSync(file).size).toBe(4)
    await insert(db, 'still')
  })
})
