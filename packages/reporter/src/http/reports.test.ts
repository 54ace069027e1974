import type { ReportAnswer } from '@stillrolling/probe/types'
import { describe, expect, test } from 'vitest'
import { expectRefusedReport } from '../testing/expectProblem.ts'
import { config, createHarness, type Harness, REQUEST, SECRETS, tooLarge } from '../testing/harness.ts'
import { signToken } from '../token.ts'

type Body = NonNullable<RequestInit['body']>

/** When the clock of a harness starts, and its first attempt is made. */
const NONCE = Date.UTC(2026, 0, 1).toString(36)
const TOKEN = signToken({ recordingId: REQUEST.id, attempt: 1, nonce: NONCE }, SECRETS.page)
const HELLO = {
  v: 1,
  token: TOKEN,
  type: 'hello',
  page: 'page1',
  seq: 1,
  at: 120,
  checks: [],
  media: [],
  visible: true,
  late: 0,
  errors: 0,
  failed: 0,
  frames: 0,
  warnings: [],
  missed: 0,
}

const send = (harness: Harness, body: Body, type = 'text/plain'): Promise<Response> =>
  harness.request('/v1/reports', { method: 'POST', headers: { 'content-type': type }, body })

test('GET /v1/reports identifies this reporter, and must not be cached', async () => {
  const harness = await createHarness()
  const response = await harness.request('/v1/reports')
  expect(response.status).toBe(200)
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(await response.json()).toEqual({ reporter: 'stillrolling', instance: expect.any(String) })
  const again = await harness.request('/v1/reports')
  expect(await again.json()).toEqual(harness.parts.publicUrl.identity)
})

describe('a healthy page', () => {
  test('sends hello, loaded and heartbeats, and receives its sid', async () => {
    const harness = await createHarness()
    await harness.create({ expect: ['#board'], media: ['video'], policy: { heartbeatInterval: 5 } })
    const hello = await harness.report({ type: 'hello' })
    expect(hello.status).toBe(200)
    expect(await hello.json()).toEqual({
      sid: 'sid1',
      attempt: 1,
      current: true,
      interval: 5,
      expect: ['#board'],
      media: ['video'],
    } satisfies ReportAnswer)
    expect((await harness.report({ type: 'loaded', sid: 'sid1' })).status).toBe(200)
    expect(await harness.recording()).toMatchObject({ state: 'rolling' })
    harness.jump(5)
    const heartbeat = await harness.report({ type: 'heartbeat', sid: 'sid1' })
    expect(await heartbeat.json()).toMatchObject({ sid: 'sid1', current: true })
  })

  test('may send reports before Agora has answered the start', async () => {
    const harness = await createHarness()
    const start = harness.agora.delayAnswer('start')
    await harness.api('POST', '/v1/recordings', REQUEST)
    await start.arrived
    const hello = await harness.report({ type: 'hello' })
    expect(await hello.json()).toMatchObject({ sid: null, attempt: 1, current: true })
    start.release()
    await harness.drainEffects()
    expect(await (await harness.report({ type: 'loaded' })).json()).toMatchObject({ sid: 'sid1' })
  })

  test('may send any content type, and a note of its own', async () => {
    const harness = await createHarness()
    await harness.create()
    expect(
      (await send(harness, JSON.stringify({ ...HELLO, note: { slide: 3 } }), 'application/json')).status,
    ).toBe(200)
  })

  test('becomes unhealthy with failed checks, and recovers', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.report({ media: [{ name: 'video', ok: false, time: 3, frames: 0, detail: 'frozen' }] })
    expect(await harness.recording()).toMatchObject({
      state: 'unhealthy',
      reason: { code: 'page_unhealthy', message: expect.stringContaining('video (frozen)') },
    })
    await harness.report({})
    expect(await harness.recording()).toMatchObject({ state: 'rolling', reason: null })
  })

  test('gets a candidate beside it immediately when an expectation is overdue, and its reports go on counting', async () => {
    const harness = await createHarness()
    await harness.create()
    const given = { name: '#board', ok: false, detail: 'not in the document', overdue: true }
    expect((await harness.report({ type: 'hello', checks: [given] })).status).toBe(200)
    await harness.drainEffects()
    expect((await harness.recording()).attempts).toMatchObject([
      { number: 1, state: 'current' },
      { number: 2, state: 'candidate', sid: 'sid2' },
    ])
    expect(await harness.recording()).toMatchObject({
      state: 'unhealthy',
      reason: { code: 'page_not_loaded', message: expect.stringContaining('#board (not in the') },
    })
  })

  test('may use a token that an earlier secret signed', async () => {
    const harness = await createHarness({ secrets: ['SECRET-a-newer-signing-key', SECRETS.page] })
    await harness.create()
    expect((await send(harness, JSON.stringify(HELLO))).status).toBe(200)
  })
})

