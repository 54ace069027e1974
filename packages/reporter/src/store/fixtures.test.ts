import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Kysely } from 'kysely'
import { describe, expect, test } from 'vitest'
import type { AttemptView } from '../http/recordings/attemptView.ts'
import { mainIdOf } from '../standbyId.ts'
import { databaseFile } from '../testing/database.ts'
import { createHarness } from '../testing/harness.ts'
import { migrate } from './migrate.ts'
import { isTerminal } from './recordingFacts.ts'
import { dueRecordings, loadRecording } from './recordings.ts'
import type { Database } from './schema.ts'
import { openSqlite } from './sqlite/openSqlite.ts'
import { readTick } from './ticks.ts'
import type { StoredRecording } from './types.ts'

const FOLDER = new URL('./fixtures/', import.meta.url)
const FIXTURES = readdirSync(FOLDER).filter((name) => name.endsWith('.db.gz'))

const DAY_MS = 86_400_000

/** What each recording was when its database was written. */
const STATES: Record<string, string[]> = {
  starting: ['starting'],
  loading: ['loading'],
  rolling: ['rolling'],
  paused: ['paused', 'rolling'],
  unhealthy: ['unhealthy'],
  replaced: ['starting', 'loading', 'unhealthy'],
  recovered: ['loading'],
  rolledover: ['rolling'],
  postponed: ['recovering'],
  orphaned: ['starting', 'loading'],
  failed: ['failed'],
  stopping: ['stopping'],
  stopped: ['stopped'],
  individual: ['rolling'],
  mix: ['rolling'],
  channelpair: ['rolling'],
  'channelpair~standby': ['rolling'],
  pair: ['rolling'],
  'pair~standby': ['loading'],
}

/** A migrated copy. */
const openFixture = async (name: string): Promise<Kysely<Database>> => {
  const file = databaseFile()
  writeFileSync(file, gunzipSync(readFileSync(new URL(name, FOLDER))))
  const db = openSqlite(file)
  await migrate(db)
  return db
}

/** With standbys. @throws {UnreadableRowError} */
const readAll = async (db: Kysely<Database>): Promise<StoredRecording[]> => {
  const rows = await db.selectFrom('recordings').select('id').execute()
  const all = await Promise.all(rows.map(({ id }) => loadRecording(db, id)))
  return all.filter((stored) => stored !== undefined)
}

test('there is a fixture for each migration but those that are not released', () => {
  const covered = FIXTURES.map((name) => name.slice(0, 3))
  expect(covered).toEqual(expect.arrayContaining(['001', '002', '003', '004', '006', '007']))
})

describe.each(FIXTURES)('the database %s of an earlier version', (name) => {
  test('is migrated, and every recording is read in the state that it had', async () => {
    const db = await openFixture(name)
    const all = await readAll(db)
    await db.destroy()
    expect(all.length).toBeGreaterThanOrEqual(11)
    for (const { recording, request } of all) {
      const { id, cname } = recording
      expect(STATES[id], id).toContain(recording.state)
      const room = mainIdOf(id) ?? id
      const isOf =
        request.kind === 'page'
          ? { url: `https://page.test/room/${room}` }
          : { kind: 'channel', channel: cname }
      expect(request).toMatchObject({ ...isOf, metadata: { room } })
    }
  })

  test('is found by what the migrations have taken from the bodies', async () => {
    const db = await openFixture(name)
    const all = await readAll(db)
    const rows = await db.selectFrom('attention').selectAll().execute()
    const kinds = await db
      .selectFrom('recordings')
      .select(['id', 'kind', 'state_since', 'runs_until'])
      .execute()
    await db.destroy()
    const raised = all.flatMap(({ recording: { id, attention } }) =>
      attention.map(({ code, since }) => ({ recording_id: id, code, since, main_id: mainIdOf(id) ?? id })),
    )
    const keyOf = ({ recording_id, code }: (typeof rows)[number]) => `${recording_id} ${code}`
    expect(rows.toSorted((one, other) => keyOf(one).localeCompare(keyOf(other)))).toEqual(
      raised.toSorted((one, other) => keyOf(one).localeCompare(keyOf(other))),
    )
    expect(kinds.map(({ id, kind }) => [id, kind]).toSorted()).toEqual(
      all.map(({ recording: { id, kind } }) => [id, kind]).toSorted(),
    )
    const orphans = all.flatMap(({ recording: { id, attempts } }) => {
      const until = attempts.flatMap(({ state, mayRunUntil }) => (state === 'orphaned' ? [mayRunUntil] : []))
      return until.length === 0 ? [] : [[id, Math.max(...until.map((at) => at ?? Number.MAX_SAFE_INTEGER))]]
    })
    const running = kinds.flatMap(({ id, runs_until }) => (runs_until === null ? [] : [[id, runs_until]]))
    expect(running.toSorted()).toEqual(orphans.toSorted())
    for (const { state_since } of kinds) expect(state_since).toBeGreaterThan(Date.UTC(2025, 0, 1))
  })

  test('is supervised on: each live recording has a deadline or an effect, and is decided on without an error', async () => {
    const db = await openFixture(name)
    const startsAt = ((await readTick(db)) ?? 0) + 60_000
    const live = (await readAll(db)).flatMap(({ recording }) => (isTerminal(recording) ? [] : [recording.id]))
    const due = await dueRecordings(db, startsAt + 31 * DAY_MS, { limit: 500, except: [] })
    const effects = await db.selectFrom('effects').select('recording_id').execute()
    const cared = new Set([...due, ...effects.map(({ recording_id }) => recording_id)])
    expect([...cared].toSorted()).toEqual(live.toSorted())
    const harness = await createHarness({}, { db, startsAt })
    await harness.drainEffects()
    await harness.pass(45)
    expect(harness.log().filter(({ err }) => err !== undefined)).toEqual([])
    for (const id of live) {
      const stored = await loadRecording(db, id)
      const ends =
        id === 'stopping'
          ? ['stopped']
          : ['starting', 'loading', 'rolling', 'unhealthy', 'recovering', 'paused']
      expect(ends, id).toContain(stored?.recording.state)
    }
  })
})

test.each(['004-body-version-1.db.gz', '006-settled-attempts.db.gz', '007-task-names.db.gz'])(
  'of a recording in %s that has rolled over 40 times, no attempt is lost, and its body has those that are needed',
  async (name) => {
    const db = await openFixture(name)
    const startsAt = ((await readTick(db)) ?? 0) + 60_000
    const harness = await createHarness({}, { db, startsAt })
    await harness.pass(601)
    const stored = await loadRecording(db, 'rolledover')
    expect(stored?.recording.attempts.length).toBeLessThan(8)
    const count = stored?.recording.attemptCount ?? 0
    expect(count).toBeGreaterThanOrEqual(41)
    const response = await harness.api('GET', '/v1/recordings/rolledover/attempts?limit=500')
    const { items } = (await response.json()) as { items: AttemptView[] }
    expect(items.map(({ number }) => number)).toEqual(
      Array.from({ length: count }, (_, index) => count - index),
    )
    expect(items.at(-1)).toMatchObject({ number: 1, uid: '900001', state: 'ended', files: [{ attempt: 1 }] })
  },
)
