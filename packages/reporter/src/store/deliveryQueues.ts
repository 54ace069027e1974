import { type Kysely, sql } from 'kysely'
import type { Time } from '../supervisor/recording.ts'
import { type DeliveryRow, readDelivery } from './deliveries.ts'
import type { ClaimedDelivery, DeliveryClaimRequest, DeliveryResult } from './deliveryOperations.ts'
import type { Database } from './schema.ts'

/** A head is found in its own index entry, however many deliveries wait behind it. */
const HEAD = sql`(select min(sequence) from deliveries as waiting
  where waiting.recording_id = deliveries.recording_id and waiting.destination = deliveries.destination
    and waiting.state = 'pending')`

/** The condition on `claimed_until` stands in both queries, for databases with several writers. */
export const claimDeliveries = async (
  db: Kysely<Database>,
  now: Time,
  { destination, retrying, newestFirst = false, evenIfNotDue = false, limit, leaseMs }: DeliveryClaimRequest,
): Promise<ClaimedDelivery[]> => {
  const claimedUntil = now + leaseMs
  const dueBy = evenIfNotDue ? Number.MAX_SAFE_INTEGER : now
  const order = sql.raw(newestFirst ? 'desc' : 'asc')
  const { rows: queues } = await sql<{ recording_id: string }>`
    update delivery_queues set claimed_until = ${claimedUntil}
    where destination = ${destination} and claimed_until <= ${now} and recording_id in (
      select recording_id from delivery_queues
      where destination = ${destination} and retrying = ${Number(retrying)}
        and due_at is not null and due_at <= ${dueBy} and claimed_until <= ${now}
      order by due_at ${order} limit ${limit})
    returning recording_id`.execute(db)
  if (queues.length === 0) return []
  const ids = queues.map(({ recording_id }) => recording_id)
  const { rows } = await sql<DeliveryRow>`
    select * from deliveries
    where destination = ${destination} and recording_id in (${sql.join(ids)})
      and state = 'pending' and sequence = ${HEAD}`.execute(db)
  const heads = new Set(rows.map(({ recording_id }) => recording_id))
  await emptyQueues(
    db,
    destination,
    ids.filter((id) => !heads.has(id)),
  )
  return rows.map((row) => ({ ...readDelivery(row), claimedUntil }))
}

/** Their deliveries were pruned. */
const emptyQueues = async (db: Kysely<Database>, destination: string, ids: string[]): Promise<void> => {
  if (ids.length === 0) return
  await db
    .updateTable('delivery_queues')
    .set({ due_at: null, retrying: 0, claimed_until: 0 })
    .where('destination', '=', destination)
    .where('recording_id', 'in', ids)
    .execute()
}

export const settleDelivery = async (
  db: Kysely<Database>,
  { id, recordingId, destination, sequence, claimedUntil }: ClaimedDelivery,
  result: DeliveryResult,
  now: Time,
): Promise<boolean> => {
  const isOver = result.state !== 'pending'
  // One that was queued again meanwhile is the head from now on.
  const others = isOver ? sql`id <> ${id}` : sql`sequence < ${sequence}`
  const hasOthers = sql`exists (select 1 from deliveries
    where recording_id = ${recordingId} and destination = ${destination} and state = 'pending' and ${others})`
  const retryAt = isOver ? null : result.retryAt
  const { numUpdatedRows } = await db
    .updateTable('delivery_queues')
    .set({
      due_at: sql<
        number | null
      >`case when ${hasOthers} then cast(${now} as bigint) else cast(${retryAt} as bigint) end`,
      retrying: isOver ? 0 : 1,
      claimed_until: 0,
    })
    .where('recording_id', '=', recordingId)
    .where('destination', '=', destination)
    .where('claimed_until', '=', claimedUntil)
    .executeTakeFirst()
  if (numUpdatedRows !== 1n) return false
  await db
    .updateTable('deliveries')
    .set((row) => ({
      state: result.state,
      tries: row('tries', '+', 1),
      first_tried_at: sql<number>`coalesce(first_tried_at, ${result.lastTry.at})`,
      ended_at: isOver ? now : null,
      last_try: JSON.stringify(result.lastTry),
    }))
    .where('id', '=', id)
    .execute()
  return true
}

export const releaseDeliveryClaims = async (db: Kysely<Database>): Promise<void> => {
  await db.updateTable('delivery_queues').set({ claimed_until: 0 }).where('claimed_until', '>', 0).execute()
}

export const hastenDeliveries = async (
  db: Kysely<Database>,
  destination: string,
  now: Time,
  recordingId?: string,
): Promise<void> => {
  let heads = db
    .updateTable('delivery_queues')
    .set({ due_at: now })
    .where('destination', '=', destination)
    .where('due_at', 'is not', null)
    .where('due_at', '>', now)
  if (recordingId !== undefined) heads = heads.where('recording_id', '=', recordingId)
  await heads.execute()
}
