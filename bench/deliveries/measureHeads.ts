import { join } from 'node:path'
import type { ClaimedDelivery, NewDelivery } from '../../packages/reporter/src/store/deliveryOperations.ts'
import { migrate } from '../../packages/reporter/src/store/migrate.ts'
import { openSqlite } from '../../packages/reporter/src/store/sqlite/openSqlite.ts'
import { createSqliteStore } from '../../packages/reporter/src/store/sqlite/sqliteStore.ts'
import type { Store } from '../../packages/reporter/src/store/store.ts'
import { median, percentile, print } from '../figures.ts'

const REQUEST = { destination: 'backend', retrying: false, limit: 16, leaseMs: 60_000 }
const ROUNDS = 500
const LAST_TRY = { at: 0, durationMs: 1, status: 500, answer: null, error: 'failed' }

let count = 0
const newDelivery = (): NewDelivery => {
  count += 1
  const id = `dlv_${count}`
  return {
    id,
    destination: 'backend',
    type: 'recording.rolling',
    body: JSON.stringify({ id, text: 'x'.repeat(500) }),
  }
}

/** One after the other: what the next delivery of a recording costs while the others wait. */
const sendOne = async (store: Store, now: number): Promise<{ claimMs: number; settleMs: number }> => {
  await store.addDeliveries('healthy', [newDelivery()], now)
  const from = performance.now()
  const [claim, ...others] = await store.claimDeliveries(now, REQUEST)
  const claimed = performance.now()
  if (claim?.recordingId !== 'healthy' || others.length > 0) throw new Error('another delivery was claimed')
  const lastTry = { ...LAST_TRY, status: 204, error: null }
  await store.transaction((operations) =>
    operations.settleDelivery(claim, { state: 'delivered', lastTry }, now),
  )
  return { claimMs: claimed - from, settleMs: performance.now() - claimed }
}

const block = async (
  store: Store,
  { blocked, depth, now }: { blocked: number; depth: number; now: number },
): Promise<void> => {
  for (let first = 0; first < blocked; first += 500) {
    await store.transaction(async (operations) => {
      for (let index = first; index < Math.min(first + 500, blocked); index += 1) {
        await operations.addDeliveries(`blocked${index}`, Array.from({ length: depth }, newDelivery), now)
      }
    })
  }
  const retryAt = now + 3_600_000
  const settleAll = (claims: ClaimedDelivery[]) =>
    store.transaction(async (operations) => {
      for (const claim of claims) {
        await operations.settleDelivery(claim, { state: 'pending', retryAt, lastTry: LAST_TRY }, now)
      }
    })
  for (;;) {
    const claims = await store.claimDeliveries(now, { ...REQUEST, limit: 500 })
    if (claims.length === 0) return
    await settleAll(claims)
  }
}

/** The next delivery of a recording, with nothing blocked and with many heads blocked. */
export const measureHeads = async (
  folder: string,
  { blocked, depth }: { blocked: number; depth: number },
): Promise<void> => {
  const db = openSqlite(join(folder, 'heads.db'))
  try {
    await migrate(db)
    const store = createSqliteStore(db)
    const now = Date.now()
    for (const isBlocked of [false, true]) {
      if (isBlocked) await block(store, { blocked, depth, now })
      const times = []
      for (let round = 0; round < ROUNDS; round += 1) times.push(await sendOne(store, now))
      const backlogAt = performance.now()
      await store.readBacklog()
      const claims = times.map(({ claimMs }) => claimMs)
      print({
        ...{ bench: 'deliveries', part: 'heads', blockedRecordings: isBlocked ? blocked : 0 },
        pendingDeliveries: isBlocked ? blocked * depth : 0,
        claimMs: round(median(claims)),
        claimP99Ms: round(percentile(claims, 99)),
        settleMs: round(median(times.map(({ settleMs }) => settleMs))),
        backlogMs: round(performance.now() - backlogAt),
      })
    }
  } finally {
    await db.destroy()
  }
}

const round = (value: number): number => Math.round(value * 1000) / 1000
