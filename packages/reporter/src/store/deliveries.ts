import { type Kysely, type Selectable, sql } from 'kysely'
import { z } from 'zod'
import type { Time } from '../supervisor/recording.ts'
import {
  DELIVERY_STATES,
  type DeliveryBacklog,
  type DeliveryListOptions,
  type DeliveryTry,
  type ExpiredDelivery,
  type ExpiryOptions,
  type FailedDeliveriesOptions,
  type NewDelivery,
  type StoredDelivery,
  type WrittenDelivery,
} from './deliveryOperations.ts'
import type { Database, DeliveriesTable } from './schema.ts'

/** A value in the text of a statement: an index on some of the rows is used only if the statement names them. */
const PENDING = sql.lit('pending')
const FAILED = sql.lit('failed')

export const addDeliveries = async (
  db: Kysely<Database>,
  recordingId: string,
  deliveries: readonly NewDelivery[],
  now: Time,
): Promise<void> => {
  if (deliveries.length === 0) return
  const byDestination = Map.groupBy(deliveries, ({ destination }) => destination)
  const rows = []
  for (const [destination, added] of byDestination) {
    const last = await lengthenQueue(db, { recordingId, destination, added: added.length }, now)
    for (const [index, { id, type, body }] of added.entries()) {
      const sequence = last - added.length + index + 1
      const times = { created_at: now, queued_at: now }
      rows.push({
        ...{ id, destination, recording_id: recordingId, sequence, type, state: 'pending', body },
        ...times,
      })
    }
  }
  await db.insertInto('deliveries').values(rows).execute()
}

/** With several writers the row is locked until the commit, so that numbers are neither skipped nor given twice. */
const lengthenQueue = async (
  db: Kysely<Database>,
  { recordingId, destination, added }: { recordingId: string; destination: string; added: number },
  now: Time,
): Promise<number> => {
  const { rows } = await sql<{ last_sequence: number }>`
    insert into delivery_queues (recording_id, destination, last_sequence, due_at)
    values (${recordingId}, ${destination}, ${added}, ${now})
    on conflict (recording_id, destination) do update set
      last_sequence = delivery_queues.last_sequence + ${added},
      due_at = coalesce(delivery_queues.due_at, excluded.due_at)
    returning last_sequence`.execute(db)
  return Number(rows[0]?.last_sequence)
}

export const listDeliveries = async (
  db: Kysely<Database>,
  { destination, state, recordingId, type, since, before, limit }: DeliveryListOptions,
): Promise<StoredDelivery[]> => {
  let query = db.selectFrom('deliveries').selectAll()
  if (destination !== undefined) query = query.where('destination', '=', destination)
  // In the text, for the indexes on pending and failed rows.
  if (state !== undefined) query = query.where('state', '=', sql.lit(state))
  if (recordingId !== undefined) query = query.where('recording_id', '=', recordingId)
  if (type !== undefined) query = query.where('type', '=', type)
  if (since !== undefined) query = query.where('created_at', '>=', since)
  if (before !== undefined) query = query.where('position', '<', before)
  const rows = await query.orderBy('position', 'desc').limit(limit).execute()
  return rows.map(readDelivery)
}

export const loadDelivery = async (db: Kysely<Database>, id: string): Promise<StoredDelivery | undefined> => {
  const row = await db.selectFrom('deliveries').selectAll().where('id', '=', id).executeTakeFirst()
  return row && readDelivery(row)
}

export const requeueDeliveries = async (
  db: Kysely<Database>,
  ids: readonly string[],
  now: Time,
): Promise<number> => {
  if (ids.length === 0) return 0
  const requeued = await db
    .updateTable('deliveries')
    .set({ state: 'pending', queued_at: now, redelivered: 1, tries: 0, first_tried_at: null, ended_at: null })
    .where('id', 'in', ids)
    .where('state', '<>', 'pending')
    .returning(['recording_id', 'destination'])
    .execute()
  const queues = new Map(requeued.map((row) => [`${row.destination} ${row.recording_id}`, row]))
  for (const { recording_id, destination } of queues.values()) {
    await db
      .updateTable('delivery_queues')
      // As a retry: however many there are, new deliveries do not wait for them.
      .set({ due_at: now, retrying: 1 })
      .where('recording_id', '=', recording_id)
      .where('destination', '=', destination)
      .execute()
  }
  return requeued.length
}

