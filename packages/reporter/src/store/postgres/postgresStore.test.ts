import { sql } from 'kysely'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { emptyPostgres } from '../../testing/postgresDatabase.ts'
import { insertInto, loadFrom } from '../../testing/stores.ts'
import type { PostgresDatabase } from './openPostgres.ts'
import { isTransient, retryDelay } from './postgresErrors.ts'
import { createPostgresStore } from './postgresStore.ts'

/** Ends all connections of the database but the one that asks. */
const cutOff = async ({ reader }: PostgresDatabase): Promise<void> => {
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`.execute(reader)
}

describe('when connections are lost', () => {
  test('a transaction is run again from its beginning, and is stored once', async () => {
    const database = await emptyPostgres()
    const store = createPostgresStore(database)
    await insertInto(store, 'a')
    let runs = 0
    await store.transaction(async (operations) => {
      runs += 1
      const stored = await operations.loadRecording('a')
      if (!stored) throw new Error('unreachable')
      await operations.saveRecording(stored, { ...stored.recording, state: 'rolling' }, 2000)
      if (runs === 1) await cutOff(database)
      await operations.appendTimeline('a', [{ code: 'x', attempt: null, message: '', evidence: {} }], 2000)
    })
    expect(runs).toBe(2)
    expect(await loadFrom(store, 'a')).toMatchObject({ version: 2, recording: { state: 'rolling' } })
    expect(await store.readTimeline('a', { after: 0, limit: 9 })).toHaveLength(1)
  })

  test('a commit whose outcome is unknown is not repeated', async () => {
    const database = await emptyPostgres()
    const store = createPostgresStore(database)
    // Checked by the commit only; it ends its own connection, as a server that stops at that moment would.
    await sql`create or replace function end_connection() returns trigger language plpgsql as
      $$ begin perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(5); return null; end $$`.execute(
      database.writer,
    )
    await sql`create constraint trigger at_commit after insert or update on ticks deferrable initially deferred
      for each row execute function end_connection()`.execute(database.writer)
    onTestFinished(async () => {
      await sql`drop trigger at_commit on ticks`.execute(database.writer)
    })
    const work = vi.fn(async (operations: Parameters<Parameters<typeof store.transaction>[0]>[0]) =>
      operations.writeTick(1),
    )
    await expect(store.transaction(work)).rejects.toThrow(/terminat/)
    expect(work).toHaveBeenCalledTimes(1)
  })

  test('a read is repeated', async () => {
    const database = await emptyPostgres()
    const store = createPostgresStore(database)
    await store.writeTick(7)
    const cut = cutOff(database)
    expect(await Promise.all(Array.from({ length: 20 }, () => store.readTick()))).toEqual(Array(20).fill(7))
    await cut
    expect(await store.readTick()).toBe(7)
  })
})

describe('retries', () => {
  test.each(['40001', '40P01', '57P01', '57P03', '08006', 'ECONNREFUSED'])('follow %s', (code) => {
    expect(isTransient(Object.assign(new Error('x'), { code }))).toBe(true)
  })

  test.each(['23505', '42P01', '28P01', '57014', '22003'])('do not follow %s', (code) => {
    expect(isTransient(Object.assign(new Error('x'), { code }))).toBe(false)
  })

  test('end within a second', () => {
    const error = new Error('Connection terminated unexpectedly')
    const delays = [1, 2, 3, 4, 5].map((tries) => retryDelay(error, tries))
    expect(delays).toEqual([50, 100, 200, 400, undefined])
    expect(retryDelay(new Error('a defect'), 1)).toBeUndefined()
  })
})
