import { Webhook } from 'standardwebhooks'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Config } from '../../config.ts'
import type { DeliverySummary } from '../../http/deliveries/deliveryView.ts'
import { addDeliveries } from '../../store/deliveries.ts'
import { createHarness, type Harness, REQUEST } from '../../testing/harness.ts'
import {
  DELIVERY_SECRET,
  destinationAt,
  openReceiver,
  type Received,
  type Receiver,
} from '../../testing/receiver.ts'
import { createSend, type Send } from './send.ts'

const HOUR = 3600

const openSend = (timeoutMs = 10_000): Send => {
  const send = createSend({ allowPrivate: true, timeoutMs })
  onTestFinished(() => send.close())
  return send
}

const open = async (
  destinations: Config['deliveries']['destinations'],
  send: Send = openSend(),
): Promise<Harness> => createHarness({ deliveries: { destinations, allowPrivate: true } }, { send })

/** Advances the clock in steps, and sends what is due after each. */
const pass = async (harness: Harness, seconds: number, step = 10): Promise<void> => {
  for (let left = seconds; left > 0; left -= step) {
    harness.jump(Math.min(left, step))
    await harness.parts.sweep.runOnce()
    await harness.drainEffects()
  }
}

/** The page's checks fail, or pass: a delivery each. */
const flicker = (harness: Harness, isFailing: boolean, id: string = REQUEST.id) =>
  harness.report({ recordingId: id, checks: [{ name: '#board', ok: !isFailing }] })

const list = async (harness: Harness, query = ''): Promise<DeliverySummary[]> => {
  const answer = await harness.api('GET', `/v1/deliveries?limit=500${query}`)
  return ((await answer.json()) as { items: DeliverySummary[] }).items
}

const sequencesOf = (received: readonly Received[], id: string = REQUEST.id): unknown[] =>
  received
    .filter(({ body }) => (body.recording as { id: string } | undefined)?.id === id)
    .map(({ body }) => body.sequence)

/** 1, 2, 3 …: all, in order, each once. */
const expectAllInOrder = (receiver: Receiver, id: string = REQUEST.id, atLeast = 4): void => {
  const sequences = sequencesOf(receiver.accepted, id)
  expect(sequences.length).toBeGreaterThanOrEqual(atLeast)
  expect(sequences).toEqual(sequences.map((_, index) => index + 1))
}

describe('a destination', () => {
  test('is sent what happens, signed, in order', async () => {
    const receiver = await openReceiver()
    const harness = await open([destinationAt(receiver.url)])
    await harness.rolling()
    await flicker(harness, true)
    await harness.api('POST', `/v1/recordings/${REQUEST.id}/stop`)
    await harness.drainEffects()
    expect(receiver.accepted.map(({ body }) => body.type)).toEqual([
      ...['recording.created', 'recording.rolling', 'recording.unhealthy', 'recording.stopped'],
    ])
    expectAllInOrder(receiver)
    for (const { text, headers, body } of receiver.accepted) {
      expect(headers['webhook-id']).toBe(body.id)
      expect(headers['webhook-timestamp']).toBe(String(harness.now() / 1000))
      expect(Buffer.byteLength(text)).toBeLessThan(20_000)
      const age = Date.now() / 1000 - harness.now() / 1000
      expect(age, 'the library checks the time by its own clock').toBeGreaterThan(300)
      const { headers: signed } = { headers }
      expect(new Webhook(DELIVERY_SECRET).sign(String(body.id), new Date(harness.now()), text)).toBe(
        signed['webhook-signature'],
      )
    }
    expect(await list(harness, '&state=delivered')).toHaveLength(4)
  })

  test('is sent only its types, numbered without gaps', async () => {
    const [receiver, other] = [await openReceiver(), await openReceiver()]
    const harness = await open([
      destinationAt(receiver.url, { types: ['recording.unhealthy', 'supervisor.*'] }),
      destinationAt(other.url, { name: 'other' }),
    ])
    await harness.rolling()
    await flicker(harness, true)
    await flicker(harness, false)
    await flicker(harness, true)
    await harness.drainEffects()
    expect(receiver.accepted.map(({ body }) => [body.type, body.sequence])).toEqual([
      ['recording.unhealthy', 1],
      ['recording.unhealthy', 2],
    ])
    expect(sequencesOf(other.accepted)).toEqual([1, 2, 3, 4, 5])
  })

  test('is sent what becomes of a standby under its own id, in an order of its own', async () => {
    const receiver = await openReceiver()
    const harness = await open([destinationAt(receiver.url)])
    const labels = { course: '7b' }
    await harness.create({ standby: true, labels })
    await harness.api('POST', `/v1/recordings/${REQUEST.id}/stop`)
    await harness.drainEffects()
    expectAllInOrder(receiver, REQUEST.id, 2)
    expectAllInOrder(receiver, `${REQUEST.id}~standby`, 2)
    expect(receiver.accepted.map(({ body }) => body.recording)).toEqual(
      receiver.accepted.map(() => expect.objectContaining({ labels })),
    )
    const [item] = await list(harness, `&recording=${REQUEST.id}~standby&type=recording.stopped`)
    expect(item).toMatchObject({ recording: `${REQUEST.id}~standby`, state: 'delivered' })
  })

  test('that is not configured costs no row', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const { deliveries, delivery_queues: queues } = await harness.dump()
    expect([deliveries, queues]).toEqual([[], []])
  })
})

