import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import { onTestFinished } from 'vitest'
import { recordingRequestSchema } from '../recordingRequest.ts'
import { migrate } from '../store/migrate.ts'
import { insertRecording } from '../store/recordings.ts'
import type { Database } from '../store/schema.ts'
import { openSqlite } from '../store/sqlite/openSqlite.ts'
import { DEFAULT_POLICY } from '../supervisor/policy.ts'
import { newRecording, type Recording } from '../supervisor/recording.ts'

/** A migrated database in memory, closed after the test. */
export const memoryDatabase = async (): Promise<Kysely<Database>> => {
  const db = openSqlite(':memory:')
  onTestFinished(() => db.destroy())
  await migrate(db)
  return db
}

/** A path for a database file, removed after the test. */
export const databaseFile = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'stillrolling-store-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'test.db')
}

/** Stores a recording that has no attempt yet. */
export const insert = async (
  db: Kysely<Database>,
  id: string,
  changes: Partial<Recording> = {},
): Promise<Recording> => {
  const recording = { ...newRecording(id, DEFAULT_POLICY, 1000, 3), ...changes }
  const request = recordingRequestSchema.parse({ id, url: 'https://page.test/' })
  await insertRecording(db, request, recording, 1000)
  return recording
}
