import { gzipSync } from 'node:zlib'
import { signNotification } from '@stillrolling/rest-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectUnharmed, load, openStage, type Page, reportOf, type Stage } from './stage.ts'

let on: Stage
let page: Page

beforeAll(async () => {
  on = await openStage()
  page = await on.record('class42')
  expect(await load(page)).toEqual([200, 200])
})

afterAll(async () => {
  await expectUnharmed(on, page)
  await on.close()
})

describe('bodies', () => {
  const report = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
    ...reportOf('heartbeat', { token: page.token, page: 'page-class42', seq: 1 }),
    ...change,
  })
  const json = (change?: Record<string, unknown>): string => JSON.stringify(report(change))
  const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`

  const bodies: [expected: number, what: string, body: () => string, headers?: Record<string, string>][] = [
    [200, 'no type', json],
    [200, 'a type that does not fit', json, { 'content-type': 'image/png' }],
    [200, 'a type that is none', json, { 'content-type': ';;;' }],
    [200, 'a form', json, { 'content-type': 'multipart/form-data; boundary=x' }],
    [200, 'another charset', json, { 'content-type': 'text/plain; charset=utf-16' }],
    [200, 'a byte order mark', () => `\ufeff${json()}`],
    [
      400,
      'text that is compressed',
      () => gzipSync(json()).toString('latin1'),
      { 'content-encoding': 'gzip' },
    ],
    [400, 'UTF-16', () => Buffer.from(json(), 'utf16le').toString('latin1')],
    [400, 'two documents', () => `${json()}${json()}`],
    [400, 'a comment', () => `/* */${json()}`],
    [400, 'a number that is too large', () => json().replace('"seq":1', '"seq":1e999')],
    [400, 'a number below zero', () => json({ errors: -1 })],
    [400, 'NaN', () => json().replace('"late":0', '"late":NaN')],
    [400, 'a list 3,000 deep', () => nested(3000)],
    [
      200,
      'a note 3,000 deep',
      () =>
        json()
          .replace('}', `,"note":${nested(3000)}}`)
          .replace('},"note"', ',"note"'),
    ],
    [200, 'a key twice, where the last one counts', () => json().replace('{', '{"token":"x",')],
    [200, 'the key __proto__', () => json().replace('{', '{"__proto__":{"token":"x","polluted":true},')],
    [200, 'the key constructor', () => json({ constructor: { prototype: { polluted: true } } })],
    [
      400,
      'a token in __proto__ alone',
      () => json({ token: undefined }).replace('{', `{"__proto__":{"token":"${page.token}"},`),
    ],
    [200, 'a null byte in a name', () => json({ checks: [{ name: '#a\0b', ok: true }] })],
    [200, 'half a surrogate pair in a name', () => json().replace('#board', '\\ud800')],
    [
      200,
      'half a surrogate pair in an error',
      () => json({ errors: 1 }).replace('"errors"', '"firstError":"\\udc00 \\ud800x","errors"'),
    ],
    [400, 'a page with a line break', () => json({ page: 'a\nb' })],
    [401, 'a token with a null byte', () => json({ token: `${page.token}\0` })],
    [401, 'a token with letters that look alike', () => json({ token: page.token.replace('c', 'с') })],
    [400, 'a token that is a list', () => json({ token: [page.token] })],
    [413, 'more than the limit', () => json({ note: 'x'.repeat(9000) })],
  ]
  test.each(bodies)('of reports: %i for %s', async (expected, _, body, headers) => {
    const { status, headers: received, text } = await on.post('/v1/reports', body(), headers)
    expect(status, text).toBe(expected)
    if (status !== 200) expect(received['content-type']).toBe('application/problem+json')
  })

  const authorized = () => ({ authorization: `Bearer ${on.apiKey}`, 'content-type': 'application/json' })

  test.each<[number, string, string, string?]>([
    [400, 'half a document', '{"id":'],
    [422, 'a list 10,000 deep', nested(10_000)],
    [
      422,
      'metadata 10,000 deep',
      `{"id":"deep","url":"https://page.test/","metadata":{"a":${nested(10_000)}}}`,
    ],
    [422, 'the key __proto__ with all fields', '{"__proto__":{"id":"proto","url":"https://page.test/"}}'],
    [
      413,
      'more than the limit',
      JSON.stringify({ id: 'large', url: `https://page.test/${'x'.repeat(70_000)}` }),
    ],
    [415, 'a form', 'id=a&url=b', 'application/x-www-form-urlencoded'],
    [415, 'no JSON by its type', '{"id":"a"}', 'text/plain'],
  ])('of recordings: %i for %s', async (expected, _, body, type) => {
    const headers = { ...authorized(), ...(type !== undefined && { 'content-type': type }) }
    const { status, headers: received, text } = await on.post('/v1/recordings', body, headers)
    expect(status, text.slice(0, 500)).toBe(expected)
    expect(received['content-type']).toBe('application/problem+json')
    expect((await on.api.list()).map(({ id }) => id)).toEqual(['class42'])
  })

  test('of recordings: text of every kind is stored as it is', async () => {
    const metadata = {
      null: 'a\0b',
      half: '\ud800',
      key: { constructor: 1 },
      line: '\u2028',
      long: 'ü'.repeat(999),
    }
    const body = { id: 'odd', url: 'https://page.test/\0\ud800 x', metadata }
    const { status, text } = await on.post('/v1/recordings', JSON.stringify(body), authorized())
    expect(status, text.slice(0, 500)).toBe(201)
    expect(await on.api.get('odd')).toMatchObject({ url: body.url, metadata })
    await on.api.stop('odd')
  })

  test('of recordings: what cannot be kept as it is, is refused', async () => {
    const odd = [
      '{"a":9007199254740993}',
      '{"a":1e400}',
      '{"__proto__":1}',
      '{"a":1,"a":2}',
      `{"a":${'[1e999,'.repeat(7000)}`,
    ]
    for (const metadata of odd) {
      const body = `{"id":"odd2","url":"https://page.test/","metadata":${metadata}}`
      expect([400, 422]).toContain((await on.post('/v1/recordings', body, authorized())).status)
    }
    expect((await on.api.list()).map(({ id }) => id)).not.toContain('odd2')
  })

  test('of notifications: none without a signature, and none that is odd, is a failure of the reporter', async () => {
    const odd = ['', '[]', 'null', nested(100_000), '{"eventType":1e999}', '{"__proto__":{"eventType":40}}']
    for (const body of odd) {
      const signed = { ...signNotification(body, 'another secret') }
      expect((await on.post('/v1/notifications', body, signed)).status).toBe(401)
      expect((await on.post('/v1/notifications', body)).status).toBe(401)
    }
    expect((await on.post('/v1/notifications', 'x'.repeat(300_000))).status).toBe(413)
  })

  test('pollute no prototype: a later report is judged on its own fields', async () => {
    await on.post('/v1/reports', json().replace('{', '{"__proto__":{"visible":true,"page":"page-class42"},'))
    const { status, text } = await on.post('/v1/reports', json({ visible: undefined }))
    expect(status).toBe(400)
    expect(text).toContain('visible')
  })
})

describe('forged reports', () => {
  test('with tokens of others, and with what a token is made of, change nothing but the timeline', async () => {
    const { version: _, updatedAt: __, ...before } = await on.api.get('class42')
    const [version = '', id = '', signature = ''] = page.token.split('.')
    const forged = [
      `${version}.${id}.${'A'.repeat(43)}`,
      `${version}.${id.replace('class42', 'class43')}.${signature}`,
      `${version}.${id}.`,
      `${version}.${id}.${signature}.${signature}`,
      `v2.${id}.${signature}`,
      `v1f.${id}.${signature}`,
      on.apiKey,
      'null',
    ]
    for (const token of forged) {
      const body = JSON.stringify(reportOf('bye', { token, page: 'page-class42', seq: 1_000_000 }))
      expect((await on.post('/v1/reports', body)).status).toBe(401)
    }
    expect(await on.api.get('class42')).toMatchObject(before)
  })

  test('of a page have no use as an API key', async () => {
    const headers = { authorization: `Bearer ${page.token}` }
    expect((await on.post('/v1/recordings/class42/stop', '', headers)).status).toBe(401)
  })
})
