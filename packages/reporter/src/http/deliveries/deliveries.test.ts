import { describe, expect, test } from 'vitest'
import { addDeliveries } from '../../store/deliveries.ts'
import { expectProblem } from '../../testing/expectProblem.ts'
import { createHarness, type Harness, REQUEST } from '../../testing/harness.ts'
import { DELIVERY_SECRET, destinationAt, openReceiver, type Receiver } from '../../testing/receiver.ts'
import type { DeliverySummary, DeliveryView } from './deliveryView.ts'
import type { DestinationView } from './destinationRoutes.ts'

const open = async (): Promise<{ receiver: Receiver; harness: Harness }> => {
  const receiver = await openReceiver()
  const destinations = [
    destinationAt(`${receiver.url}?key=SECRET-in-the-address`),
    destinationAt(receiver.url, { name: 'other', types: ['recording.created'] }),
  ]
  return { receiver, harness: await createHarness({ deliveries: { destinations, allowPrivate: true } }) }
}

const list = async (
  harness: Harness,
  query = '',
): Promise<{ items: DeliverySummary[]; next: number | null }> => {
  const answer = await harness.api('GET', `/v1/deliveries${query}`)
  expect(answer.status).toBe(200)
  return (await answer.json()) as { items: DeliverySummary[]; next: number | null }
}

describe('GET /v1/deliveries', () => {
  test('lists them newest first, page by page', async () => {
    const { harness } = await open()
    await harness.rolling()
    await harness.drainEffects()
    const all = await list(harness)
    expect(all.next).toBeNull()
    expect(all.items.map(({ destination, type }) => [destination, type])).toEqual([
      ['backend', 'recording.rolling'],
      ['other', 'recording.created'],
      ['backend', 'recording.created'],
    ])
    const first = await list(harness, '?limit=2')
    const second = await list(harness, `?limit=2&before=${first.next}`)
    expect([...first.items, ...second.items]).toEqual(all.items)
    expect(second.next).toBeNull()
  })

  test('is filtered by destination, state, recording, type and time', async () => {
    const { harness } = await open()
    await harness.rolling()
    harness.jump(60)
    await harness.create({ id: 'second' })
    const types = async (query: string) => (await list(harness, query)).items.map(({ type }) => type)
    expect(await types('?destination=other')).toEqual(['recording.created', 'recording.created'])
    expect(await types(`?recording=${REQUEST.id}&destination=backend`)).toEqual([
      'recording.rolling',
      'recording.created',
    ])
    expect(await types('?type=recording.rolling')).toEqual(['recording.rolling'])
    expect(await types('?state=pending')).toEqual([])
    expect(await types('?state=delivered&since=2026-01-01T00:01:00Z')).toHaveLength(2)
    expect(await types('?since=2026-01-01T01:01:00%2B01:00')).toHaveLength(2)
  })

  test.each(['status=failed', 'state=lost', 'since=yesterday', 'limit=0', 'limit=501', 'before=x'])(
    'refuses %s',
    async (query) => {
      const { harness } = await open()
      await expectProblem(await harness.api('GET', `/v1/deliveries?${query}`), 422)
    },
  )
})

describe('GET /v1/deliveries/:id', () => {
  test('has the body, the tries and the answer', async () => {
    const { receiver, harness } = await open()
    receiver.answerWith({ status: 500, body: 'out of memory' })
    await harness.create()
    const { items } = await list(harness, '?destination=backend')
    const view = (await (await harness.api('GET', `/v1/deliveries/${items[0]?.id}`)).json()) as DeliveryView
    expect(view).toEqual({
      ...items[0],
      body: receiver.received.find(({ body }) => body.id === view.id)?.body,
    })
    expect(view).toMatchObject({
      ...{
        recording: REQUEST.id,
        sequence: 1,
        state: 'pending',
        tries: 1,
        redelivered: false,
        endedAt: null,
      },
      lastTry: {
        ...{ at: '2026-01-01T00:00:00.000Z', status: 500, answer: 'out of memory' },
        ...{ error: 'The destination answered 500', durationMs: expect.any(Number) },
      },
    })
  })

  test('answers 404 to an unknown id', async () => {
    const { harness } = await open()
    await expectProblem(await harness.api('GET', '/v1/deliveries/dlv_x'), 404)
  })
})