export const failedDeliveries = async (
  db: Kysely<Database>,
  { destination, since, until, after = { createdAt: since, position: 0 }, limit }: FailedDeliveriesOptions,
): Promise<WrittenDelivery[]> => {
  const rows = await db
    .selectFrom('deliveries')
    .select(['id', 'created_at', 'position'])
    .where('destination', '=', destination)
    .where('state', '=', FAILED)
    .where(({ eb, refTuple, tuple }) =>
      eb(refTuple('created_at', 'position'), '>', tuple(after.createdAt, after.position)),
    )
    .where('created_at', '<=', until)
    .orderBy('created_at')
    .orderBy('position')
    .limit(limit)
    .execute()
  return rows.map(({ id, created_at, position }) => ({
    ...{ id, createdAt: Number(created_at), position: Number(position) },
  }))
}

export const expireDeliveries = async (
  db: Kysely<Database>,
  { queuedBefore, limit, lastTry }: ExpiryOptions,
): Promise<ExpiredDelivery[]> => {
  const rows = await db
    .updateTable('deliveries')
    .set({ state: 'failed', ended_at: lastTry.at, last_try: JSON.stringify(lastTry) })
    .where('position', 'in', (pending) =>
      pending
        .selectFrom('deliveries')
        .select('position')
        .where('state', '=', PENDING)
        .where('queued_at', '<', queuedBefore)
        .limit(limit),
    )
    .returning(['id', 'destination', 'type', 'redelivered'])
    .execute()
  return rows.map((row) => ({ ...row, redelivered: Number(row.redelivered) === 1 }))
}

export const oldestQueuedAt = async (db: Kysely<Database>, destination: string): Promise<Time | null> => {
  const row = await db
    .selectFrom('deliveries')
    .select('queued_at')
    .where('destination', '=', destination)
    .where('state', '=', PENDING)
    .orderBy('queued_at')
    .limit(1)
    .executeTakeFirst()
  return row ? Number(row.queued_at) : null
}

export const readBacklog = async (db: Kysely<Database>): Promise<DeliveryBacklog[]> => {
  const { rows } = await sql<DeliveryBacklog>`
    select destination, sum(pending) as pending, sum(failed) as failed, min(oldest) as "oldestQueuedAt" from (
      select destination, count(*) as pending, 0 as failed, min(queued_at) as oldest
        from deliveries where state = ${PENDING} group by destination
      union all
      select destination, 0, count(*), null from deliveries where state = ${FAILED} group by destination
    ) as counted group by destination order by destination`.execute(db)
  return rows.map(({ destination, pending, failed, oldestQueuedAt }) => ({
    destination,
    pending: Number(pending),
    failed: Number(failed),
    oldestQueuedAt: oldestQueuedAt === null ? null : Number(oldestQueuedAt),
  }))
}

export type DeliveryRow = Selectable<DeliveriesTable>

export const readDelivery = (row: DeliveryRow): StoredDelivery => ({
  position: Number(row.position),
  id: row.id,
  destination: row.destination,
  recordingId: row.recording_id,
  sequence: Number(row.sequence),
  type: row.type,
  // A state that a newer version has written: this one does nothing about it.
  state: DELIVERY_STATES.find((state) => state === row.state) ?? 'failed',
  body: withSequence(row.body, Number(row.sequence)),
  createdAt: Number(row.created_at),
  queuedAt: Number(row.queued_at),
  redelivered: Number(row.redelivered) === 1,
  tries: Number(row.tries),
  firstTriedAt: row.first_tried_at === null ? null : Number(row.first_tried_at),
  endedAt: row.ended_at === null ? null : Number(row.ended_at),
  lastTry: parseTry(row.last_try),
})

/** The body is JSON of an object with at least one field. */
export const withSequence = (body: string, sequence: number): string =>
  `${body.slice(0, -1)},"sequence":${sequence}}`

const trySchema: z.ZodType<DeliveryTry> = z.object({
  at: z.number(),
  durationMs: z.number(),
  status: z.number().nullable(),
  answer: z.string().nullable(),
  error: z.string().nullable(),
})

/** A damaged row must not hide the others. */
const parseTry = (text: string | null): DeliveryTry | null => {
  try {
    return trySchema.parse(JSON.parse(text ?? ''))
  } catch {
    return null
  }
}
