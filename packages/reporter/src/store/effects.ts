import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { Time } from '../supervisor/recording.ts'
import type { Effect } from '../supervisor/signal.ts'
import type { Database } from './schema.ts'
import type { ClaimRequest, StoredEffect } from './types.ts'

const kindSchema = z.enum(['start', 'query', 'routineQuery', 'stop', 'update'])

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

/** The condition on `claimed_until` stands in both queries, for databases with several writers. */
export const claimEffects = async (
  db: Kysely<Database>,
  now: Time,
  { kinds, limit, leaseMs }: ClaimRequest,
): Promise<StoredEffect[]> => {
  const rows = await db
    .updateTable('effects')
    .set({ claimed_until: now + leaseMs })
    .where('claimed_until', '<=', now)
    .where('id', 'in', (unclaimed) =>
      unclaimed
        .selectFrom('effects')
        .select('id')
        .where('claimed_until', '<=', now)
        .where('kind', 'in', kinds)
        .orderBy('id')
        .limit(limit),
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

export const completeEffect = async (db: Kysely<Database>, id: number): Promise<void> => {
  await db.deleteFrom('effects').where('id', '=', id).execute()
}

export const releaseEffect = async (db: Kysely<Database>, id: number, at: Time): Promise<void> => {
  await db.updateTable('effects').set({ claimed_until: at }).where('id', '=', id).execute()
}

export const releaseClaims = async (db: Kysely<Database>): Promise<void> => {
  await db.updateTable('effects').set({ claimed_until: 0 }).where('claimed_until', '>', 0).execute()
}
