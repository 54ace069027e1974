import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createClient } from './client.ts'
import { StillrollingError } from './errors.ts'
import { createServer, json, problem } from './testing/createServer.ts'
import { createTestClient } from './testing/createTestClient.ts'

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(Math, 'random').mockReturnValue(0)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** Lets time pass until the call has ended. */
const settle = async <Result>(call: PromiseLike<Result>): Promise<Result> => {
  const result = Promise.resolve(call)
  result.catch(() => {})
  await vi.runAllTimersAsync()
  return result
}
const failure = async (call: PromiseLike<unknown>): Promise<StillrollingError> => {
  const error: unknown = await settle(call).catch((reason: unknown) => reason)
  if (!(error instanceof StillrollingError)) throw new Error('no StillrollingError', { cause: error })
  return error
}
const broken = new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') })

describe('createClient', () => {
  test.each(['', 'reporter.test', 'ftp://reporter.test'])('refuses the address %j', (url) => {
    expect(() => createClient({ url })).toThrow(TypeError)
  })

  test('sends no key without one', async () => {
    const server = createServer(json({}))
    await createTestClient(server, { apiKey: undefined }).getSummary()
    expect(server.got[0]?.headers.has('authorization')).toBe(false)
  })

  test('uses the global fetch by default', async () => {
    const server = createServer(json({ status: 'ok' }))
    vi.stubGlobal('fetch', server.fetch)
    expect(await createClient({ url: 'http://127.0.0.1:8080' }).getLiveness()).toEqual({ status: 'ok' })
    vi.unstubAllGlobals()
  })
})

describe('an error', () => {
  test('has the code, the texts and the wrong fields of the problem', async () => {
    const errors = [{ path: 'url', message: 'must be an http or https URL' }]
    const document = {
      type: 'urn:x',
      title: 'x',
      status: 422,
      code: 'invalid_request',
      detail: 'Wrong.',
      errors,
    }
    const server = createServer(json(document, 422, { 'content-type': 'application/problem+json' }))
    expect(await failure(createTestClient(server).startRecording({ url: 'x' }))).toMatchObject({
      code: 'invalid_request',
      status: 422,
      detail: 'Wrong.',
      message: 'invalid_request: Wrong.',
      errors,
      retryAfter: null,
    })
    expect(server.got).toHaveLength(1)
  })

  test.each([
    [
      new Response('<html>Bad gateway</html>', { status: 404 }),
      'was answered 404, and not by a reporter: <html>',
    ],
    [new Response(null, { status: 301, headers: { location: 'https://other.test' } }), 'was answered 301'],
    [json({ code: 7 }, 404, { 'content-type': 'application/problem+json' }), 'was answered 404'],
    [new Response('not JSON'), 'was answered without JSON'],
  ])('is unexpected_answer if it is not of a reporter', async (answer, detail) => {
    const server = createServer(answer)
    const error = await failure(createTestClient(server).getRecording('class42'))
    expect(error.code).toBe('unexpected_answer')
    expect(error.detail).toContain(`GET /v1/recordings/class42 ${detail}`)
    expect(server.got).toHaveLength(1)
  })

  test('names why there is no connection, and never the key', async () => {
    const server = createServer(broken)
    const error = await failure(createTestClient(server, { retries: 0 }).getSummary())
    expect(error).toMatchObject({ code: 'connection_failed', status: null, cause: broken })
    expect(error.detail).toBe('GET /v1/summary was not answered: fetch failed, connect ECONNREFUSED')
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('key1')
  })

  test('is none if a reporter is not ready', async () => {
    const readiness = { status: 'unavailable', checks: {} }
    const server = createServer(json(readiness, 503))
    expect(await createTestClient(server).getReadiness()).toEqual(readiness)
  })
})