/** Half of the deliveries come while the receiver answers so, and the rest when it is well again. */
const disturb = async (
  answer: Parameters<Receiver['answerWith']>[0],
  seconds = HOUR,
  send = openSend(),
): Promise<{ receiver: Receiver; harness: Harness }> => {
  const receiver = await openReceiver()
  receiver.answerWith(answer)
  const harness = await open([destinationAt(receiver.url)], send)
  await harness.rolling()
  await harness.create({ id: 'other' })
  for (let n = 0; n < 2; n += 1) await flicker(harness, n % 2 === 0)
  await pass(harness, seconds, 30)
  expect(receiver.accepted).toEqual([])
  receiver.answerWith({ status: 204 })
  await flicker(harness, true)
  return { receiver, harness }
}

describe('everything arrives afterwards, in order for each recording, if the receiver', () => {
  test.each<[string, Parameters<Receiver['answerWith']>[0]]>([
    ['is down for an hour (503)', { status: 503 }],
    ['answers 500', { status: 500 }],
    ['answers 429 with a hostile Retry-After', { status: 429, headers: { 'retry-after': '31536000' } }],
    ['redirects', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }],
    ['closes connections', 'destroy'],
  ])('%s', async (_what, answer) => {
    const { receiver, harness } = await disturb(answer)
    const before = receiver.received.length
    // A destination that is down is probed every five minutes in the end, and one that is not has few heads.
    expect(before).toBeLessThan(40)
    await pass(harness, 3 * HOUR, 60)
    expectAllInOrder(receiver)
    expectAllInOrder(receiver, 'other', 1)
    expect(await list(harness, '&state=pending')).toEqual([])
    const [first] = (await list(harness)).slice(-1)
    expect(first).toMatchObject({ state: 'delivered', tries: expect.toSatisfy((tries) => Number(tries) > 2) })
  })

  test('does not answer in time', async () => {
    const { receiver, harness } = await disturb('silence', 600, openSend(150))
    await pass(harness, HOUR, 60)
    expectAllInOrder(receiver)
    expectAllInOrder(receiver, 'other', 1)
  })

  test.each<[Parameters<Receiver['answerWith']>[0], number]>([
    ['destroy', 300],
    [{ status: 503 }, 300],
    [{ status: 429, headers: { 'retry-after': '31536000' } }, 600],
  ])('answers %j for an hour: soon after its return', async (answer, seconds) => {
    const { receiver, harness } = await disturb(answer)
    await pass(harness, seconds + 5, 5)
    expectAllInOrder(receiver)
    expectAllInOrder(receiver, 'other', 1)
  })

  test('answers 410: the delivery has failed, and can be sent again', async () => {
    const receiver = await openReceiver()
    receiver.answerWith({ status: 410, body: 'moved away' })
    const harness = await open([destinationAt(receiver.url)])
    await harness.rolling()
    await harness.drainEffects()
    expect(await list(harness)).toMatchObject([
      { type: 'recording.rolling', state: 'failed', tries: 1 },
      {
        ...{ type: 'recording.created', state: 'failed', tries: 1 },
        lastTry: { status: 410, answer: 'moved away', error: expect.stringContaining('gone') },
      },
    ])
    await pass(harness, HOUR)
    expect(sequencesOf(receiver.received).slice(0, 2)).toEqual([1, 2])
    expect(new Set(sequencesOf(receiver.received)).size).toBe(receiver.received.length)
    receiver.answerWith({ status: 204 })
    const body = { destination: 'backend', since: '2025-12-31T00:00:00Z' }
    const answer = await harness.api('POST', '/v1/deliveries/redeliver', body)
    expect([answer.status, await answer.json()]).toEqual([202, { count: receiver.received.length }])
    await harness.drainEffects()
    expectAllInOrder(receiver, REQUEST.id, 2)
  })
})

