import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { DELIVERY_TYPE_NAMES } from '../runtime/deliveries/deliveryTypes.ts'
import { expectProblem } from '../testing/expectProblem.ts'
import { createHarness, REQUEST } from '../testing/harness.ts'

describe('GET /healthz', () => {
  test('answers everyone while the process runs', async () => {
    const harness = await createHarness()
    const response = await harness.request('/healthz', { headers: { host: 'reporter.example.com' } })
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ status: 'ok' })
  })
})

describe('GET /probe.js', () => {
  test('is a script that any page may load', async () => {
    const harness = await createHarness()
    const response = await harness.request('/probe.js')
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('// probe')
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'cache-control': 'public, max-age=300',
      'x-content-type-options': 'nosniff',
    })
  })

  test('is not sent again to a browser that has cached it', async () => {
    const harness = await createHarness()
    const etag = (await harness.request('/probe.js')).headers.get('etag') ?? ''
    const again = await harness.request('/probe.js', { headers: { 'if-none-match': etag } })
    expect(again.status).toBe(304)
    expect(await again.text()).toBe('')
  })
})

describe('the encoding of a file of the probe', () => {
  const ask = async (accepted?: string, headers: Record<string, string> = {}) => {
    const harness = await createHarness()
    if (accepted !== undefined) headers['accept-encoding'] = accepted
    return harness.request('/probe-watch.4567cdef.js', { headers })
  }

  test.each([
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip, deflate', 'gzip'],
    ['BR;q=0.1, GZIP', 'br'],
    ['br;q=0, gzip;q=0.5', 'gzip'],
    ['gzip;q=0, identity', null],
    ['identity', null],
    ['', null],
    [undefined, null],
  ])('if %j is accepted, is %s', async (accepted, encoding) => {
    const response = await ask(accepted)
    expect(response.headers.get('content-encoding')).toBe(encoding)
    expect(response.headers.get('vary')).toBe('Accept-Encoding')
    const body = Buffer.from(await response.arrayBuffer())
    const decode = { br: brotliDecompressSync, gzip: gunzipSync }[encoding ?? ''] ?? ((text: Buffer) => text)
    expect(decode(body).toString()).toBe('// watch')
  })

  test('has an ETag of its own', async () => {
    const etags = await Promise.all(
      ['br', 'gzip', 'identity'].map(async (accepted) => (await ask(accepted)).headers.get('etag') ?? ''),
    )
    expect(new Set(etags).size).toBe(3)
    const again = await ask('br', { 'if-none-match': `${etags[0]}` })
    expect([again.status, again.headers.get('vary')]).toEqual([304, 'Accept-Encoding'])
    expect((await ask('gzip', { 'if-none-match': `${etags[0]}` })).status).toBe(200)
  })
})

describe('files with a hash in their name', () => {
  test.each([
    ['/probe.0123abcd.js', '// probe', 'text/javascript; charset=utf-8'],
    ['/probe-watch.4567cdef.js', '// watch', 'text/javascript; charset=utf-8'],
    ['/probe-watch.4567cdef.js.map', '{}', 'application/json'],
  ])('%s never changes', async (path, body, type) => {
    const harness = await createHarness()
    const response = await harness.request(path)
    expect(response.status).toBe(200)
    expect(await response.text()).toBe(body)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': type,
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=31536000, immutable',
      etag: expect.stringMatching(/^"/),
    })
  })

  test('serves the current second file to a page that cached the tag before an upgrade', async () => {
    const harness = await createHarness()
    const response = await harness.request('/probe-watch.00000000.js')
    expect(await response.text()).toBe('// watch')
    expect(response.headers.get('cache-control')).toBe('no-cache')
  })

  test.each(['/probe.00000000.js', '/probe.mjs', '/probe-watch.js', '/probe.iife.js.map'])(
    '%s is answered 404',
    async (path) => {
      const harness = await createHarness()
      await expectProblem(await harness.request(path), 404)
    },
  )
})

describe('an unknown route', () => {
  test.each([
    ['GET', '/'],
    ['POST', '/v1/reports/x'],
    ['DELETE', '/openapi.yaml'],
  ])('%s %s is answered with a problem document', async (method, path) => {
    const harness = await createHarness()
    const problem = await expectProblem(await harness.request(path, { method }), 404, 'route_not_found')
    expect(problem.detail).toBe(`No route matches ${method} ${path}. GET /openapi.json lists the routes.`)
  })
})

describe('a method that a route does not have', () => {
  test.each([
    ['DELETE', '/healthz', 'GET, HEAD'],
    ['GET', '/v1/notifications', 'POST'],
    ['PUT', '/v1/reports', 'GET, HEAD, POST'],
    ['PROPFIND', '/v1/reports', 'GET, HEAD, POST'],
    ['POST', '/probe.js', 'GET, HEAD'],
    ['POST', '/openapi.json', 'GET, HEAD'],
    ['PATCH', '/v1/recordings', 'GET, HEAD, POST'],
    ['GET', '/v1/recordings/class42/stop', 'POST'],
    ['GET', '/v1/backup', 'POST'],
  ])('%s %s is answered 405, with those it has', async (method, path, allowed) => {
    const harness = await createHarness()
    const response = await harness.api(method, path)
    expect(response.headers.get('allow')).toBe(allowed)
    const { detail } = await expectProblem(response, 405, 'method_not_allowed')
    expect(detail).toBe(`${path} does not have the method ${method}, but ${allowed}.`)
  })

  test('is refused without a key where a key is needed', async () => {
    const harness = await createHarness()
    await expectProblem(await harness.request('/v1/recordings', { method: 'PUT' }), 401, 'invalid_api_key')
  })
})

