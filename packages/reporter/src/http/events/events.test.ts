import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createLog } from '../../log.ts'
import { startReporter } from '../../reporter.ts'
import { MAX_READERS } from '../../runtime/events/eventFeed.ts'
import { createSqliteStore } from '../../store/sqlite/sqliteStore.ts'
import { databaseFile } from '../../testing/database.ts'
import { openEvents, type ReceivedEvent } from '../../testing/eventClient.ts'
import { expectProblem } from '../../testing/expectProblem.ts'
import { config, createHarness, type Harness, REQUEST } from '../../testing/harness.ts'
import { createHttpServer } from '../httpServer.ts'
import { type EventView, eventViewSchema } from './eventView.ts'

/** Serves a harness over real connections. */
const serve = async () => {
  const harness = await createHarness()
  const { server } = createHttpServer(harness.parts.app.fetch, {
    hostname: '127.0.0.1',
    timeouts: config.http,
  })
  server.listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const sockets: Socket[] = []
  server.on('connection', (socket) => sockets.push(socket))
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const open = (query = '', lastEventId?: string) =>
    openEvents(`http://127.0.0.1:${port}/v1/events${query}`, lastEventId)
  return { harness, open, sockets }
}

const codesOf = (events: readonly ReceivedEvent[]): string[] => events.map(({ event }) => event)

/** Adds entries to a timeline as a decision does, and says so. */
const append = async (
  { db }: Harness,
  { code, evidence = {}, count = 1 }: { code: string; evidence?: Record<string, unknown>; count?: number },
): Promise<void> => {
  const entry = { code, attempt: null, message: '', evidence }
  await createSqliteStore(db).appendTimeline(
    REQUEST.id,
    Array.from({ length: count }, () => entry),
    1000,
  )
}