test('a delivery that the receiver never accepts is given up after three days, and the next ones follow', async () => {
  const [receiver, other] = [await openReceiver(), await openReceiver()]
  receiver.answerWith(({ body }) => ({ status: body.sequence === 1 ? 400 : 204, body: 'no' }))
  const harness = await open([
    destinationAt(receiver.url),
    destinationAt(other.url, { name: 'other', types: ['delivery.*'] }),
  ])
  await harness.rolling()
  await flicker(harness, true)
  await pass(harness, 60 * HOUR, 600)
  expect(receiver.accepted).toEqual([])
  await pass(harness, 12 * HOUR, 600)
  expect(sequencesOf(receiver.accepted).slice(0, 2)).toEqual([2, 3])
  const [failed, ...others] = await list(harness, '&state=failed')
  expect(others).toEqual([])
  expect(failed).toMatchObject({
    type: 'recording.created',
    // 13 without jitter.
    tries: expect.toSatisfy((tries) => Number(tries) >= 11 && Number(tries) <= 15),
    lastTry: { status: 400, answer: 'no' },
  })
  expect(other.accepted.map(({ body }) => body)).toMatchObject([
    {
      ...{ type: 'delivery.exhausted', destination: { name: 'backend' }, delivery: { id: failed?.id } },
      ...{ sequence: 1, reason: { message: expect.stringContaining('400') } },
    },
    { type: 'delivery.recovered', sequence: 2 },
  ])
})

const readDeliveriesCheck = async (harness: Harness) => {
  const { checks } = (await (await harness.request('/readyz')).json()) as {
    checks: Record<string, { ok: boolean; detail: string }>
  }
  return checks.deliveries
}

const openWithOther = async (answer: Parameters<Receiver['answerWith']>[0]) => {
  const [receiver, other] = [await openReceiver(), await openReceiver()]
  receiver.answerWith(answer)
  const harness = await open([
    destinationAt(receiver.url),
    destinationAt(other.url, { name: 'other', types: ['delivery.*'] }),
  ])
  return { receiver, other, harness }
}

test('abort-message ends a delivery, and nothing else', async () => {
  const { harness, other } = await openWithOther(({ body }) => ({
    ...{ status: body.type === 'recording.rolling' ? 204 : 400 },
    headers: { 'webhook-delivery': 'abort-message' },
  }))
  await harness.rolling()
  await flicker(harness, true)
  await harness.drainEffects()
  expect((await list(harness, '&destination=backend')).map(({ state }) => state)).toEqual([
    ...['failed', 'delivered', 'failed'],
  ])
  expect(other.received).toEqual([])
  expect(await readDeliveriesCheck(harness)).toMatchObject({ ok: true })
})

