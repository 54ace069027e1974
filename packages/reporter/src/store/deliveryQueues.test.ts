import { sql } from 'kysely'
import { expect, test, vi } from 'vitest'
import { memoryDatabase } from '../testing/database.ts'
import { addDeliveries, listDeliveries, loadDelivery, readBacklog } from './deliveries.ts'
import { claimDeliveries, settleDelivery } from './deliveryQueues.ts'
import { connectionOf } from './sqlite/openSqlite.ts'

const REQUEST = { destination: 'backend', retrying: false, limit: 16, leaseMs: 60_000 }
const LAST_TRY = { at: 1, durationMs: 1, status: 200, answer: null, error: null }

const add = (db: Parameters<typeof addDeliveries>[0], recordingId: string) =>
  addDeliveries(db, recordingId, [{ id: recordingId, destination: 'backend', type: 't', body: '{"a":1}' }], 1)

test('a damaged last try does not hide the delivery', async () => {
  const db = await memoryDatabase()
  await add(db, 'one')
  await sql`update deliveries set last_try = '{', state = 'postponed'`.execute(db)
  expect(await loadDelivery(db, 'one')).toMatchObject({ id: 'one', lastTry: null, state: 'failed' })
})

test.each([
  [{ destination: 'none' }, 'deliveries_destination'],
  [{ type: 'none' }, 'deliveries_type'],
  [{ destination: 'none', state: 'delivered' as const }, 'deliveries_destination'],
  [{ recordingId: 'none' }, 'deliveries_recording'],
])('a list with the filter %j reads an index, however few rows it has', async (filter, index) => {
  const db = await memoryDatabase()
  const connection = connectionOf(db)
  const prepare = vi.spyOn(connection, 'prepare')
  await listDeliveries(db, { ...filter, limit: 10 })
  const [text = ''] = prepare.mock.calls.map(([each]) => each)
  prepare.mockRestore()
  const plan = connection.prepare(`explain query plan ${text}`).all()
  expect(plan).toEqual([
    expect.objectContaining({ detail: expect.stringContaining(`USING INDEX ${index} `) }),
  ])
})

test('no statement of the worker reads a table from end to end', async () => {
  const db = await memoryDatabase()
  const connection = connectionOf(db)
  const prepare = vi.spyOn(connection, 'prepare')
  await add(db, 'one')
  const [claim] = await claimDeliveries(db, 1, REQUEST)
  if (!claim) throw new Error('nothing was claimed')
  await settleDelivery(db, claim, { state: 'delivered', lastTry: LAST_TRY }, 2)
  await readBacklog(db)
  const statements = prepare.mock.calls.map(([text]) => text).filter((text) => !/^insert/.test(text.trim()))
  prepare.mockRestore()
  const plans = statements.flatMap((text) =>
    connection
      .prepare(`explain query plan ${text}`)
      .all()
      .map(({ detail }) => String(detail)),
  )
  const scans = plans.filter((plan) => plan.startsWith('SCAN '))
  expect(plans.filter((plan) => plan.startsWith('SEARCH ')).length).toBeGreaterThan(4)
  // The backlog is counted in the indexes of what is pending and what failed.
  expect(new Set(scans)).toEqual(
    new Set([
      'SCAN deliveries USING COVERING INDEX deliveries_waiting',
      'SCAN deliveries USING COVERING INDEX deliveries_failed',
      'SCAN counted',
    ]),
  )
})