describe('GET /v1/events', () => {
  test('sends what happens to the recordings, each entry as one event', async () => {
    const { harness, open } = await serve()
    await harness.create({ labels: { course: '7b' } })
    const client = await open()
    expect(client.response.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    await harness.report({ type: 'hello' })
    await harness.report({ type: 'loaded' })
    await client.until(3)
    const timeline = (await harness.timeline()).slice(-client.events.length)
    expect(client.events).toEqual(
      timeline.map((entry) => ({
        id: entry.id,
        event: entry.code,
        data: {
          ...entry,
          recording: { id: REQUEST.id, kind: 'page', labels: { course: '7b' }, state: expect.any(String) },
        },
      })),
    )
    for (const { data } of client.events) expect(eventViewSchema.parse(data)).toEqual(data)
    expect(codesOf(client.events)).toContain('recording.rolling')
    expect(client.events.at(-1)?.data.recording.state).toBe('rolling')
    expect(client.text()).toMatch(/^retry: \d{4}\n\n/)
  })

  test.each([
    ['?from=0&recording=class42', 'class42'],
    ['?from=0&label.course=8a', 'second'],
    ['?from=0&kind=channel', 'lesson'],
    ['?from=0&state=rolling', 'class42'],
    ['?from=0&state=starting&state=rolling&label.course=7b', 'class42'],
    ['?from=0&code=page.hello&code=page.loaded', 'class42'],
  ])('%s sends only those of the recording %s', async (query, id) => {
    const { harness, open } = await serve()
    await harness.rolling({ labels: { course: '7b' } })
    await harness.create({ id: 'second', labels: { course: '8a' } })
    await harness.api('POST', '/v1/recordings', {
      ...{
        id: 'lesson',
        kind: 'channel',
        mode: 'mix',
        channel: 'lesson',
        recordingConfig: { channelType: 1 },
      },
    })
    const client = await open(query)
    await client.until(2)
    expect(new Set(client.events.map(({ data }) => data.recording.id))).toEqual(new Set([id]))
    if (query.includes('code')) expect(codesOf(client.events)).toEqual(['page.hello', 'page.loaded'])
  })

  test('goes on after Last-Event-ID, which counts more than from', async () => {
    const { harness, open } = await serve()
    await harness.rolling()
    const timeline = await harness.timeline()
    const client = await open('?from=now', String(timeline[1]?.id))
    await client.until(timeline.length - 2)
    expect(client.events.map(({ id }) => id)).toEqual(timeline.slice(2).map(({ id }) => id))
  })

  test('says that entries which were removed are missing', async () => {
    const { harness, open } = await serve()
    await harness.rolling()
    const timeline = await harness.timeline()
    const [first, , third] = timeline
    await harness.db
      .deleteFrom('timeline')
      .where('id', '<', third?.id ?? 0)
      .execute()
    const client = await open('', String(first?.id))
    await client.until(timeline.length - 1)
    const after = (third?.id ?? 0) - 1
    expect(client.events[0]).toEqual({ id: after, event: 'gap', data: { after } })
    expect(client.events.slice(1).map(({ id }) => id)).toEqual(timeline.slice(2).map(({ id }) => id))
  })

  test.each([
    ['from=yesterday', 'from'],
    ['from=-1', 'from'],
    ['state=ended', 'state.0'],
    ['code=recording.unknown', 'code.0'],
    ['kind=video', 'kind'],
    ['recording=', 'recording'],
    ['colour=blue', 'colour'],
    ['label.=x', 'label.'],
  ])('refuses %s', async (query, path) => {
    const harness = await createHarness()
    const { errors } = await expectProblem(await harness.api('GET', `/v1/events?${query}`), 422)
    expect(errors?.map((error) => error.path)).toEqual([path])
  })

  test('refuses a Last-Event-ID that is none, and an empty one is none', async () => {
    const harness = await createHarness()
    const ask = (id: string) =>
      harness.request('/v1/events', {
        headers: { authorization: `Bearer ${config.apiKeys[0]}`, 'last-event-id': id },
      })
    await expectProblem(await ask('abc'), 422)
    const answer = await ask('')
    expect(answer.status).toBe(200)
    await answer.body?.cancel()
  })

  test('needs a key', async () => {
    const harness = await createHarness()
    await expectProblem(await harness.request('/v1/events'), 401)
  })

  test('is answered 503 beyond the limit, until a client has gone', async () => {
    const harness = await createHarness()
    const all = await Promise.all(Array.from({ length: MAX_READERS }, () => harness.api('GET', '/v1/events')))
    const refused = await harness.api('GET', '/v1/events')
    expect(refused.headers.get('retry-after')).toBe('10')
    await expectProblem(refused, 503, 'too_many_waiting')
    await all[0]?.body?.cancel()
    const answer = await harness.api('GET', '/v1/events')
    expect(answer.status).toBe(200)
    await Promise.all([...all.slice(1), answer].map(({ body }) => body?.cancel()))
  })
})

describe('100 clients over connections', () => {
  test('are served while one of them reads nothing, which holds little memory and misses nothing', async () => {
    const { harness, open, sockets } = await serve()
    await harness.create()
    const slow = await open('?code=page.warned')
    slow.response.pause()
    const [socketOfSlow] = sockets
    const others = await Promise.all(Array.from({ length: 99 }, () => open('?code=page.error')))
    const evidence = { text: 'x'.repeat(16_000) }
    // 32 MB: more than the buffers of a connection take.
    for (let round = 1; round <= 20; round += 1) {
      await append(harness, { code: 'page.warned', evidence, count: 100 })
      await append(harness, { code: 'page.error' })
      harness.parts.changes.changed(REQUEST.id)
      await Promise.all(others.map(({ until }) => until(round)))
    }
    expect(socketOfSlow?.writableLength).toBeGreaterThan(0)
    // One batch of 50 events.
    expect(socketOfSlow?.writableLength).toBeLessThan(1_000_000)
    slow.response.resume()
    await slow.until(2000)
    const ids = slow.events.map(({ id }) => id)
    expect(new Set(ids).size).toBe(2000)
    expect(ids).toEqual(ids.toSorted((one, other) => one - other))
  })
})

test('a client that has gone is forgotten', async () => {
  const { harness, open } = await serve()
  await harness.create()
  const clients = await Promise.all(Array.from({ length: MAX_READERS }, () => open()))
  for (const client of clients) client.close()
  await vi.waitFor(async () => {
    const answer = await harness.api('GET', '/v1/events')
    await answer.body?.cancel()
    expect(answer.status).toBe(200)
  })
})

test('a restart of the reporter in between loses and repeats nothing', async () => {
  const file = databaseFile()
  const start = () => startReporter({ ...config, databaseFile: file }, createLog('silent'))
  const call = (url: string, path: string, body?: unknown) =>
    fetch(`${url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${config.apiKeys[0]}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  const create = (url: string, id: string) => call(url, '/v1/recordings', { ...REQUEST, id })

  let reporter = await start()
  onTestFinished(() => reporter.close())
  const first = await openEvents(`${reporter.url}/v1/events`)
  await create(reporter.url, 'before')
  await first.until(2)
  await create(reporter.url, 'meanwhile')
  const closing = reporter.close()
  await first.ended()
  await closing
  reporter = await start()
  await create(reporter.url, 'after')
  const second = await openEvents(`${reporter.url}/v1/events`, first.lastEventId())
  await second.until(1)
  while (!second.events.some(({ data }) => data.recording.id === 'after')) {
    await second.until(second.events.length + 1)
  }
  const received = [...first.events, ...second.events].map(({ id }) => id)
  const last = received.at(-1) ?? 0
  const timelines = await Promise.all(
    ['before', 'meanwhile', 'after'].map(async (id) => {
      const answer = await call(reporter.url, `/v1/recordings/${id}/timeline`)
      return ((await answer.json()) as { items: EventView[] }).items
    }),
  )
  const ids = timelines
    .flat()
    .map(({ id }) => id)
    .filter((id) => id <= last)
    .toSorted((one, other) => one - other)
  expect(received).toEqual(ids)
})