test('a destination is gone when it answers 410 three times in a row, which is announced to the others once', async () => {
  let isGone = (sequence: number): boolean => sequence === 1
  const { receiver, harness, other } = await openWithOther(({ body }) => ({
    status: isGone(Number(body.sequence)) ? 410 : 204,
  }))
  await harness.rolling()
  await harness.drainEffects()
  expect(other.received, 'once may be about the delivery').toEqual([])
  isGone = () => true
  for (let n = 0; n < 3; n += 1) await flicker(harness, n % 2 === 0)
  await harness.create({ id: 'second' })
  await harness.drainEffects()
  expect(receiver.received).toHaveLength(6)
  expect(other.accepted.map(({ body }) => body.type)).toEqual(['delivery.exhausted'])
  expect(await readDeliveriesCheck(harness)).toMatchObject({
    ...{ ok: false, detail: expect.stringContaining('backend') },
  })
})

test('a rejection hastens nothing, an acceptance does', async () => {
  const receiver = await openReceiver()
  const harness = await open([destinationAt(receiver.url)])
  await harness.create({ id: 'zero' })
  await harness.drainEffects()
  receiver.answerWith({ status: 500 })
  for (const id of ['one', 'two', 'three']) await harness.create({ id })
  await pass(harness, 600)
  const later = harness.now() + 10 * HOUR * 1000
  await harness.db.updateTable('delivery_queues').set({ due_at: later }).execute()
  const triesOf = async () => (await list(harness)).reduce((sum, { tries }) => sum + tries, 0)
  const before = await triesOf()
  receiver.answerWith({ status: 422 })
  await harness.create({ id: 'four' })
  await pass(harness, 300, 300)
  expect((await triesOf()) - before, 'the probe alone').toBe(1)
  receiver.answerWith({ status: 204 })
  await harness.create({ id: 'five' })
  await pass(harness, 2, 1)
  expect(await list(harness, '&state=pending')).toEqual([])
})

test('one that was claimed by a process that died is sent by the next one, before the later ones', async () => {
  const receiver = await openReceiver()
  receiver.answerWith('silence')
  const silent = createSend({ allowPrivate: true, timeoutMs: 60_000 })
  onTestFinished(() => silent.close())
  const harness = await open([destinationAt(receiver.url)], silent)
  await harness.api('POST', '/v1/recordings', REQUEST)
  await expect.poll(() => receiver.received.length).toBe(1)
  receiver.answerWith({ status: 204 })
  await harness.crash()
  await harness.drainEffects()
  expect(sequencesOf(receiver.received)[0]).toBe(1)
  expectAllInOrder(receiver, REQUEST.id, 1)
})

test('one whose result could not be stored is sent again after its lease, with the same id', async () => {
  const receiver = await openReceiver()
  const harness = await open([destinationAt(receiver.url)])
  receiver.answerWith(async () => {
    await harness.db.schema.alterTable('deliveries').renameTo('elsewhere').execute()
    return { status: 204 }
  })
  await harness.api('POST', '/v1/recordings', REQUEST)
  await harness.drainEffects().catch(() => {})
  await harness.db.schema.alterTable('elsewhere').renameTo('deliveries').execute()
  receiver.answerWith({ status: 204 })
  expect(receiver.received).toHaveLength(1)
  harness.jump(61)
  await harness.drainEffects()
  expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual(
    Array(2).fill(receiver.received[0]?.body.id),
  )
})

test('a paused destination is sent nothing, and everything in order when it is resumed', async () => {
  const receiver = await openReceiver()
  const harness = await open([destinationAt(receiver.url)])
  const command = async (name: string) =>
    (await harness.api('POST', `/v1/destinations/backend/${name}`)).json()
  expect(await command('pause')).toMatchObject({ state: 'paused', pending: 0 })
  await harness.rolling()
  await pass(harness, 2 * HOUR, 60)
  expect(receiver.received).toEqual([])
  const [view] = ((await (await harness.api('GET', '/v1/destinations')).json()) as { items: object[] }).items
  expect(view).toMatchObject({ state: 'paused', oldestQueuedAt: '2026-01-01T00:00:00.000Z' })
  const { checks } = (await (await harness.request('/readyz')).json()) as { checks: Record<string, object> }
  expect(checks.deliveries).toMatchObject({ ok: true, detail: expect.stringContaining('backend is paused') })
  await harness.crash()
  await harness.drainEffects()
  expect(receiver.received, 'a pause outlives the process').toEqual([])
  expect(await command('resume')).toMatchObject({ pausedAt: null })
  await harness.drainEffects()
  expectAllInOrder(receiver, REQUEST.id, 2)
})