describe('a redelivery', () => {
  test('sends a delivered one again, with the same id', async () => {
    const { receiver, harness } = await open()
    await harness.create()
    const [{ id = '' } = {}] = (await list(harness, '?destination=other')).items
    const answer = await harness.api('POST', `/v1/deliveries/${id}/redeliver`)
    expect(answer.status).toBe(202)
    expect(await answer.json()).toMatchObject({ id, state: 'pending', redelivered: true, tries: 0 })
    await harness.drainEffects()
    expect(receiver.accepted.filter(({ headers }) => headers['webhook-id'] === id)).toHaveLength(2)
    expect((await list(harness, '?destination=other')).items[0]).toMatchObject({
      state: 'delivered',
      tries: 1,
    })
  })

  test('of an unknown one, or to a destination that is not configured, is refused', async () => {
    const { receiver, harness } = await open()
    receiver.answerWith({ status: 500 })
    await harness.create()
    const [{ id = '' } = {}] = (await list(harness)).items
    await expectProblem(await harness.api('POST', '/v1/deliveries/dlv_x/redeliver'), 404)
    await harness.db.updateTable('deliveries').set({ destination: 'removed', state: 'failed' }).execute()
    await expectProblem(await harness.api('POST', `/v1/deliveries/${id}/redeliver`), 409)
  })

  test('of a pending one tries it now, also if its destination is down', async () => {
    const { receiver, harness } = await open()
    receiver.answerWith({ status: 503 })
    await harness.create()
    const [{ id = '' } = {}] = (await list(harness, '?destination=backend')).items
    receiver.answerWith({ status: 204 })
    const answer = await harness.api('POST', `/v1/deliveries/${id}/redeliver`)
    expect(answer.status).toBe(202)
    expect(await answer.json()).toMatchObject({ id, state: 'pending', redelivered: false, tries: 1 })
    await harness.drainEffects()
    expect((await list(harness, '?destination=backend')).items[0]).toMatchObject({
      ...{ state: 'delivered', tries: 2 },
    })
  })

  test('that is not accepted within an hour has failed, and announces nothing', async () => {
    const { receiver, harness } = await open()
    receiver.answerWith(({ body }) => ({ status: body.type === 'recording.created' ? 400 : 204 }))
    await harness.create()
    await harness.db.updateTable('deliveries').set({ state: 'failed' }).execute()
    const [{ id = '' } = {}] = (await list(harness, '?destination=backend')).items
    await harness.api('POST', `/v1/deliveries/${id}/redeliver`)
    for (let n = 0; n < 60; n += 1) {
      harness.jump(60)
      await harness.drainEffects()
    }
    const answer = await harness.api('GET', `/v1/deliveries/${id}`)
    expect(await answer.json()).toMatchObject({ state: 'failed', redelivered: true })
    expect((await list(harness, '?type=delivery.exhausted')).items).toEqual([])
  })

  test.each([
    [{ destination: 'nowhere', since: '2026-01-01T00:00:00Z' }, 404],
    [{ destination: 'backend' }, 422],
    [{ destination: 'backend', since: 'yesterday' }, 422],
    [{ destination: 'backend', since: '2026-01-01T00:00:00Z', state: 'failed' }, 422],
  ])('of all that failed is refused for %j', async (body, status) => {
    const { harness } = await open()
    await expectProblem(await harness.api('POST', '/v1/deliveries/redeliver', body), status)
  })

  test('of all that failed takes hundreds, and only those since the given time', async () => {
    const { harness, receiver } = await open()
    const row = (n: number) => ({
      id: `dlv_${n}`,
      destination: 'other',
      type: 't',
      body: `{"id":"dlv_${n}"}`,
    })
    const rows = Array.from({ length: 450 }, (_, n) => row(n))
    await addDeliveries(harness.db, 'r', rows, harness.now())
    await harness.db.updateTable('deliveries').set({ state: 'failed' }).execute()
    await harness.db.updateTable('delivery_queues').set({ due_at: null }).execute()
    await harness.db.updateTable('deliveries').set({ created_at: 1 }).where('id', '=', 'dlv_7').execute()
    const since = new Date(harness.now()).toISOString()
    const answer = await harness.api('POST', '/v1/deliveries/redeliver', { destination: 'other', since })
    expect(await answer.json()).toEqual({ count: 449 })
    await harness.drainEffects()
    expect(receiver.accepted.map(({ body }) => body.sequence)).toEqual(
      rows.flatMap((_, n) => (n === 7 ? [] : [n + 1])),
    )
  })
})

test('a redelivery of all that failed ends although they fail again while it is under way', async () => {
  const { harness, receiver } = await open()
  receiver.answerWith({ status: 410 })
  const rows = Array.from({ length: 450 }, (_, n) => ({
    ...{ id: `dlv_${n}`, destination: 'other', type: 't', body: `{"id":"dlv_${n}"}` },
  }))
  for (const row of rows) await addDeliveries(harness.db, row.id, [row], harness.now())
  await harness.db.updateTable('deliveries').set({ state: 'failed' }).execute()
  await harness.db.updateTable('delivery_queues').set({ due_at: null }).execute()
  const since = new Date(harness.now()).toISOString()
  const poking = setInterval(() => harness.parts.deliveries.worker.poke(), 1)
  const answer = await harness.api('POST', '/v1/deliveries/redeliver', { destination: 'other', since })
  clearInterval(poking)
  expect(await answer.json()).toEqual({ count: 450 })
  await harness.drainEffects()
  expect(receiver.received).toHaveLength(450)
})

