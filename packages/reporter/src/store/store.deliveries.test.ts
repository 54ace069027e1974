import { describe, expect, test } from 'vitest'
import { insertInto, STORES } from '../testing/stores.ts'
import type { ClaimedDelivery, DeliveryResult, DeliveryTry, NewDelivery } from './deliveryOperations.ts'
import type { Store } from './store.ts'

const LEASE_MS = 60_000
const TRY: DeliveryTry = { at: 2000, durationMs: 12, status: 200, answer: 'ok', error: null }
const DELIVERED: DeliveryResult = { state: 'delivered', lastTry: TRY }
const FAILED: DeliveryResult = { state: 'failed', lastTry: { ...TRY, status: 410, error: 'gone' } }
const retryAt = (at: number): DeliveryResult => ({
  state: 'pending',
  retryAt: at,
  lastTry: { ...TRY, status: null, error: 'refused' },
})

const delivery = (id: string, changes: Partial<NewDelivery> = {}): NewDelivery => ({
  id,
  destination: 'backend',
  type: 'recording.rolling',
  body: JSON.stringify({ type: 'recording.rolling', id }),
  ...changes,
})

const claim = (
  store: Store,
  now: number,
  options: {
    destination?: string
    retrying?: boolean
    newestFirst?: boolean
    evenIfNotDue?: boolean
    limit?: number
  } = {},
): Promise<ClaimedDelivery[]> =>
  store.claimDeliveries(now, {
    ...{ destination: 'backend', retrying: false, limit: 10, leaseMs: LEASE_MS },
    ...options,
  })

const claimOne = async (store: Store, now: number, retrying = false): Promise<ClaimedDelivery> => {
  const [one, ...others] = await claim(store, now, { retrying })
  if (!one || others.length > 0) throw new Error(`expected one delivery, got ${others.length}`)
  return one
}