test('a destination that is resumed is tried immediately', async () => {
  const receiver = await openReceiver()
  receiver.answerWith({ status: 503 })
  const harness = await open([destinationAt(receiver.url)])
  await harness.create()
  await harness.api('POST', '/v1/destinations/backend/pause')
  receiver.answerWith({ status: 204 })
  await harness.api('POST', '/v1/destinations/backend/resume')
  await harness.drainEffects()
  expectAllInOrder(receiver, REQUEST.id, 1)
})

test('what is being sent while the wall clock steps forward is sent once', async () => {
  const receiver = await openReceiver()
  const harness = await open([destinationAt(receiver.url)])
  let answer = (): void => {}
  receiver.answerWith(async () => {
    await new Promise<void>((resolve) => {
      answer = resolve
    })
    return { status: 204 }
  })
  await harness.api('POST', '/v1/recordings', REQUEST)
  await expect.poll(() => receiver.received.length).toBe(1)
  harness.jump(120)
  harness.parts.deliveries.worker.poke()
  await expect
    .poll(async () => {
      const [queue] = await harness.db.selectFrom('delivery_queues').selectAll().execute()
      return queue?.claimed_until
    })
    .toBe(harness.now() + 60_000)
  answer()
  await harness.drainEffects()
  expect(await list(harness)).toMatchObject([{ state: 'delivered', tries: 1 }])
  expect(receiver.received).toHaveLength(1)
})

test('when the oldest has waited for an hour, /readyz is degraded', async () => {
  const receiver = await openReceiver()
  receiver.answerWith({ status: 500 })
  const harness = await open([destinationAt(receiver.url)])
  const check = async () => {
    const { checks } = (await (await harness.request('/readyz')).json()) as {
      checks: Record<string, { ok: boolean; detail: string }>
    }
    return checks.deliveries
  }
  await harness.create()
  expect(await check()).toEqual({ ok: true, detail: 'some wait for backend' })
  await pass(harness, HOUR - 60, 60)
  expect((await check())?.ok).toBe(true)
  await pass(harness, 120, 60)
  expect(await check()).toMatchObject({
    ok: false,
    detail: expect.stringContaining('the oldest for backend has waited since 2026-01-01T00:00:00.000Z'),
  })
})

test('a recording whose deliveries are rejected does not hold up the others', async () => {
  const receiver = await openReceiver()
  receiver.answerWith(({ body }) => ({
    status: (body.recording as { id: string }).id === REQUEST.id ? 422 : 204,
  }))
  const harness = await open([destinationAt(receiver.url)])
  await harness.rolling()
  await harness.rolling({ id: 'other' })
  await harness.drainEffects()
  expectAllInOrder(receiver, 'other', 2)
  expect(sequencesOf(receiver.received)).toEqual(Array(sequencesOf(receiver.received).length).fill(1))
})

test('an ingress outage is announced once, and its end as well', async () => {
  const receiver = await openReceiver()
  const harness = await open([destinationAt(receiver.url, { types: ['supervisor.*'] })])
  const ids = ['one', 'two', 'three', 'four']
  for (const id of ids) await harness.rolling({ id })
  await pass(harness, 60, 1)
  expect(receiver.accepted.map(({ body }) => body)).toMatchObject([
    { type: 'supervisor.paused', sequence: 1, reason: { code: 'ingress_outage' } },
  ])
  await harness.crash()
  await pass(harness, 20, 1)
  expect(receiver.accepted).toHaveLength(1)
  for (let n = 0; n < 80; n += 1) {
    for (const id of ids) await harness.report({ recordingId: id, attempt: 1 })
    await pass(harness, 2, 2)
  }
  expect(receiver.accepted.map(({ body }) => body.type)).toEqual(['supervisor.paused', 'supervisor.resumed'])
})