describe('an unknown query parameter', () => {
  test('is refused and named by every call', async () => {
    const harness = await createHarness()
    await harness.create()
    const before = await harness.dump()
    const { paths } = (await (await harness.request('/openapi.json')).json()) as OpenApi
    const calls = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method): [string, string] => [method.toUpperCase(), path]),
    )
    const withKey = calls.filter(([, path]) => path.startsWith('/v1/'))
    expect(withKey.length).toBeGreaterThan(10)
    for (const [method, path] of withKey) {
      const target = `${path.replace(/{\w+}/, REQUEST.id)}?status=failed&limitt=3`
      const response = await harness.api(method, target, method === 'GET' ? undefined : REQUEST)
      expect((await expectProblem(response, 422, 'invalid_request')).errors, `${method} ${path}`).toEqual([
        { path: 'status', message: 'is not a known parameter' },
        { path: 'limitt', message: 'is not a known parameter' },
      ])
    }
    expect(await harness.dump()).toEqual(before)
  })
})

describe('an unexpected error', () => {
  test('is answered 500 without its message, and logged', async () => {
    const harness = await createHarness()
    await harness.db.schema.alterTable('recordings').renameTo('lost').execute()
    const problem = await expectProblem(await harness.api('GET', '/v1/recordings'), 500)
    expect(JSON.stringify(problem)).not.toContain('no such table')
    expect(harness.log().at(-1)).toMatchObject({
      level: 50,
      msg: 'A request failed',
      method: 'GET',
      path: '/v1/recordings',
      err: { message: expect.stringContaining('no such table') },
    })
  })
})

const CHANNEL_REQUESTS = [
  { $ref: '#/components/schemas/MixRequest' },
  { $ref: '#/components/schemas/IndividualRequest' },
]

interface OpenApi {
  openapi: string
  paths: Record<string, Record<string, { security: unknown; responses: Record<string, unknown> }>>
  webhooks: Record<string, { post: { requestBody: { content: Record<string, { schema: unknown }> } } }>
  components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> }
}

describe('GET /openapi.json', () => {
  test('describes every route but those of pages and Agora', async () => {
    const harness = await createHarness()
    const document = (await (await harness.request('/openapi.json')).json()) as OpenApi
    expect(document.openapi).toBe('3.1.0')
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    const served = harness.parts.app.routes
      .filter(
        ({ method, path }) =>
          method !== 'ALL' &&
          /^\/(v1\/recordings|v1\/deliveries|v1\/destinations|v1\/summary|v1\/events|v1\/jobs|v1\/keys|v1\/backup|healthz|readyz)/.test(
            path,
          ),
      )
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
    expect(described.sort()).toEqual([...new Set(served)].sort())
    expect(described).toHaveLength(31)
  })

  test('describes the responses of each route, and that recordings need a key', async () => {
    const harness = await createHarness()
    const document = (await (await harness.request('/openapi.json')).json()) as OpenApi
    const ofRecordings = Object.entries(document.paths).filter(([path]) => path.startsWith('/v1/'))
    for (const operation of ofRecordings.flatMap(([, methods]) => Object.values(methods))) {
      expect(operation.security).toEqual([{ bearer: [] }])
      expect(operation.responses).toMatchObject({ 401: {} })
      expect(Object.keys(operation.responses)[0]).toMatch(/^20[012]$/)
    }
    expect(document.components.securitySchemes).toMatchObject({ bearer: { type: 'http', scheme: 'bearer' } })
    expect(document.components.schemas).toMatchObject({
      RecordingRequest: {
        oneOf: [{ $ref: '#/components/schemas/PageRequest' }, { oneOf: CHANNEL_REQUESTS }],
      },
      PageRequest: {
        required: ['url'],
        additionalProperties: false,
        properties: { audioProfile: { type: 'integer', enum: [0, 1, 2], default: 0 } },
      },
      MixRequest: {
        required: ['kind', 'mode', 'channel', 'recordingConfig'],
        additionalProperties: false,
        properties: { recordingConfig: { properties: { channelType: { type: 'integer', enum: [0, 1] } } } },
      },
      IndividualRequest: { properties: { snapshotConfig: { type: 'object' } } },
      Recording: { discriminator: { propertyName: 'kind' } },
      PageRecording: { type: 'object' },
      ChannelRecording: { type: 'object' },
      RecordingSummary: { type: 'object' },
      Attempt: { type: 'object' },
      TimelineEntry: { type: 'object' },
      HourlyStatistics: { type: 'object', properties: { missed: { type: 'integer', minimum: 0 } } },
      Problem: { type: 'object' },
    })
  })

  test('describes what destinations receive, type by type', async () => {
    const harness = await createHarness()
    const document = (await (await harness.request('/openapi.json')).json()) as OpenApi
    expect(Object.keys(document.webhooks)).toEqual(DELIVERY_TYPE_NAMES)
    const { content } = document.webhooks['recording.unhealthy']?.post.requestBody ?? {}
    expect(content).toMatchObject({
      'application/json': { schema: { $ref: '#/components/schemas/RecordingUnhealthy' } },
    })
    expect(document.components.schemas).toMatchObject({
      RecordingUnhealthy: {
        required: ['type', 'id', 'time', 'recording', 'reason', 'final', 'sequence'],
        properties: { recording: { $ref: '#/components/schemas/DeliveryRecording' } },
      },
    })
  })
})
