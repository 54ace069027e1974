import { type RecordingRequest, recordingRequestSchema } from '../recordingRequest.ts'
import { mainIdOf } from '../standbyId.ts'
import { createPostgresStore } from '../store/postgres/postgresStore.ts'
import { createSqliteStore } from '../store/sqlite/sqliteStore.ts'
import type { Store } from '../store/store.ts'
import type { HourlyStatistics, StoredRecording } from '../store/types.ts'
import { startAttempt } from '../supervisor/attempt.ts'
import { openDraft } from '../supervisor/draft.ts'
import { PAGE_RULES } from '../supervisor/page/rules.ts'
import { DEFAULT_POLICY } from '../supervisor/policy.ts'
import { newRecording, type Recording, UID_BASE } from '../supervisor/recording.ts'
import { memoryDatabase } from './database.ts'
import { createMemory } from './memoryStore.ts'
import { emptyPostgres } from './postgresDatabase.ts'

/** The implementations, and how a test opens an empty one. */
export const STORES: [string, () => Promise<Store>][] = [
  ['SQLite', async () => createSqliteStore(await memoryDatabase())],
  ['PostgreSQL', async () => createPostgresStore(await emptyPostgres())],
  ['memory', async () => createMemory().connect()],
]

/** A standby has the request of its recording. */
export const requestOf = (id: string): RecordingRequest =>
  recordingRequestSchema.parse({ id: mainIdOf(id) ?? id, url: 'https://page.test/' })

/** Stores a recording; by default it has no attempt yet. */
export const insertInto = async (
  store: Store,
  id: string,
  changes: Partial<Recording> = {},
): Promise<Recording> => {
  const attemptCount = changes.attempts?.length ?? 0
  const recording = { ...newRecording(id, DEFAULT_POLICY, 1000, 3), attemptCount, ...changes }
  await store.insertRecording(requestOf(id), recording, 1000)
  return recording
}

export const loadFrom = async (store: Store, id: string): Promise<StoredRecording> => {
  const stored = await store.loadRecording(id)
  if (!stored) throw new Error(`${id} is not stored`)
  return stored
}

/** Attempts with these sids. */
export const attemptsOf = (
  id: string,
  sids: (string | null)[],
  uidBase: number = UID_BASE,
): Recording['attempts'] => {
  const recording = newRecording(id, DEFAULT_POLICY, 1000, 3, { uidBase })
  const draft = openDraft(recording, PAGE_RULES, { now: 1000, random: 0 })
  for (const _ of sids) startAttempt(draft)
  return draft.recording.attempts.map((attempt, index) => ({ ...attempt, sid: sids[index] ?? null }))
}

export const HOUR_MS = 3_600_000

export const statisticsOf = (
  recordingId: string,
  changes: Partial<HourlyStatistics> = {},
): HourlyStatistics => ({
  ...{ recordingId, attempt: 1, hour: HOUR_MS },
  ...{ reports: 1, unhealthy: 2, missed: 3, errors: 4, failed: 5, lateMax: 6, blank: 7 },
  ...changes,
})