/** Accepts the deliveries of one recording, and rejects all others. */
const acceptOnly = (recordingId: string, sent: string[]): Send =>
  Object.assign(
    async ({ body }: { body: string }) => {
      const { recording } = JSON.parse(body) as { recording: { id: string } }
      sent.push(recording.id)
      const status = recording.id === recordingId ? 204 : 422
      return { kind: 'answer' as const, status, headers: new Headers(), body: '' }
    },
    { close: () => {} },
  )

test('thousands of recordings with a blocked delivery each do not hold up another one', async () => {
  const sent: string[] = []
  const harness = await open([destinationAt('https://app.example.com/')], acceptOnly('healthy', sent))
  const add = (id: string) =>
    addDeliveries(
      harness.db,
      id,
      [
        {
          ...{ id: `dlv_${id}_${harness.now()}`, destination: 'backend', type: 'recording.rolling' },
          body: JSON.stringify({ type: 'recording.rolling', recording: { id } }),
        },
      ],
      harness.now(),
    )
  const blocked = Array.from({ length: 2000 }, (_, index) => `blocked${index}`)
  for (const id of blocked) await add(id)
  await harness.drainEffects()
  expect(new Set(sent)).toEqual(new Set(blocked))

  sent.length = 0
  harness.jump(1)
  await add('healthy')
  await harness.drainEffects()
  expect(sent, 'while the others wait').toEqual(['healthy'])

  sent.length = 0
  harness.jump(80)
  await add('healthy')
  await harness.drainEffects()
  expect(sent, 'while all others are due again').toHaveLength(blocked.length + 1)
  expect(sent.indexOf('healthy')).toBeLessThan(20)
})

test('what waited for a destination all the time is given up a day before it is removed, and the others learn of it once', async () => {
  const [receiver, other] = [await openReceiver(), await openReceiver()]
  const destinations = [
    destinationAt(receiver.url),
    destinationAt(other.url, { name: 'other', types: ['delivery.*'] }),
  ]
  const harness = await createHarness({ deliveries: { destinations, allowPrivate: true }, retentionDays: 10 })
  await harness.api('POST', '/v1/destinations/backend/pause')
  for (const id of ['one', 'two']) await harness.create({ id })
  const afterDays = async (days: number) => {
    harness.jump(days * 24 * HOUR)
    await harness.parts.retention.runOnce()
    await harness.drainEffects()
    return (await list(harness, '&destination=backend')).map(({ state, type }) => [state, type])
  }
  const created = (state: string) => Array(2).fill([state, 'recording.created'])
  expect(await afterDays(8.9)).toEqual(expect.arrayContaining(created('pending')))
  expect(other.received).toEqual([])
  expect(await afterDays(0.2)).toEqual(expect.arrayContaining(created('failed')))
  const [first] = await list(harness, '&destination=backend&state=failed')
  expect(first).toMatchObject({
    tries: 0,
    lastTry: { status: null, error: 'It could not be sent for 9 days' },
  })
  expect(other.accepted.map(({ body }) => body)).toMatchObject([
    { type: 'delivery.exhausted', reason: { message: expect.stringContaining('9 days') } },
  ])
  expect(harness.log()).toContainEqual(
    expect.objectContaining({ level: 50, destination: 'backend', count: 2, why: expect.any(String) }),
  )
  expect(await afterDays(1)).not.toContainEqual(['failed', 'recording.created'])
  expect(other.accepted).toHaveLength(1)
})

test('what waits for a destination that is no longer configured is logged', async () => {
  const receiver = await openReceiver()
  receiver.answerWith({ status: 500 })
  const harness = await open([destinationAt(receiver.url)])
  await harness.create()
  const next = await createHarness({}, { db: harness.db, startsAt: harness.now() })
  expect(next.log()).toContainEqual(
    expect.objectContaining({
      level: 40,
      destination: 'backend',
      pending: 1,
      msg: expect.stringContaining('DELIVERIES'),
    }),
  )
})