describe('a request', () => {
  test.each([
    ['a broken connection', broken],
    ['429', problem(429, 'too_many_requests')],
    ['502 of a proxy', new Response('', { status: 502 })],
    ['503', problem(503, 'too_many_waiting', { 'retry-after': '5' })],
    ['500', problem(500, 'internal_error')],
  ])('that reads is sent again after %s', async (_, answer) => {
    const server = createServer(answer, json({ id: 'class42' }))
    expect(await settle(createTestClient(server).getRecording('class42'))).toEqual({ id: 'class42' })
    expect(server.got).toHaveLength(2)
  })

  test.each([
    ['startRecording', 2],
    ['stopRecording', 2],
    ['restartRecording', 1],
  ] as const)('%s is sent %d times if the connection breaks first', async (name, count) => {
    const server = createServer(broken, json({}))
    const client = createTestClient(server)
    const call =
      name === 'startRecording' ? client[name]({ url: 'https://page.test' }) : client[name]('class42')
    await settle(call).catch(() => {})
    expect(server.got).toHaveLength(count)
    expect(server.got.at(-1)?.body).toEqual(server.got[0]?.body)
  })

  test.each([
    [problem(429, 'too_many_requests'), 2],
    [problem(503, 'draining', { 'retry-after': '1' }), 2],
    [new Response('', { status: 503, headers: { 'retry-after': '1' } }), 1],
    [new Response('', { status: 502 }), 1],
  ])('that is not idempotent is sent again only if the reporter has refused it', async (answer, count) => {
    const server = createServer(answer, json({}))
    await settle(createTestClient(server).restartRecording('class42')).catch(() => {})
    expect(server.got).toHaveLength(count)
  })

  test('is sent again three times, ever later', async () => {
    const started = Date.now()
    const times: number[] = []
    const server = createServer(() => {
      times.push(Date.now() - started)
      return broken
    })
    expect((await failure(createTestClient(server).getSummary())).code).toBe('connection_failed')
    expect(times).toEqual([0, 500, 1500, 3500])
  })

  test('is sent again as often as the client or the call says', async () => {
    const server = createServer(broken)
    const client = createTestClient(server, { retries: 1 })
    await failure(client.getSummary())
    await failure(client.getSummary({ retries: 4 }))
    expect(server.got).toHaveLength(2 + 5)
  })

  test('is not sent again sooner than Retry-After, in seconds or as a date, and not after a long one', async () => {
    const started = Date.now()
    const inTwenty = new Date(started + 20_000).toUTCString()
    const server = createServer(
      problem(429, 'too_many_requests', { 'retry-after': '7' }),
      problem(429, 'too_many_requests', { 'retry-after': inTwenty }),
      problem(429, 'too_many_requests', { 'retry-after': '3600' }),
    )
    const error = await failure(createTestClient(server).getSummary())
    expect(server.got).toHaveLength(3)
    expect(Date.now() - started).toBeGreaterThan(19_000)
    expect(error).toMatchObject({ code: 'too_many_requests', retryAfter: 3600 })
  })

  test('is sent again if there is no answer in time', async () => {
    const server = createServer('silence', json({ id: 'class42' }))
    const client = createTestClient(server, { timeout: 5 })
    expect(await settle(client.getRecording('class42'))).toEqual({ id: 'class42' })
    const silent = createServer('silence')
    const error = await failure(createTestClient(silent, { retries: 0 }).getSummary({ timeout: 2 }))
    expect(error).toMatchObject({ code: 'timed_out', detail: 'GET /v1/summary was not answered within 2 s.' })
  })

  test.each(['client', 'call'])(
    'ends with the signal of the %s, while it is sent or waits',
    async (whose) => {
      for (const answer of ['silence', broken] as const) {
        const controller = new AbortController()
        const { signal } = controller
        const client = createTestClient(createServer(answer), whose === 'client' ? { signal } : {})
        const call = client.getSummary(whose === 'call' ? { signal } : {})
        const ended = expect(call).rejects.toThrow('the user has left')
        await vi.advanceTimersByTimeAsync(100)
        controller.abort(new Error('the user has left'))
        await ended
        await expect(client.getSummary({ signal })).rejects.toThrow('the user has left')
      }
    },
  )
})

describe('a list', () => {
  const pages = () =>
    createServer(
      json({ items: [{ id: 'a' }, { id: 'b' }], next: '2.b' }),
      json({ items: [{ id: 'c' }], next: null }),
    )

  test('is read item by item, page after page', async () => {
    const server = pages()
    const ids: string[] = []
    for await (const { id } of createTestClient(server).listRecordings({ state: ['failed'], limit: 2 }))
      ids.push(id)
    expect(ids).toEqual(['a', 'b', 'c'])
    expect(server.got.map(({ query }) => query)).toEqual([
      '?state=failed&limit=2',
      '?state=failed&limit=2&before=2.b',
    ])
  })

  test('is one page if it is awaited, and requests nothing before', async () => {
    const server = pages()
    const list = createTestClient(server).listRecordings()
    expect(server.got).toHaveLength(0)
    expect(await list).toEqual({ items: [{ id: 'a' }, { id: 'b' }], next: '2.b' })
    expect(server.got).toHaveLength(1)
  })

  test('requests no page that is not needed', async () => {
    const server = pages()
    for await (const { id } of createTestClient(server).listRecordings()) if (id === 'a') break
    expect(server.got).toHaveLength(1)
  })

  test('fails with the page that fails', async () => {
    const server = createServer(json({ items: [{ id: 1 }], next: 1 }), problem(401, 'invalid_api_key'))
    const read = async () => {
      for await (const _ of createTestClient(server).listTimelineEntries('class42'));
    }
    expect((await failure(read())).code).toBe('invalid_api_key')
    expect(server.got[1]?.query).toBe('?after=1')
  })
})

describe('a backup', () => {
  test('is read as a stream', async () => {
    const server = createServer(new Response('SQLite'))
    const response = await createTestClient(server).createBackup()
    expect(await response.text()).toBe('SQLite')
  })
})
