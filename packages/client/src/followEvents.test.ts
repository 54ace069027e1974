import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createBlockReader } from './readEvents.ts'
import { createServer, json, problem } from './testing/createServer.ts'
import { createTestClient } from './testing/createTestClient.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const HEADERS = { 'content-type': 'text/event-stream' }
const blockOf = (id: number): string =>
  `id: ${id}\nevent: page.loaded\ndata: ${JSON.stringify({ id, code: 'page.loaded' })}\n\n`

/** A stream that ends after these pieces, breaks, or stays open. */
const streamOf =
  (pieces: readonly string[], end: 'ends' | 'breaks' | 'stays open' = 'ends') =>
  (): Response => {
    const left = pieces.map((piece) => new TextEncoder().encode(piece))
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        const next = left.shift()
        if (next) controller.enqueue(next)
        else if (end === 'ends') controller.close()
        else if (end === 'breaks') controller.error(new TypeError('terminated'))
        else return new Promise(() => {})
      },
    })
    return new Response(body, { headers: HEADERS })
  }

/** The ids of the first events, while time passes. */
const take = async (events: AsyncIterable<unknown>, count: number): Promise<unknown[]> => {
  const read = async (): Promise<unknown[]> => {
    const taken: unknown[] = []
    for await (const event of events) if (taken.push((event as { id: number }).id) === count) break
    return taken
  }
  const taking = read()
  taking.catch(() => {})
  await vi.advanceTimersByTimeAsync(600_000)
  return taking
}

describe('followEvents', () => {
  test('asks for the events of a query, from an id on', async () => {
    const server = createServer(streamOf([blockOf(8)], 'stays open'))
    const query = { labels: { course: '7b' }, code: ['page.loaded' as const] }
    const events = createTestClient(server).followEvents(query, { lastEventId: '7' })
    expect(server.got).toEqual([])
    expect(await take(events, 1)).toEqual([8])
    expect(server.got).toMatchObject([
      { method: 'GET', path: '/stillrolling/v1/events', query: '?label.course=7b&code=page.loaded' },
    ])
    const { headers } = server.got[0] ?? { headers: new Headers() }
    expect(['accept', 'authorization', 'last-event-id'].map((name) => headers.get(name))).toEqual([
      'text/event-stream',
      'Bearer key1',
      '7',
    ])
  })

  test.each(['ends', 'breaks', 'stays open'] as const)(
    'goes on with the last id, be it of a heartbeat, when the stream %s',
    async (end) => {
      const server = createServer(
        streamOf([`retry: 1500\n\n`, blockOf(1), blockOf(2), ': heartbeat\nid: 5\n\n'], end),
        streamOf([blockOf(6)], 'stays open'),
      )
      expect(await take(createTestClient(server).followEvents(), 3)).toEqual([1, 2, 6])
      expect(server.got.map(({ headers }) => headers.get('last-event-id'))).toEqual([null, '5'])
    },
  )

  test('comes back after the time that the reporter names', async () => {
    const times: number[] = []
    const server = createServer(() => {
      times.push(Date.now())
      return streamOf(['retry: 3000\n\n', blockOf(times.length)])()
    })
    await take(createTestClient(server).followEvents(), 3)
    expect(times.map((time) => time - (times[0] ?? 0))).toEqual([0, 3000, 6000])
  })

  test('waits for a reporter that is away, however long', async () => {
    const server = createServer(
      streamOf([blockOf(1)]),
      ...Array.from({ length: 20 }, () => new TypeError('fetch failed')),
      problem(503, 'too_many_waiting', { 'retry-after': '10' }),
      streamOf([blockOf(2)], 'stays open'),
    )
    expect(await take(createTestClient(server).followEvents(), 2)).toEqual([1, 2])
    const few = createServer(new TypeError('fetch failed'))
    await expect(take(createTestClient(few).followEvents({}, { retries: 2 }), 1)).rejects.toMatchObject({
      code: 'connection_failed',
    })
    expect(few.got).toHaveLength(3)
  })

  test.each([
    [problem(401, 'invalid_api_key'), 'invalid_api_key'],
    [problem(422, 'invalid_request'), 'invalid_request'],
    [json({}), 'unexpected_answer'],
    [new Response('data: not JSON\n\n', { headers: HEADERS }), 'unexpected_answer'],
  ])('ends with what another request would not change', async (answer, code) => {
    const server = createServer(answer)
    await expect(take(createTestClient(server).followEvents(), 1)).rejects.toMatchObject({ code })
    expect(server.got).toHaveLength(1)
  })

  test('closes the connection when the loop ends', async () => {
    const cancel = vi.fn()
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(blockOf(1))),
      cancel,
    })
    const fetch = async () => new Response(body, { headers: HEADERS })
    await take(createTestClient({ fetch, got: [] }).followEvents(), 1)
    expect(cancel).toHaveBeenCalledOnce()
  })

  test('ends with its signal, while it reads or waits', async () => {
    for (const end of ['stays open', 'ends'] as const) {
      const controller = new AbortController()
      const fetch: typeof globalThis.fetch = async (_, init) => {
        const response = streamOf([blockOf(1)], end)()
        const aborted = new Promise<never>((_resolve, reject) => {
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason), { once: true })
        })
        aborted.catch(() => {})
        const reader = response.body?.getReader()
        const linked = new ReadableStream<Uint8Array>({
          pull: async (to) => {
            const next = await Promise.race([reader?.read(), aborted])
            if (next?.value) to.enqueue(next.value)
            else to.close()
          },
        })
        return new Response(linked, { headers: HEADERS })
      }
      const events = createTestClient({ fetch, got: [] }).followEvents({}, { signal: controller.signal })
      expect(await events.next()).toMatchObject({ value: { id: 1 } })
      const next = expect(events.next()).rejects.toThrow('the user has left')
      await vi.advanceTimersByTimeAsync(100)
      controller.abort(new Error('the user has left'))
      await next
    }
  })
})

describe('the blocks of a stream', () => {
  const Text =
    '\uFEFF: comment\nretry: 10\n\n\nid: 1\ndata: a\ndata:b\n\nid: 2\r\ndata\r\n\r\nid:3\rdata:  c\r\rretry: x\nid: 4\0\nother: z\n\ndata: cut'
  const Blocks = [
    { id: undefined, data: undefined, retry: 10 },
    { id: '1', data: 'a\nb', retry: undefined },
    { id: '2', data: '', retry: undefined },
    { id: '3', data: ' c', retry: undefined },
    { id: undefined, data: undefined, retry: undefined },
  ]

  test.each([1, 2, 3, 7, 1000])('are the same in pieces of %d characters', (length) => {
    const read = createBlockReader()
    const pieces = Text.match(new RegExp(`[\\s\\S]{1,${length}}`, 'g')) ?? []
    expect(pieces.flatMap(read)).toEqual(Blocks)
  })

  test('have lines of limited length', () => {
    const read = createBlockReader()
    const feed = () => {
      for (let index = 0; index < 100; index += 1) read('x'.repeat(20_000))
    }
    expect(feed).toThrow(RangeError)
  })
})
