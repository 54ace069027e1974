import { statSync } from 'node:fs'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { createLog } from '../log.ts'
import { migrate } from '../store/migrate.ts'
import { openSqlite } from '../store/sqlite/openSqlite.ts'
import { createSqliteStore } from '../store/sqlite/sqliteStore.ts'
import { databaseFile, insert } from '../testing/database.ts'
import { createHarness } from '../testing/harness.ts'
import { createRetention } from './retention.ts'

const DAY = 86_400

test('keeps a stopped recording for the configured days, and then removes everything of it', async () => {
  const harness = await createHarness({ retentionDays: 2 })
  await harness.rolling()
  await harness.rolling({ id: 'live' })
  await harness.parts.statistics.flush()
  expect((await harness.dump()).roll_ups).toHaveLength(2)
  await harness.api('POST', '/v1/recordings/class42/stop')
  await harness.drainEffects()
  harness.jump(2 * DAY - 60)
  await harness.parts.retention.runOnce()
  expect((await harness.recording()).state).toBe('stopped')
  harness.jump(120)
  await harness.parts.retention.runOnce()
  expect((await harness.api('GET', '/v1/recordings/class42')).status).toBe(404)
  expect(JSON.stringify(await harness.dump())).not.toContain('class42')
  expect((await harness.dump()).roll_ups).toEqual([])
  expect(await harness.recording('live')).toMatchObject({ state: 'rolling', attempts: [{ sid: 'sid2' }] })
})

test('returns space to the file system, so that the file does not grow with removed rows', async () => {
  const file = databaseFile()
  const db = openSqlite(file)
  onTestFinished(() => db.destroy())
  await migrate(db)
  let now = 0
  const clock = { now: () => now, elapsed: () => now }
  const retention = createRetention({
    ...{ store: createSqliteStore(db), clock, log: createLog('silent'), days: 1 },
    deliveries: { expire: async () => {} },
  })
  const evidence = JSON.stringify({ text: 'x'.repeat(2000) })
  /** Adds 4 MB of recordings and timelines, prunes them two days later, and returns the file size. */
  const day = async (name: string): Promise<number> => {
    await sql`begin`.execute(db)
    for (let n = 0; n < 20; n += 1) {
      await insert(db, `${name}${n}`, { state: 'stopped' })
      await sql`update recordings set updated_at = ${now} where id = ${`${name}${n}`}`.execute(db)
      for (let entry = 0; entry < 100; entry += 1) {
        await sql`insert into timeline (recording_id, at, code, message, evidence)
          values (${`${name}${n}`}, ${now}, 'page.hello', '', ${evidence})`.execute(db)
      }
    }
    await sql`commit`.execute(db)
    now += 2 * DAY * 1000
    await retention.runOnce()
    await sql`pragma wal_checkpoint(truncate)`.execute(db)
    return statSync(file).size
  }
  const first = await day('a')
  expect(first).toBeLessThan(500_000)
  await day('b')
  expect(await day('c')).toBeLessThan(first * 1.2)
})

test('enables incremental vacuum in a file that was created without it', async () => {
  const file = databaseFile()
  const { DatabaseSync } = await import('node:sqlite')
  const before = new DatabaseSync(file)
  before.exec('create table kept (word text)')
  before.exec("insert into kept values ('kept')")
  before.close()
  const db = openSqlite(file)
  onTestFinished(() => db.destroy())
  expect((await sql`pragma auto_vacuum`.execute(db)).rows).toEqual([{ auto_vacuum: 2 }])
  expect((await sql`select word from kept`.execute(db)).rows).toEqual([{ word: 'kept' }])
})