describe.each(STORES)('deliveries in %s', (_name, open) => {
  test('are numbered without gaps by recording and destination, and the body has the number', async () => {
    const store = await open()
    await store.addDeliveries('one', [delivery('a'), delivery('b', { destination: 'slack' })], 1000)
    await store.addDeliveries('two', [delivery('c')], 1000)
    await store.addDeliveries('one', [delivery('d'), delivery('e')], 1100)
    await store.addDeliveries('one', [], 1100)
    const listed = await store.listDeliveries({ limit: 10 })
    expect(listed.map(({ id, destination, sequence }) => [id, destination, sequence])).toEqual([
      ['e', 'backend', 3],
      ['d', 'backend', 2],
      ['c', 'backend', 1],
      ['b', 'slack', 1],
      ['a', 'backend', 1],
    ])
    expect(JSON.parse(listed[0]?.body ?? '')).toEqual({ type: 'recording.rolling', id: 'e', sequence: 3 })
    expect(await store.loadDelivery('d')).toMatchObject({
      ...{ recordingId: 'one', type: 'recording.rolling', state: 'pending', tries: 0, redelivered: false },
      ...{ createdAt: 1100, queuedAt: 1100, firstTriedAt: null, endedAt: null, lastTry: null },
    })
    expect(await store.loadDelivery('x')).toBeUndefined()
  })

  test('are rolled back with the transaction, and then no number is missing', async () => {
    const store = await open()
    const failed = store.transaction(async (operations) => {
      await operations.addDeliveries('one', [delivery('a')], 1000)
      throw new Error('injected')
    })
    await expect(failed).rejects.toThrow('injected')
    expect(await claim(store, 1000)).toEqual([])
    await store.addDeliveries('one', [delivery('b')], 1000)
    expect(await claimOne(store, 1000)).toMatchObject({ id: 'b', sequence: 1 })
  })

  test('are claimed head by head: the second of a recording only once the first has ended', async () => {
    const store = await open()
    await store.addDeliveries('one', [delivery('a'), delivery('b')], 1000)
    await store.addDeliveries('two', [delivery('c')], 1001)
    expect(await claim(store, 999)).toEqual([])
    const [first, second, ...none] = await claim(store, 1001)
    expect([first?.id, second?.id, none.length]).toEqual(['a', 'c', 0])
    expect(await claim(store, 1001)).toEqual([])
    expect(await store.settleDelivery(first as ClaimedDelivery, DELIVERED, 2000)).toBe(true)
    expect(await store.loadDelivery('a')).toMatchObject({
      ...{ state: 'delivered', tries: 1, firstTriedAt: 2000, endedAt: 2000, lastTry: TRY },
    })
    expect(await claimOne(store, 2000)).toMatchObject({ id: 'b' })
  })

  test('that are to be retried block their recording alone, and are claimed apart from new ones', async () => {
    const store = await open()
    await store.addDeliveries('one', [delivery('a'), delivery('b')], 1000)
    await store.settleDelivery(await claimOne(store, 1000), retryAt(7000), 2000)
    await store.addDeliveries('one', [delivery('c')], 3000)
    await store.addDeliveries('two', [delivery('d')], 3000)
    expect(await claim(store, 6999, { retrying: true })).toEqual([])
    expect(await claimOne(store, 6999)).toMatchObject({ id: 'd' })
    const again = await claimOne(store, 7000, true)
    expect(again).toMatchObject({ id: 'a', tries: 1, firstTriedAt: 2000, state: 'pending' })
    await store.settleDelivery(again, DELIVERED, 7100)
    expect((await store.loadDelivery('a'))?.tries).toBe(2)
    expect(await claimOne(store, 7100)).toMatchObject({ id: 'b', tries: 0 })
  })

  test('that failed for good are passed over', async () => {
    const store = await open()
    await store.addDeliveries('one', [delivery('a'), delivery('b')], 1000)
    await store.settleDelivery(await claimOne(store, 1000), FAILED, 2000)
    expect(await store.loadDelivery('a')).toMatchObject({ state: 'failed', lastTry: { error: 'gone' } })
    expect(await claimOne(store, 2000)).toMatchObject({ id: 'b' })
  })

  test('can be claimed again after their lease, and then the former claim settles nothing', async () => {
    const store = await open()
    await store.addDeliveries('one', [delivery('a')], 1000)
    const former = await claimOne(store, 1000)
    expect(await claim(store, 1000 + LEASE_MS - 1)).toEqual([])
    const latter = await claimOne(store, 1000 + LEASE_MS)
    expect(await store.settleDelivery(former, FAILED, 70_000)).toBe(false)
    expect(await store.loadDelivery('a')).toMatchObject({ state: 'pending', tries: 0 })
    expect(await store.settleDelivery(latter, DELIVERED, 70_000)).toBe(true)
  })

  test('are free again when the claims of a process that has died are released', async () => {
    const store = await open()
    await store.addDeliveries('one', [delivery('a')], 1000)
    await claimOne(store, 1000)
    await store.releaseDeliveryClaims()
    expect(await claimOne(store, 1000)).toMatchObject({ id: 'a' })
  })

  test('can be claimed newest first, and at most as many as asked for', async () => {
    const store = await open()
    for (const [index, id] of ['one', 'two', 'three'].entries()) {
      await store.addDeliveries(id, [delivery(id)], 1000 + index)
    }
    const newest = await claim(store, 2000, { newestFirst: true, limit: 1 })
    expect(newest.map(({ id }) => id)).toEqual(['three'])
    const oldest = await claim(store, 2000, { limit: 1 })
    expect(oldest.map(({ id }) => id)).toEqual(['one'])
    expect(await claim(store, 2000, { destination: 'other' })).toEqual([])
    const early = await claim(store, 0, { evenIfNotDue: true })
    expect(
      early.map(({ id }) => id),
      'before they are due',
    ).toEqual(['two'])
  })

  test('all become due when the destination answers again', async () => {
    const store = await open()
    for (const id of ['one', 'two']) {
      await store.addDeliveries(id, [delivery(id)], 1000)
      await store.settleDelivery(await claimOne(store, 1000), retryAt(9000), 1000)
    }
    await store.addDeliveries('one', [delivery('s', { destination: 'slack' })], 1000)
    const [slack] = await claim(store, 1000, { destination: 'slack' })
    await store.settleDelivery(slack as ClaimedDelivery, retryAt(9000), 1000)
    await store.hastenDeliveries('backend', 2000, 'three')
    expect(await claim(store, 2000, { retrying: true })).toEqual([])
    await store.hastenDeliveries('backend', 2000, 'one')
    expect((await claim(store, 2000, { retrying: true })).map(({ id }) => id)).toEqual(['one'])
    await store.releaseDeliveryClaims()
    await store.hastenDeliveries('backend', 2000)
    expect((await claim(store, 2000, { retrying: true })).map(({ id }) => id).toSorted()).toEqual([
      'one',
      'two',
    ])
    expect(await claim(store, 2000, { destination: 'slack', retrying: true })).toEqual([])
  })

  test('are queued again before the newer ones of their recording', async () => {
    const store = await open()
    await store.addDeliveries('one', [delivery('a'), delivery('b')], 1000)
    await store.settleDelivery(await claimOne(store, 1000), FAILED, 2000)
    const between = { destination: 'backend', since: 1000, until: 1000, limit: 10 }
    const [failed, ...others] = await store.failedDeliveries(between)
    expect([failed, others]).toEqual([{ id: 'a', createdAt: 1000, position: expect.any(Number) }, []])
    for (const none of [{ since: 1001 }, { until: 999 }, { destination: 'slack' }, { after: failed }]) {
      expect(await store.failedDeliveries({ ...between, ...none }), JSON.stringify(none)).toEqual([])
    }
    expect(await store.requeueDeliveries(['a', 'b', 'x'], 3000)).toBe(1)
    expect(await store.loadDelivery('a')).toMatchObject({
      ...{ state: 'pending', queuedAt: 3000, createdAt: 1000, redelivered: true, tries: 0 },
      ...{ firstTriedAt: null, endedAt: null, lastTry: { error: 'gone' } },
    })
    const again = await claimOne(store, 3000, true)
    expect(again.id).toBe('a')
    await store.settleDelivery(again, DELIVERED, 3100)
    expect(await claimOne(store, 3100)).toMatchObject({ id: 'b' })
  })

  test('are queued again while a newer one is being sent, and follow it immediately', async () => {
    const store = await open()
    await store.addDeliveries('one', [delivery('a'), delivery('b')], 1000)
    await store.settleDelivery(await claimOne(store, 1000), FAILED, 1000)
    const running = await claimOne(store, 1000)
    await store.requeueDeliveries(['a'], 2000)
    expect(await claim(store, 2000, { retrying: true })).toEqual([])
    await store.settleDelivery(running, retryAt(90_000), 2100)
    expect(await claimOne(store, 2100, true)).toMatchObject({ id: 'a' })
  })

  test('are listed by destination, state, recording, type and time, page by page', async () => {
    const store = await open()
    await store.addDeliveries('one', [delivery('a'), delivery('b', { type: 'recording.failed' })], 1000)
    await store.addDeliveries('two', [delivery('c'), delivery('d', { destination: 'slack' })], 2000)
    const [first] = await claim(store, 2000)
    await store.settleDelivery(first as ClaimedDelivery, DELIVERED, 2000)
    const ids = async (options: Parameters<Store['listDeliveries']>[0]) =>
      (await store.listDeliveries(options)).map(({ id }) => id)
    expect(await ids({ destination: 'slack', limit: 10 })).toEqual(['d'])
    expect(await ids({ state: 'delivered', limit: 10 })).toEqual(['a'])
    expect(await ids({ recordingId: 'one', state: 'pending', limit: 10 })).toEqual(['b'])
    expect(await ids({ type: 'recording.failed', limit: 10 })).toEqual(['b'])
    expect(await ids({ since: 2000, limit: 10 })).toEqual(['d', 'c'])
    const page = await store.listDeliveries({ limit: 2 })
    expect(page.map(({ id }) => id)).toEqual(['d', 'c'])
    expect(await ids({ before: page.at(-1)?.position, limit: 10 })).toEqual(['b', 'a'])
  })

  test('that are pending or failed are counted by destination, with the one that has waited longest', async () => {
    const store = await open()
    expect(await store.readBacklog()).toEqual([])
    await store.addDeliveries('one', [delivery('a'), delivery('b', { destination: 'slack' })], 1000)
    await store.addDeliveries('two', [delivery('c')], 1500)
    await store.settleDelivery(await claimOne(store, 1400), FAILED, 2000)
    expect(await store.readBacklog()).toEqual([
      { destination: 'backend', pending: 1, failed: 1, oldestQueuedAt: 1500 },
      { destination: 'slack', pending: 1, failed: 0, oldestQueuedAt: 1000 },
    ])
    const names = ['backend', 'slack', 'other']
    expect(await Promise.all(names.map((name) => store.oldestQueuedAt(name)))).toEqual([1500, 1000, null])
  })

  test('keep their due times and leases when the wall clock steps back', async () => {
    const store = await open()
    await store.addDeliveries('one', [delivery('a')], 100_000)
    await store.settleDelivery(await claimOne(store, 100_000), retryAt(160_000), 100_000)
    await store.addDowntime({ downtimeMs: 0, clockStepBackMs: 90_000 }, 10_000)
    expect(await claim(store, 69_999, { retrying: true })).toEqual([])
    expect(await claimOne(store, 70_000, true)).toMatchObject({ id: 'a' })
  })

  test('have failed when they were queued too long ago, and the next ones follow', async () => {
    const store = await open()
    await store.addDeliveries('one', [delivery('a')], 1000)
    await store.addDeliveries('two', [delivery('b', { destination: 'slack' })], 1000)
    await store.addDeliveries('one', [delivery('c'), delivery('d')], 2000)
    await store.settleDelivery(await claimOne(store, 1000), retryAt(5000), 1000)
    const lastTry = { ...TRY, at: 4000, status: null, answer: null, error: 'too late' }
    const expire = (limit: number) => store.expireDeliveries({ queuedBefore: 2000, limit, lastTry })
    const expired = [...(await expire(1)), ...(await expire(5))]
    expect(expired.toSorted((one, other) => (one.id < other.id ? -1 : 1))).toEqual([
      { id: 'a', destination: 'backend', type: 'recording.rolling', redelivered: false },
      { id: 'b', destination: 'slack', type: 'recording.rolling', redelivered: false },
    ])
    expect(await expire(5)).toEqual([])
    expect(await store.loadDelivery('a')).toMatchObject({ state: 'failed', tries: 1, endedAt: 4000, lastTry })
    expect(await claim(store, 9000, { destination: 'slack' })).toEqual([])
    expect(await claimOne(store, 9000, true)).toMatchObject({ id: 'c' })
  })

  test('that were sent again on request are as old as that', async () => {
    const store = await open()
    await store.addDeliveries('one', [delivery('a')], 1000)
    await store.settleDelivery(await claimOne(store, 1000), FAILED, 1000)
    await store.requeueDeliveries(['a'], 3000)
    expect(await store.expireDeliveries({ queuedBefore: 3000, limit: 5, lastTry: TRY })).toEqual([])
    expect(await store.expireDeliveries({ queuedBefore: 3001, limit: 5, lastTry: TRY })).toMatchObject([
      { id: 'a', redelivered: true },
    ])
  })

  test('are pruned when they are old, and an ended recording stays until they are', async () => {
    const store = await open()
    const cutoffs = { now: 9000, before: 9000, notificationsBefore: 0, deliveriesBefore: 500 }
    await insertInto(store, 'one', { state: 'stopped', desired: 'stopped' })
    await store.addDeliveries('one', [delivery('a'), delivery('b')], 1000)
    await store.settleDelivery(await claimOne(store, 1000), DELIVERED, 1000)
    await store.holdCause({ destination: 'slack', cause: 'no_files', recordingId: 'one' })
    while ((await store.prune(cutoffs, 100)) > 0);
    expect(await store.loadRecording('one')).toBeDefined()
    const old = { ...cutoffs, deliveriesBefore: 1001 }
    while ((await store.prune(old, 100)) > 0);
    expect(
      (await store.listDeliveries({ limit: 10 })).map(({ id }) => id),
      'pending ones stay',
    ).toEqual(['b'])
    expect(await store.loadRecording('one')).toBeDefined()
    await store.expireDeliveries({ queuedBefore: 1001, limit: 10, lastTry: TRY })
    while ((await store.prune(old, 100)) > 0);
    expect(await store.listDeliveries({ limit: 10 })).toEqual([])
    expect(await store.loadRecording('one')).toBeUndefined()
    expect(await claim(store, 9000)).toEqual([])
    await store.addDeliveries('one', [delivery('c')], 9000)
    expect(await store.loadDelivery('c'), 'a new life of the id').toMatchObject({ sequence: 1 })
    expect(await store.holdCause({ destination: 'slack', cause: 'no_files', recordingId: 'two' })).toBe(true)
  })

  test('of a live recording that were pruned leave an empty queue, which goes on counting', async () => {
    const store = await open()
    await insertInto(store, 'one')
    await store.addDeliveries('one', [delivery('a')], 1000)
    const cutoffs = { now: 9000, before: 0, notificationsBefore: 0, deliveriesBefore: 2000 }
    await store.expireDeliveries({ queuedBefore: 2000, limit: 10, lastTry: TRY })
    while ((await store.prune(cutoffs, 100)) > 0);
    expect(await store.loadDelivery('a')).toBeUndefined()
    expect(await claim(store, 9000)).toEqual([])
    await store.addDeliveries('one', [delivery('b')], 9000)
    expect(await claimOne(store, 9000)).toMatchObject({ id: 'b', sequence: 2 })
  })
})