describe('the first script error of a page', () => {
  const firstError = `Error: no answer of https://api.example.com/v2?key=k1 for ${TOKEN} at https://x.org/app.js:1:2`
  const scrubbed = 'Error: no answer of […] for […] at app.js:1:2'

  test('is on the timeline and in the recording, without addresses and tokens', async () => {
    const harness = await createHarness()
    await harness.rolling()
    expect(await harness.recording()).toMatchObject({ attempts: [{ firstError: null }] })
    expect((await harness.report({ errors: 1, firstError })).status).toBe(200)
    expect(await harness.recording()).toMatchObject({
      state: 'rolling',
      attempts: [{ firstError: scrubbed }],
    })
    const entries = (await harness.timeline()).filter(({ code }) => code === 'page.error')
    expect(entries).toMatchObject([
      { attempt: 1, message: `The page’s first script error: ${scrubbed}`, evidence: { error: scrubbed } },
    ])
    expect(JSON.stringify(await harness.dump())).not.toMatch(/api\.example\.com|k1/)
  })

  test('is kept for a page that never loads', async () => {
    const harness = await createHarness()
    await harness.create()
    await harness.report({ type: 'hello' })
    await harness.report({ type: 'bye', errors: 1, firstError: 'Error: no lesson' })
    expect(await harness.recording()).toMatchObject({ attempts: [{ firstError: 'Error: no lesson' }] })
  })

  test.each([
    ['a number', 5],
    ['an object', {}],
    ['longer than the probe sends it', 'x y '.repeat(1000)],
  ])('does not cost the report if it is %s', async (_, odd) => {
    const harness = await createHarness()
    await harness.create()
    const response = await send(harness, JSON.stringify({ ...HELLO, firstError: odd }))
    expect(response.status).toBe(200)
  })
})

describe('CORS', () => {
  test('allows every page to read the response and Retry-After', async () => {
    const harness = await createHarness()
    await harness.create()
    const response = await harness.report({ type: 'hello' })
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('access-control-expose-headers')).toBe('Retry-After')
    expect(response.headers.get('access-control-allow-credentials')).toBeNull()
  })

  test('answers a preflight', async () => {
    const harness = await createHarness()
    const response = await harness.request('/v1/reports', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://page.test',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('access-control-allow-methods')).toBe('POST')
    expect(response.headers.get('access-control-allow-headers')).toBe('content-type')
  })

  test('applies to other methods, too', async () => {
    const harness = await createHarness()
    await expectRefusedReport(await harness.request('/v1/reports', { method: 'PUT' }), 405)
  })
})

describe('a report that is refused changes nothing', () => {
  const foreign = signToken(
    { recordingId: 'unknown', attempt: 1, nonce: NONCE },
    'SECRET-of-another-reporter',
  )
  const signature = TOKEN.split('.')[2] ?? ''
  const refused: [number, string, Body][] = [
    [400, 'no JSON', 'hello'],
    [400, 'half a JSON text', JSON.stringify(HELLO).slice(0, -9)],
    [400, 'nothing', ''],
    [400, 'a list', '[]'],
    [400, 'bytes that are no text', new Uint8Array([0xff, 0xfe, 0x00])],
    [400, 'another version', JSON.stringify({ ...HELLO, v: 2 })],
    [400, 'an unknown type', JSON.stringify({ ...HELLO, type: 'shout' })],
    [400, 'a page that is no id', JSON.stringify({ ...HELLO, page: '<script>' })],
    [400, 'a number that is none', JSON.stringify({ ...HELLO, seq: '1' })],
    [400, 'a count below 1', JSON.stringify({ ...HELLO, seq: 0 })],
    [400, 'checks without names', JSON.stringify({ ...HELLO, checks: [{ ok: true }] })],
    [400, 'no token', JSON.stringify({ ...HELLO, token: undefined })],
    [401, 'a token that is none', JSON.stringify({ ...HELLO, token: 'v1.x' })],
    [401, 'a token of another key for an unknown recording', JSON.stringify({ ...HELLO, token: foreign })],
    [
      401,
      'a token for another attempt',
      JSON.stringify({ ...HELLO, token: `v1.class42-2-${NONCE}.${signature}` }),
    ],
    [401, 'a damaged token', JSON.stringify({ ...HELLO, token: TOKEN.slice(0, -3) })],
    [409, 'a foreign sid', JSON.stringify({ ...HELLO, sid: 'sid9' })],
    [410, 'an unknown recording', JSON.stringify({ ...HELLO, token: tokenOf('unknown', 1) })],
    [410, 'an attempt to come', JSON.stringify({ ...HELLO, token: tokenOf('class42', 2) })],
    [413, 'too much', tooLarge(HELLO)],
    [413, 'too much without a length', ReadableStream.from([new TextEncoder().encode(tooLarge(HELLO))])],
  ]
  test.each(refused)('%i: %s', async (status, _what, body) => {
    const harness = await createHarness()
    await harness.create()
    const before = await harness.dump()
    const response = await harness.request('/v1/reports', {
      method: 'POST',
      body,
      duplex: 'half',
    } as RequestInit)
    await expectRefusedReport(response, status)
    expect(await harness.dump()).toEqual(before)
    expect((await send(harness, JSON.stringify(HELLO))).status).toBe(200)
  })

  test('takes a report of exactly the largest size', async () => {
    const harness = await createHarness()
    await harness.create()
    expect((await send(harness, tooLarge(HELLO).slice(0, -1))).status).toBe(200)
  })

  test('names every wrong field', async () => {
    const harness = await createHarness()
    const response = await send(harness, JSON.stringify({ ...HELLO, page: 7, late: 'no' }))
    expect(await response.json()).toMatchObject({ errors: [{ path: 'page' }, { path: 'late' }] })
  })
})

