import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { createCloudRecording } from './client.ts'
import type { CloudRecordingOptions, RequestDetails } from './cloudRecording.ts'
import { InvalidOptionsError, InvalidRequestError } from './errors.ts'
import { responseOf } from './responseOf.ts'
import { options, startRequest, task } from './testing/examples.ts'
import { type HttpServer, startHttpServer } from './testing/httpServer.ts'
import { VERSION } from './version.ts'

const JSON_ANSWER = { sid: 's', serverResponse: { status: 5 }, new: 1 }

const serve = (status = 200): Promise<HttpServer> =>
  startHttpServer((_, response) => {
    response.setHeader('x-request-id', 'request7')
    response.statusCode = status
    response.end(JSON.stringify(JSON_ANSWER))
  })

const clientOf = (server: HttpServer, more: Partial<CloudRecordingOptions> = {}) =>
  createCloudRecording({ ...options, baseUrls: [server.url], ...more })

test('every misspelt option is named', () => {
  const wrong = { ...options, timeoutMs: 5, customerKey: 'x', fetch: 7, log: 'yes', clock: null }
  const create = (): unknown => createCloudRecording(wrong as never)
  expect(create).toThrow(InvalidOptionsError)
  expect(create).toThrow(/timeoutMs: is not an option; customerKey: is not an option/)
  for (const name of ['fetch', 'log', 'clock']) expect(create).toThrow(new RegExp(`${name}: must be`))
})

test('a misspelt option of a call is named, and nothing is sent', async () => {
  await using server = await serve()
  const error = await clientOf(server)
    .query(task, { timeoutMs: 5 } as never)
    .catch((each: unknown) => each)
  expect(error).toBeInstanceOf(InvalidRequestError)
  expect(error).toMatchObject({ issues: [{ path: 'timeoutMs', message: 'is not an option of a call' }] })
  expect(server.received).toEqual([])
})

test('50 calls that share a signal cause no warning, and leave nothing on it', async () => {
  await using server = await serve()
  const warnings: Error[] = []
  const onWarning = (warning: Error): void => void warnings.push(warning)
  process.on('warning', onWarning)
  try {
    const { signal } = new AbortController()
    let listeners = 0
    let most = 0
    const { addEventListener, removeEventListener } = signal
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      most = Math.max(most, ++listeners)
      addEventListener.apply(signal, args)
    }
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners--
      removeEventListener.apply(signal, args)
    }
    const client = clientOf(server, { quota: undefined })
    const calls = Array.from({ length: 50 }, () => client.query(task, { signal, deadline: 30 }))
    await new Promise(setImmediate)
    expect(most).toBeLessThanOrEqual(10)
    await Promise.all(calls)
    expect(listeners).toBe(0)
    await new Promise(setImmediate)
    expect(warnings).toEqual([])
  } finally {
    process.off('warning', onWarning)
  }
})

test('an aborted signal ends every call that shares it', async () => {
  await using server = await startHttpServer(() => {})
  const abort = new AbortController()
  const client = clientOf(server)
  const calls = Array.from({ length: 20 }, () => client.query(task, { signal: abort.signal }))
  setTimeout(() => abort.abort(), 50)
  const settled = await Promise.allSettled(calls)
  expect(settled.map((each) => each.status === 'rejected' && each.reason.verdict.meaning)).toEqual(
    Array(20).fill('aborted'),
  )
})

test('the User-Agent names the package and its version', async () => {
  await using server = await serve()
  await clientOf(server).query(task)
  expect(server.received[0]?.headers['user-agent']).toBe(
    `stillrolling-rest-core/${VERSION} node/${process.versions.node}`,
  )
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'))
  expect(VERSION).toBe(version)
})

test('extra headers are sent, and cannot replace the credentials', async () => {
  await using server = await serve()
  await clientOf(server, { headers: { 'X-Proxy': 'token', 'user-agent': 'mine' } }).query(task)
  expect(server.received[0]?.headers).toMatchObject({
    'x-proxy': 'token',
    'user-agent': 'mine',
    authorization: expect.stringContaining('Basic '),
  })
  const invalid: Record<string, string>[] = [
    { Authorization: 'x' },
    { 'content-type': 'x' },
    { 'a b': 'x' },
    { a: 'x\ny' },
  ]
  for (const headers of invalid) expect(() => clientOf(server, { headers })).toThrow(/headers\./)
})

test('the values of extra headers are in no error', async () => {
  await using server = await startHttpServer((_, response) => {
    response.statusCode = 400
    response.end(JSON.stringify({ code: 2, reason: 'not SECRET-of-the-proxy' }))
  })
  const client = clientOf(server, { headers: { 'X-Proxy': 'SECRET-of-the-proxy' } })
  await expect(client.query(task)).rejects.toMatchObject({ reason: 'not ***' })
})

test('the hook sees each request without its credentials, and may add headers', async () => {
  await using failing = await serve(503)
  await using server = await serve()
  const seen: RequestDetails[] = []
  const client = clientOf(server, {
    baseUrls: [failing.url, server.url],
    backoffScale: 0,
    beforeRequest: async (request) => {
      seen.push(request)
      return { traceparent: `00-${request.tries}` }
    },
  })
  await client.query(task)
  expect(seen).toEqual([
    { call: 'query', method: 'GET', tries: 1, url: expect.stringContaining(failing.url) },
    { call: 'query', method: 'GET', tries: 2, url: expect.stringContaining(server.url) },
  ])
  expect(server.received[0]?.headers.traceparent).toBe('00-2')
})

test('what the hook throws rejects the call, and frees the quota', async () => {
  await using server = await serve()
  let fails = true
  const client = clientOf(server, {
    beforeRequest: () => {
      if (fails) throw new Error('no trace')
    },
  })
  await expect(client.start(startRequest)).rejects.toMatchObject({
    name: 'AbortedError',
    cause: { message: 'no trace' },
  })
  fails = false
  await client.start(startRequest)
  expect(server.received).toHaveLength(1)
})

test('an answer has its response: request id, status and raw body', async () => {
  await using server = await serve()
  const client = clientOf(server)
  const response = {
    host: new URL(server.url).host,
    tries: 1,
    status: 200,
    requestId: 'request7',
    json: JSON_ANSWER,
  }
  expect(responseOf(await client.query(task))).toEqual({ call: 'query', ...response })
  const started = await client.start(startRequest)
  expect(responseOf(started)).toEqual({ call: 'start', ...response })
  expect(responseOf({ ...started })).toBeUndefined()
})