describe.each(STORES)('destinations in %s', (_name, open) => {
  test('are stored with what a person and their answers have made of them', async () => {
    const store = await open()
    expect(await store.readDestinations()).toEqual([])
    await store.saveDestination({ name: 'slack', pausedAt: 1000, failingSince: null })
    await store.saveDestination({ name: 'backend', pausedAt: null, failingSince: 2000 })
    await store.saveDestination({ name: 'slack', pausedAt: null, failingSince: null })
    expect(await store.readDestinations()).toEqual([
      { name: 'backend', pausedAt: null, failingSince: 2000 },
      { name: 'slack', pausedAt: null, failingSince: null },
    ])
  })

  test('hold a cause from the first recording that has it until the last', async () => {
    const store = await open()
    const key = (recordingId: string) => ({ destination: 'slack', cause: 'agora_unreachable', recordingId })
    expect(await store.releaseCause(key('one'))).toBe(false)
    expect(await store.holdCause(key('one'))).toBe(true)
    expect(await store.holdCause(key('one'))).toBe(false)
    expect(await store.holdCause(key('two'))).toBe(false)
    expect(await store.releaseCause(key('one'))).toBe(false)
    expect(await store.releaseCause(key('one'))).toBe(false)
    expect(await store.releaseCause(key('two'))).toBe(true)
    expect(await store.holdCause({ ...key('one'), destination: 'other' })).toBe(true)
  })

  test('that are named keep their causes, and all others lose them', async () => {
    const store = await open()
    const key = (destination: string) => ({ destination, cause: 'agora_unreachable', recordingId: 'one' })
    for (const name of ['', 'slack', 'other']) await store.holdCause(key(name))
    await store.forgetCauses({ except: ['', 'slack', 'new'] })
    expect(await store.holdCause(key(''))).toBe(false)
    expect(await store.holdCause(key('slack'))).toBe(false)
    expect(await store.holdCause(key('other'))).toBe(true)
  })
})
