import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { serve } from '@hono/node-server'
import { describe, expect, onTestFinished, test } from 'vitest'
import { expectProblem } from '../testing/expectProblem.ts'
import { createHarness, type Harness, REQUEST, SECRETS } from '../testing/harness.ts'

const ROUTES = [
  ['GET', '/v1/recordings'],
  ['POST', '/v1/recordings'],
  ['GET', '/v1/recordings/class42'],
  ['GET', '/v1/recordings/class42/timeline'],
  ['POST', '/v1/recordings/class42/stop'],
  ['POST', '/v1/recordings/class42/restart'],
] as const

const list = (harness: Harness, headers: Record<string, string>): Promise<Response> =>
  harness.request('/v1/recordings', { headers })

describe('with API keys', () => {
  test.each(ROUTES)('%s %s needs one, and changes nothing without it', async (method, path) => {
    const harness = await createHarness()
    await harness.create()
    const before = await harness.dump()
    const response = await harness.request(path, { method, headers: { host: 'localhost' } })
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    await expectProblem(response, 401)
    expect(await harness.dump()).toEqual(before)
  })

  const wrong: [string, string][] = [
    ['another key', 'Bearer SECRET-key-of-the-apj'],
    ['the start of the key', `Bearer ${SECRETS.apiKey.slice(0, -1)}`],
    ['more than the key', `Bearer ${SECRETS.apiKey}x`],
    ['nothing', 'Bearer '],
    ['the bare key', SECRETS.apiKey],
    ['another scheme', `Basic ${SECRETS.apiKey}`],
  ]
  test.each(wrong)('refuses %s', async (_what, authorization) => {
    const harness = await createHarness()
    await expectProblem(await list(harness, { authorization }), 401)
  })

  test('accepts any of several keys', async () => {
    const harness = await createHarness({ apiKeys: [SECRETS.apiKey, 'SECRET-second-key-of-the-api'] })
    for (const key of [SECRETS.apiKey, 'SECRET-second-key-of-the-api']) {
      expect((await list(harness, { authorization: `Bearer ${key}` })).status).toBe(200)
      expect((await list(harness, { authorization: `bearer ${key}` })).status).toBe(200)
    }
  })
})

describe('without API keys', () => {
  test.each(['localhost', 'localhost:8080', '127.0.0.1:8080', '127.1.2.3', '[::1]:8080'])(
    'admits this machine as %s',
    async (host) => {
      const harness = await createHarness({ apiKeys: [] })
      expect((await list(harness, { host })).status).toBe(200)
      expect((await list(harness, { host, origin: `http://${host}` })).status).toBe(200)
    },
  )

  test.each(['reporter.example.com', '127.0.0.1.example.com', 'localhost.example.com:80', '10.0.0.1', ''])(
    'refuses the host name "%s", which a tunnel or DNS rebinding would send',
    async (host) => {
      const harness = await createHarness({ apiKeys: [] })
      const problem = await expectProblem(await list(harness, { host }), 401)
      expect(problem.detail).toContain('STILLROLLING_API_KEYS')
    },
  )

  test.each([
    ['x-forwarded-for', '203.0.113.7'],
    ['X-Forwarded-Proto', 'https'],
    ['X-Forwarded', 'for=203.0.113.7'],
    ['Forwarded', 'for=203.0.113.7'],
    ['Via', '1.1 proxy'],
    ['X-Real-IP', '203.0.113.7'],
    ['X-Client-IP', '203.0.113.7'],
    ['True-Client-IP', '203.0.113.7'],
    ['CF-Connecting-IP', '203.0.113.7'],
    ['X-Amzn-Trace-Id', 'Root=1'],
    ['X-Forwarded-For', ''],
  ])('refuses a request that a proxy on this machine passes on, with "%s: %s"', async (name, value) => {
    const harness = await createHarness({ apiKeys: [] })
    const before = await harness.dump()
    const response = await harness.request('/v1/recordings', {
      method: 'POST',
      headers: { host: '127.0.0.1:8080', 'content-type': 'application/json', [name]: value },
      body: JSON.stringify(REQUEST),
    })
    expect((await expectProblem(response, 401)).detail).toContain('STILLROLLING_API_KEYS')
    expect(await harness.dump()).toEqual(before)
  })

  test('refuses HTTP/1.0, which nginx speaks by default to the server behind it', async () => {
    const { app } = (await createHarness({ apiKeys: [] })).parts
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 })
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const statusOf = async (version: string): Promise<string> => {
      const socket = connect(port, '127.0.0.1')
      socket.write(`GET /v1/recordings ${version}\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`)
      return (await text(socket)).split(' ')[1] ?? ''
    }
    expect(await statusOf('HTTP/1.1')).toBe('200')
    expect(await statusOf('HTTP/1.0')).toBe('401')
  })

  test("refuses requests that a foreign web page makes in this machine's browser", async () => {
    const harness = await createHarness({ apiKeys: [] })
    await harness.request('/v1/recordings', {
      method: 'POST',
      headers: { host: 'localhost:8080', 'content-type': 'application/json' },
      body: JSON.stringify(REQUEST),
    })
    await harness.drainEffects()
    const before = await harness.dump()
    for (const origin of ['https://evil.example.com', 'http://localhost:3000', 'null']) {
      const headers = { host: 'localhost:8080', origin }
      await expectProblem(
        await harness.request('/v1/recordings/class42/stop', { method: 'POST', headers }),
        401,
      )
    }
    expect(await harness.dump()).toEqual(before)
  })
})
