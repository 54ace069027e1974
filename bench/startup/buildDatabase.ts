import type { DatabaseSync } from 'node:sqlite'
import { recordingRequestSchema } from '../../packages/reporter/src/recordingRequest.ts'
import { migrate } from '../../packages/reporter/src/store/migrate.ts'
import { connectionOf, openSqlite } from '../../packages/reporter/src/store/sqlite/openSqlite.ts'
import { createSqliteStore } from '../../packages/reporter/src/store/sqlite/sqliteStore.ts'
import { decide } from '../../packages/reporter/src/supervisor/decide.ts'
import { DEFAULT_POLICY } from '../../packages/reporter/src/supervisor/policy.ts'
import { newRecording, type Recording } from '../../packages/reporter/src/supervisor/recording.ts'
import type { Signal } from '../../packages/reporter/src/supervisor/signal.ts'

/** Recordings that are written one by one; the others are copies of these. */
const TEMPLATES = 100

/**
 * Writes a database as a reporter leaves it that was killed at `killedAt`: all recordings are rolling, and the last
 * heartbeats of their pages are spread over the ten seconds before.
 * @param recordings a multiple of 100
 */
export const buildDatabase = async (file: string, recordings: number, killedAt: number): Promise<void> => {
  const db = openSqlite(file)
  await migrate(db)
  const store = createSqliteStore(db)
  await store.transaction(async (operations) => {
    for (let index = 0; index < TEMPLATES; index += 1) {
      const id = `r${index}`
      const request = recordingRequestSchema.parse({ id, url: `https://app.example.com/room/${id}` })
      const lastBeatAt = killedAt - 10_000 + index * 100
      await operations.insertRecording(request, rollingRecording(id, lastBeatAt), killedAt)
      await operations.saveLastHeartbeats([
        { recordingId: id, attempt: 1, page: 'page1', seq: 3, at: lastBeatAt },
      ])
    }
  })
  copyAll(connectionOf(db), recordings / TEMPLATES - 1)
  await store.writeTick(killedAt)
  await db.destroy()
}

/** Copies every recording so many times, under other ids. */
const copyAll = (connection: DatabaseSync, copies: number): void => {
  if (copies === 0) return
  connection.exec(`
    begin;
    create temp table copies as with recursive numbers (n) as
      (select 1 union all select n + 1 from numbers where n < ${copies}) select 'x' || n as suffix from numbers;
    insert into last_heartbeats (recording_id, attempt, page, seq, at)
      select recording_id || suffix, attempt, page, seq, at from last_heartbeats, copies;
    insert into attempts (recording_id, number, uid, sid)
      select recording_id || suffix, number, uid, sid || suffix from attempts, copies;
    insert into recordings (id, version, state, due_at, created_at, updated_at, request, body)
      select id || suffix, version, state, due_at, created_at, updated_at,
        replace(request, '"id":"' || id || '"', '"id":"' || id || suffix || '"'),
        replace(body, '"id":"' || id || '"', '"id":"' || id || suffix || '"')
      from recordings, copies;
    commit`)
}

/** A recording whose page loaded a minute ago. */
const rollingRecording = (id: string, lastBeatAt: number): Recording => {
  const report = { page: 'page1', failing: [] }
  const signals: [secondsAgo: number, Signal][] = [
    [70, { type: 'created' }],
    [70, { type: 'acquired', attempt: 1, resourceId: `resource-${id}`.padEnd(400, 'x') }],
    [69, { type: 'started', attempt: 1, sid: `sid-${id}`, resourceId: `resource-${id}` }],
    [64, { type: 'due' }],
    [64, { type: 'queried', attempt: 1, answer: { kind: 'status', status: 5, files: [`${id}.m3u8`] } }],
    [62, { type: 'report', attempt: 1, report: { ...report, type: 'hello', seq: 1 } }],
    [60, { type: 'report', attempt: 1, report: { ...report, type: 'loaded', seq: 2 } }],
    [0, { type: 'report', attempt: 1, report: { ...report, type: 'heartbeat', seq: 3 } }],
  ]
  return signals.reduce<Recording>(
    (recording, [secondsAgo, signal]) =>
      decide(recording, signal, { now: lastBeatAt - secondsAgo * 1000, random: Math.random() }).recording,
    newRecording(id, DEFAULT_POLICY, lastBeatAt - 70_000, 24),
  )
}
