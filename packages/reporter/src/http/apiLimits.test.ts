import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { describe, expect, onTestFinished, test } from 'vitest'
import { expectProblem } from '../testing/expectProblem.ts'
import { createHarness, type Harness, SECRETS } from '../testing/harness.ts'

const Limits = { seconds: 60, requests: 4, refusals: 2 }
const Other = 'SECRET-second-key-of-the-api'
const WRONG = 'SECRET-key-of-somebody-else'

const get = (harness: Harness, key: string, path = '/v1/summary'): Promise<Response> =>
  harness.request(path, { headers: { authorization: `Bearer ${key}` } })

const expectTooMany = async (response: Response): Promise<void> => {
  const retryAfter = Number(response.headers.get('retry-after'))
  expect(retryAfter).toBeGreaterThanOrEqual(1)
  expect(retryAfter).toBeLessThanOrEqual(Limits.seconds)
  await expectProblem(response, 429, 'too_many_requests')
}

describe('requests of a key', () => {
  test('beyond the limit are answered 429 on every route and change nothing, and other keys are not affected', async () => {
    const harness = await createHarness({ apiKeys: [SECRETS.apiKey, Other], apiLimits: Limits })
    await harness.create()
    for (let n = 0; n < 2; n += 1) expect((await get(harness, SECRETS.apiKey)).status).toBe(200)
    const before = await harness.dump()
    await expectTooMany(await get(harness, SECRETS.apiKey))
    await expectTooMany(await harness.api('POST', '/v1/recordings/class42/stop'))
    expect(await harness.dump()).toEqual(before)
    for (const path of ['/v1/recordings', '/v1/recordings/class42', '/v1/deliveries', '/v1/destinations']) {
      expect((await get(harness, Other, path)).status).toBe(200)
    }
    await expectTooMany(await get(harness, Other))
    const warnings = harness.log().filter(({ msg }) => String(msg).startsWith('A key exceeds'))
    expect(warnings).toMatchObject([{ level: 40 }, { level: 40 }])
  })

  test('are counted once each, also those of keys that were made', async () => {
    const harness = await createHarness({ apiLimits: { ...Limits, requests: 6 } })
    const made = await harness.api('POST', '/v1/keys', { name: 'page', scope: 'read' })
    const { secret } = (await made.json()) as { secret: string }
    for (let n = 0; n < 6; n += 1) expect((await get(harness, secret, '/v1/recordings')).status).toBe(200)
    await expectTooMany(await get(harness, secret))
    for (let n = 0; n < 5; n += 1) expect((await get(harness, SECRETS.apiKey)).status).toBe(200)
    await expectTooMany(await get(harness, SECRETS.apiKey))
  })

  test('beyond a scope count as well', async () => {
    const harness = await createHarness({ apiLimits: Limits })
    const made = await harness.api('POST', '/v1/keys', { name: 'page', scope: 'read' })
    const { secret } = (await made.json()) as { secret: string }
    for (let n = 0; n < 4; n += 1) await expectProblem(await get(harness, secret, '/v1/keys'), 403)
    await expectTooMany(await get(harness, secret, '/v1/keys'))
  })
})

describe('wrong keys', () => {
  test('of an address are answered 429 beyond the limit, and right ones are not', async () => {
    const harness = await createHarness({ apiLimits: { ...Limits, requests: 1000 } })
    for (let n = 0; n < 2; n += 1) await expectProblem(await get(harness, `${WRONG}${n}`), 401)
    for (let n = 0; n < 3; n += 1) await expectTooMany(await get(harness, `${WRONG}-${n}`))
    expect((await get(harness, SECRETS.apiKey)).status).toBe(200)
    const warnings = harness.log().filter(({ msg }) => String(msg).startsWith('An address exceeds'))
    expect(warnings).toHaveLength(1)
    expect(JSON.stringify(harness.log())).not.toContain(WRONG)
  })

  test('are those that are there: without a key nothing is guessed', async () => {
    const harness = await createHarness({ apiLimits: Limits })
    for (let n = 0; n < 5; n += 1) await expectProblem(await harness.request('/v1/summary'), 401)
    await expectProblem(await get(harness, WRONG), 401)
  })

  test('of one client behind a trusted proxy do not count for the others', async () => {
    const limits = { ...Limits, requests: 1000 }
    const harness = await createHarness({ apiLimits: limits, trustedProxies: ['127.0.0.1'] })
    const server = serve({ fetch: harness.parts.app.fetch, hostname: '127.0.0.1', port: 0 })
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const from = async (address: string, key = WRONG): Promise<number> => {
      const headers = { authorization: `Bearer ${key}`, 'x-forwarded-for': address, connection: 'close' }
      return (await fetch(`http://127.0.0.1:${port}/v1/summary`, { headers })).status
    }
    // What the client itself has written comes before what the proxy has seen.
    const flood = [await from('192.0.2.1'), await from('198.51.100.9, 192.0.2.1'), await from('192.0.2.1')]
    expect(flood).toEqual([401, 401, 429])
    expect(await from('192.0.2.2')).toBe(401)
    expect(await from('192.0.2.1', SECRETS.apiKey)).toBe(200)
    expect(await from('2001:db8::1')).toBe(401)
    expect(await from('2001:db8::2')).toBe(401)
    expect(await from('2001:db8::3')).toBe(429)
    expect(await from('2001:db8:0:1::1')).toBe(401)
  })
})