describe('POST /v1/deliveries/test', () => {
  test('sends a test to one destination, whatever its types are', async () => {
    const { receiver, harness } = await open()
    const answer = await harness.api('POST', '/v1/deliveries/test', { destination: 'other' })
    expect(answer.status).toBe(202)
    const { id } = (await answer.json()) as DeliveryView
    await harness.drainEffects()
    expect(receiver.accepted.map(({ body }) => body)).toEqual([
      { type: 'delivery.test', id, time: '2026-01-01T00:00:00.000Z', sequence: 1 },
    ])
    const view = (await (await harness.api('GET', `/v1/deliveries/${id}`)).json()) as DeliveryView
    expect(view).toMatchObject({ state: 'delivered', recording: null, lastTry: { status: 204, error: null } })
  })

  test('is sent once, and waits neither for what waits nor for a destination that is down', async () => {
    const { receiver, harness } = await open()
    const send = async () => {
      const answer = await harness.api('POST', '/v1/deliveries/test', { destination: 'backend' })
      await harness.drainEffects()
      const { id } = (await answer.json()) as DeliveryView
      return (await (await harness.api('GET', `/v1/deliveries/${id}`)).json()) as DeliveryView
    }
    receiver.answerWith({ status: 503 })
    await harness.create()
    expect(await send()).toMatchObject({ state: 'failed', tries: 1, lastTry: { status: 503 } })
    expect((await list(harness, '?type=delivery.exhausted')).items).toEqual([])
    receiver.answerWith({ status: 204 })
    expect(await send()).toMatchObject({ state: 'delivered', sequence: 2 })
    expect((await list(harness, '?destination=backend&state=pending')).items, 'its success hastens').toEqual(
      [],
    )
  })

  test('is refused for an unknown destination, and for a body that is none', async () => {
    const { harness } = await open()
    await expectProblem(await harness.api('POST', '/v1/deliveries/test', { destination: 'nowhere' }), 404)
    await expectProblem(await harness.api('POST', '/v1/deliveries/test', {}), 422)
  })
})

describe('GET /v1/destinations', () => {
  test('shows their state and what waits, and neither secrets nor the address behind the host', async () => {
    const { receiver, harness } = await open()
    receiver.answerWith('destroy')
    for (const id of ['one', 'two', 'three']) await harness.create({ id })
    const answer = await harness.api('GET', '/v1/destinations')
    const text = await answer.text()
    expect(text).not.toContain('SECRET')
    expect(text).not.toContain(DELIVERY_SECRET)
    expect(JSON.parse(text) as { items: DestinationView[] }).toEqual({
      items: [
        {
          ...{ name: 'backend', preset: 'standard', origin: new URL(receiver.url).origin, types: ['*'] },
          ...{ state: 'down', pausedAt: null, failingSince: null, pending: 3, failed: 0 },
          oldestQueuedAt: '2026-01-01T00:00:00.000Z',
        },
        expect.objectContaining({ name: 'other', pending: 3 }),
      ],
    })
  })

  test('pause and resume are idempotent, and 404 for an unknown one', async () => {
    const { harness } = await open()
    const command = async (name: string) =>
      (await (await harness.api('POST', `/v1/destinations/other/${name}`)).json()) as DestinationView
    expect(await command('pause')).toMatchObject({ state: 'paused', pausedAt: '2026-01-01T00:00:00.000Z' })
    harness.jump(60)
    expect(await command('pause')).toMatchObject({ pausedAt: '2026-01-01T00:00:00.000Z' })
    expect(await command('resume')).toMatchObject({ state: 'up', pausedAt: null })
    expect(await command('resume')).toMatchObject({ state: 'up', pausedAt: null })
    await expectProblem(await harness.api('POST', '/v1/destinations/nowhere/pause'), 404)
  })
})

test.each([
  ['GET', '/v1/deliveries'],
  ['GET', '/v1/deliveries/dlv_1'],
  ['POST', '/v1/deliveries/dlv_1/redeliver'],
  ['POST', '/v1/deliveries/redeliver'],
  ['POST', '/v1/deliveries/test'],
  ['GET', '/v1/destinations'],
  ['POST', '/v1/destinations/backend/pause'],
  ['POST', '/v1/destinations/backend/resume'],
])('%s %s needs the API key', async (method, path) => {
  const { harness } = await open()
  await expectProblem(await harness.request(path, { method }), 401)
})
