import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createCloudRecording } from './client.ts'
import { systemClock } from './clock.ts'
import { type CloudRecordingError, NetworkError, TimeoutError } from './errors.ts'
import { exchange } from './exchange.ts'
import { options, startRequest } from './testing/examples.ts'

const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const get = (url: string, timeoutMs: number, signal?: AbortSignal): ReturnType<typeof exchange> =>
  exchange(fetch, { method: 'GET', url, headers: {} }, { timeoutMs, signal }, systemClock)

const json = { 'content-type': 'application/json' }

test('a complete answer', async () => {
  const url = await serve((_, res) => {
    res.writeHead(429, { ...json, 'x-request-id': 'req-1', 'retry-after': '7' }).end('{"message":"slow"}')
  })
  expect(await get(url, 5000)).toEqual({
    status: 429,
    requestId: 'req-1',
    retryAfter: 7,
    json: { message: 'slow' },
  })
})

test('the timeout covers the headers', async () => {
  const url = await serve(() => {})
  expect(await get(url, 50)).toMatchObject({ fault: 'timeout' })
})

test('the timeout covers the body', async () => {
  const url = await serve((_, res) => void res.writeHead(200, json).write('{"sid":'))
  expect(await get(url, 200)).toMatchObject({ status: 200, fault: 'timeout' })
})

test('a truncated body', async () => {
  const url = await serve((_, res) => {
    res.writeHead(200, { ...json, 'content-length': '100' })
    res.write('{"sid":"sid1"', () => res.destroy())
  })
  expect(await get(url, 5000)).toMatchObject({ status: 200, fault: 'truncated' })
})

test('a connection reset', async () => {
  const url = await serve((_, res) => void res.socket?.resetAndDestroy())
  expect(await get(url, 5000)).toMatchObject({ fault: 'reset' })
})

test('a port without a server', async () => {
  const closed = createTcpServer()
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
  const { port } = closed.address() as AddressInfo
  await new Promise((resolve) => closed.close(resolve))
  expect(await get(`http://127.0.0.1:${port}`, 5000)).toMatchObject({ fault: 'refused' })
})

test('a name that does not resolve', async () => {
  const reply = await get('http://stillrolling.invalid', 5000)
  expect(reply).toMatchObject({ fault: 'dns' })
})

test('an abort while the body is read', async () => {
  const abort = new AbortController()
  const url = await serve((_, res) => {
    res.writeHead(200, json).write('{', () => setImmediate(() => abort.abort()))
  })
  expect(await get(url, 5000, abort.signal)).toMatchObject({ fault: 'aborted' })
})

test('credentials do not follow a redirect', async () => {
  const visited: string[] = []
  const elsewhere = await serve((req, res) => {
    visited.push(req.url ?? '')
    res.end('{}')
  })
  const url = await serve((_, res) => res.writeHead(302, { location: elsewhere }).end())
  expect(await get(url, 5000)).toMatchObject({ status: 302 })
  expect(visited).toEqual([])
})

test('a start whose answer is lost has an unknown outcome', async () => {
  let starts = 0
  const url = await serve((_, res) => {
    starts++
    res.socket?.resetAndDestroy()
  })
  const client = createCloudRecording({ ...options, baseUrls: [url] })
  const error: CloudRecordingError = await client.start(startRequest).catch((each) => each)
  expect(error).toBeInstanceOf(NetworkError)
  expect(error.startOutcome).toBe('unknown')
  expect(starts).toBe(1)
})

test('a start that is never answered has an unknown outcome after its timeout', async () => {
  const url = await serve(() => {})
  const client = createCloudRecording({ ...options, baseUrls: [url] })
  const error: CloudRecordingError = await client.start(startRequest, { timeout: 0.05 }).catch((each) => each)
  expect(error).toBeInstanceOf(TimeoutError)
  expect(error).toMatchObject({ startOutcome: 'unknown', status: undefined, code: undefined })
})

const retryAfters: [string, string | undefined, number | undefined][] = [
  ['7', undefined, 7],
  ['0', undefined, 0],
  // A date is relative to the answer's own date, or else to this machine's clock.
  ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sun, 06 Nov 1994 08:49:07 GMT', 30],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 'Sun, 06 Nov 1994 08:49:07 GMT', 30],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sun, 06 Nov 1994 09:00:00 GMT', 0],
  ['Sun, 06 Nov 1994 08:49:37 GMT', undefined, 37],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 'yesterday', 37],
  ['Sun Nov  6 08:49:37 1994', undefined, undefined],
  ['-1', undefined, undefined],
  ['1.5', undefined, undefined],
  ['soon', undefined, undefined],
  // At most a day.
  ['99999999999999999999', undefined, 86_400],
  ['Fri, 31 Dec 2100 23:59:59 GMT', undefined, 86_400],
]

test.each(retryAfters)('Retry-After %j, Date %j: %j s', async (retryAfter, date, seconds) => {
  const headers = { 'retry-after': retryAfter, ...(date === undefined ? {} : { date }) }
  const send = async (): Promise<Response> => new Response('{}', { status: 429, headers })
  const outgoing = { method: 'GET', url: 'http://one.test', headers: {} } as const
  const clock = { now: () => Date.UTC(1994, 10, 6, 8, 49, 0) }
  expect((await exchange(send, outgoing, { timeoutMs: 1000 }, clock)).retryAfter).toBe(seconds)
})
