import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { Time } from '../supervisor/recording.ts'
import type { Effect } from '../supervisor/signal.ts'
import type { Database } from './schema.ts'

export interface StoredEffect extends Effect {
  id: number
  recordingId: string
}

const kindSchema = z.enum(['start', 'query', 'routineQuery', 'stop', 'update'])

/** What somebody takes upon himself: up to `limit` effects of these kinds, for `lease` milliseconds. */
export interface ClaimRequest {
  kinds: readonly Effect['kind'][]
  limit: number
  leaseMs: number
}

export const addEffects = async (
  db: Kysely<Database>,
  recordingId: string,
  effects: Effect[],
  now: Time,
): Promise<void> => {
  if (effects.length === 0) return
  await db
    .insertInto('effects')
    .values(
      effects.map(({ kind, attempt }) => ({
        recording_id: recordingId,
        kind,
        attempt,
        created_at: now,
        claimed_until: 0,
      })),
    )
    .execute()
}

/** Takes effects of these kinds, the oldest first. The predicate stands outside too, for engines with many writers. */
export const claimEffects = async (
  db: Kysely<Database>,
  now: Time,
  options: ClaimRequest,
): Promise<StoredEffect[]> => {
  const rows = await db
    .updateTable('effects')
    .set({ claimed_until: now + options.leaseMs })
    .where('claimed_until', '<=', now)
    .where('id', 'in', (free) =>
      free
        .selectFrom('effects')
        .select('id')
        .where('claimed_until', '<=', now)
        .where('kind', 'in', options.kinds)
        .orderBy('id')
        .limit(options.limit),
    )
    .returningAll()
    .execute()
  return rows.map(({ id, recording_id, kind, attempt }) => ({
    id,
    recordingId: recording_id,
    kind: kindSchema.parse(kind),
    attempt,
  }))
}

/** The effect's outcome is in the state that the same transaction saves. */
export const completeEffect = async (db: Kysely<Database>, id: number): Promise<void> => {
  await db.deleteFrom('effects').where('id', '=', id).execute()
}

/** The effect broke down before it had an outcome: somebody takes it again from `at` on. */
export const releaseEffect = async (db: Kysely<Database>, id: number, at: Time): Promise<void> => {
  await db.updateTable('effects').set({ claimed_until: at }).where('id', '=', id).execute()
}

/** Only for a store that one process has to itself: what an earlier process had claimed is free again. */
export const releaseClaims = async (db: Kysely<Database>): Promise<void> => {
  await db.updateTable('effects').set({ claimed_until: 0 }).execute()
}