describe('a page whose attempt is not current', () => {
  test('is answered 410 once another attempt is current', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.api('POST', '/v1/recordings/class42/restart')
    await harness.drainEffects()
    const before = await harness.dump()
    for (const type of ['heartbeat', 'bye'] as const)
      await expectRefusedReport(await harness.report({ type }), 410)
    expect(await harness.dump()).toEqual(before)
  })

  test('adds a timeline entry when it opens again, and changes nothing else', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.api('POST', '/v1/recordings/class42/restart')
    await harness.drainEffects()
    const before = await harness.recording()
    await expectRefusedReport(await harness.report({ type: 'hello', page: 'page2' }), 410)
    expect(await harness.recording()).toEqual({ ...before, version: before.version + 1 })
    expect((await harness.timeline()).at(-1)).toMatchObject({ code: 'page.superseded', attempt: 1 })
  })

  test('is answered 410 after a stop', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.api('POST', '/v1/recordings/class42/stop')
    await expectRefusedReport(await harness.report({}), 410)
    await harness.drainEffects()
    await expectRefusedReport(await harness.report({}), 410)
    expect(await harness.recording()).toMatchObject({ state: 'stopped' })
  })
})

describe('a store that fails', () => {
  test('is answered 503 with Retry-After, so that the page sends the report again', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.create({ id: 'other' })
    await harness.db.schema.alterTable('recordings').renameTo('lost').execute()
    for (const report of [{ type: 'loaded', recordingId: 'other' }, { page: 'page2' }] as const) {
      const response = await harness.report(report)
      expect(response.headers.get('retry-after')).toBe('2')
      await expectRefusedReport(response, 503)
    }
    expect(harness.log().filter(({ msg }) => msg === 'A report could not be stored')).toHaveLength(2)
  })

  test('makes steady heartbeats fail, too, from the next flush on', async () => {
    const harness = await createHarness()
    await harness.rolling()
    expect((await harness.report({})).status).toBe(200)
    await harness.db.schema.alterTable('last_heartbeats').renameTo('lost').execute()
    await harness.db.schema.alterTable('recordings').renameTo('lost_too').execute()
    await expect(harness.parts.heartbeats.flush()).rejects.toThrow(/last_heartbeats/)
    await expectRefusedReport(await harness.report({}), 503)
    await harness.db.schema.alterTable('lost').renameTo('last_heartbeats').execute()
    await harness.db.schema.alterTable('lost_too').renameTo('recordings').execute()
    await harness.parts.heartbeats.flush()
    expect((await harness.report({})).status).toBe(200)
  })
})

test('needs no API key', async () => {
  const harness = await createHarness({ apiKeys: config.apiKeys })
  await harness.create()
  expect((await send(harness, JSON.stringify(HELLO))).status).toBe(200)
})

const tokenOf = (recordingId: string, attempt: number, nonce = NONCE): string =>
  signToken({ recordingId, attempt, nonce }, SECRETS.page)
