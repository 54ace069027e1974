import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { expectUnharmed, load, openStage, type Page, type Stage } from './stage.ts'

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

const HEAD = 'host: reporter\r\nconnection: close\r\n'

/** What answers a request: the status, or null for a closed connection without an answer. */
const statusOf = (received: string): number | null => {
  if (received === '') return null
  const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(received) ?? []
  return Number(status)
}

/** Every error is explained by a problem document. */
const expectExplained = (received: string): void => {
  const status = statusOf(received)
  if (status === null || status < 400) return
  expect(received).toMatch(/\r\ncontent-type: application\/problem\+json\r\n/i)
  const { detail, ...problem } = JSON.parse(received.split('\r\n\r\n')[1] ?? '')
  expect(problem).toMatchObject({ status, type: expect.stringMatching(/^urn:stillrolling:problem:/) })
  expect(detail).toMatch(/\w/)
}

describe('requests by the byte', () => {
  const Long = 'x'.repeat(14_000)
  const odd: [expected: (number | null)[], what: string, bytes: string][] = [
    [[200], 'HTTP/1.0', 'GET /healthz HTTP/1.0\r\n\r\n'],
    [[404], 'HTTP/1.0 without Host', 'GET /nothing HTTP/1.0\r\n\r\n'],
    [[400, 505], 'HTTP/2 in clear', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    [[400], 'HTTP/3.7', `GET / HTTP/3.7\r\n${HEAD}\r\n`],
    [[200], 'HTTP/0.9', 'GET /healthz\r\n\r\n'],
    [[405], 'TRACE', `TRACE /v1/reports HTTP/1.1\r\n${HEAD}\r\n`],
    [[null], 'CONNECT', `CONNECT example.com:443 HTTP/1.1\r\n${HEAD}\r\n`],
    [[405], 'an unusual method', `PROPFIND /v1/reports HTTP/1.1\r\n${HEAD}\r\n`],
    [[400], 'an unknown method', `STEAL / HTTP/1.1\r\n${HEAD}\r\n`],
    [
      [200],
      'an upgrade to WebSocket',
      `GET /healthz HTTP/1.1\r\nhost: reporter\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n\r\n`,
    ],
    [
      [200],
      'an upgrade to h2c',
      `GET /healthz HTTP/1.1\r\nhost: reporter\r\nconnection: upgrade, close\r\nupgrade: h2c\r\n\r\n`,
    ],
    [[200, 404], 'a whole address as target', `GET http://example.com/healthz HTTP/1.1\r\n${HEAD}\r\n`],
    [[400], 'an address of another protocol as target', `GET ftp://example.com/ HTTP/1.1\r\n${HEAD}\r\n`],
    [[404], 'a path out of the root', `GET /../../../etc/passwd HTTP/1.1\r\n${HEAD}\r\n`],
    [[404], 'an encoded path out of the root', `GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n${HEAD}\r\n`],
    [[401, 404], 'a path with a null byte', `GET /v1/recordings/%00 HTTP/1.1\r\n${HEAD}\r\n`],
    [[401, 404], 'a path that is not UTF-8', `GET /v1/recordings/%ff%fe HTTP/1.1\r\n${HEAD}\r\n`],
    [[401, 404], 'a broken percent encoding', `GET /v1/recordings/%zz HTTP/1.1\r\n${HEAD}\r\n`],
    [
      [404],
      'a file of the probe out of its folder',
      `GET /probe.%2e%2e%2fpackage.json HTTP/1.1\r\n${HEAD}\r\n`,
    ],
    [[400], 'a backslash in the path', `GET /v1\\recordings HTTP/1.1\r\n${HEAD}\r\n`],
    [[200], 'a very long query', `GET /healthz?${Long} HTTP/1.1\r\n${HEAD}\r\n`],
    [[431], 'a query that is too long', `GET /healthz?${Long}${Long} HTTP/1.1\r\n${HEAD}\r\n`],
    [[404], 'a very long path', `GET /${Long} HTTP/1.1\r\n${HEAD}\r\n`],
    [[431], 'one header that is too long', `GET /healthz HTTP/1.1\r\n${HEAD}x: ${Long}${Long}\r\n\r\n`],
    [[200, 431], 'two thousand headers', `GET /healthz HTTP/1.1\r\n${HEAD}${'x: y\r\n'.repeat(2000)}\r\n`],
    [[400], 'no Host', 'GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n'],
    [[200, 400], 'two Hosts', `GET /healthz HTTP/1.1\r\nhost: one\r\n${HEAD}\r\n`],
    [[400], 'a Host that is none', 'GET /healthz HTTP/1.1\r\nhost: a/b?c\r\nconnection: close\r\n\r\n'],
    [[400], 'a header with a null byte', `GET /healthz HTTP/1.1\r\n${HEAD}x: a\u0000b\r\n\r\n`],
    [[400], 'a header that is folded', `GET /healthz HTTP/1.1\r\n${HEAD}x: a\r\n b\r\n\r\n`],
    [[400], 'lines that end in LF', 'GET /healthz HTTP/1.1\nhost: reporter\nconnection: close\n\n'],
    [
      [400],
      'two lengths',
      `POST /v1/reports HTTP/1.1\r\n${HEAD}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`,
    ],
    [
      [400],
      'a length and chunks',
      `POST /v1/reports HTTP/1.1\r\n${HEAD}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    [
      [400],
      'an unknown transfer encoding',
      `POST /v1/reports HTTP/1.1\r\n${HEAD}transfer-encoding: gzip\r\n\r\n{}`,
    ],
    [[400], 'a negative length', `POST /v1/reports HTTP/1.1\r\n${HEAD}content-length: -2\r\n\r\n{}`],
    [
      [413, 400],
      'a huge length',
      `POST /v1/reports HTTP/1.1\r\n${HEAD}content-length: 99999999999999999\r\n\r\n{}`,
    ],
    [
      [413],
      'a length above the limit',
      `POST /v1/reports HTTP/1.1\r\n${HEAD}content-length: 999999\r\n\r\n{}`,
    ],
    [
      [400, null],
      'more than its length says',
      `POST /v1/reports HTTP/1.1\r\n${HEAD}content-length: 1\r\n\r\n{}`,
    ],
    [
      [400],
      'a chunk that is none',
      `POST /v1/reports HTTP/1.1\r\n${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n`,
    ],
    [
      [400],
      'a huge chunk',
      `POST /v1/reports HTTP/1.1\r\n${HEAD}transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n`,
    ],
    [
      [413],
      'many chunks',
      `POST /v1/reports HTTP/1.1\r\n${HEAD}transfer-encoding: chunked\r\n\r\n${`400\r\n${'x'.repeat(1024)}\r\n`.repeat(20)}0\r\n\r\n`,
    ],
    [
      [417],
      'an unknown expectation',
      `POST /v1/reports HTTP/1.1\r\n${HEAD}expect: magic\r\ncontent-length: 2\r\n\r\n{}`,
    ],
    [
      [400],
      'a request to another server',
      '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
    ],
    [[400], 'noise', 'a\u0001b\u0000c\r\n\r\n'],
  ]
  test.each(odd)('%j: %s', async (expected, _, bytes) => {
    const received = await on.raw(Buffer.from(bytes, 'latin1'))
    expect(expected).toContain(statusOf(received))
    expectExplained(received)
  })

  test('several on one connection are answered in their order', async () => {
    const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: reporter\r\n\r\n`
    const last = `GET /healthz HTTP/1.1\r\n${HEAD}\r\n`
    const received = await on.raw(get('/one') + get('/healthz') + get('/three') + last)
    const statuses = [...received.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status)
    expect(statuses).toEqual(['404', '200', '404', '200'])
    expect(received.indexOf('/one')).toBeLessThan(received.indexOf('/three'))
  })

  test('a request that is smuggled behind a body is a request of its own, with its own checks', async () => {
    const inner = `GET /v1/recordings HTTP/1.1\r\n${HEAD}\r\n`
    const received = await on.raw(
      `POST /v1/reports HTTP/1.1\r\nhost: reporter\r\ncontent-length: 2\r\n\r\n{}${inner}`,
    )
    expect([...received.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status)).toEqual(['400', '401'])
  })
})

test('without API keys, requests that a proxy passes on are refused', async () => {
  const keyless = await openStage({ STILLROLLING_API_KEYS: '' })
  onTestFinished(keyless.close)
  const { host } = new URL(keyless.reporterUrl)
  const list = async (line: string): Promise<number | null> => {
    const head = `host: ${host}\r\nconnection: close\r\n`
    return statusOf(await keyless.raw(`GET /v1/recordings HTTP/1.1\r\n${head}${line}\r\n`))
  }
  expect(await list('')).toBe(200)
  for (const header of [
    'x-forwarded-for: 203.0.113.7',
    'X-Forwarded-For:',
    'forwarded: for=203.0.113.7',
    'via: 1.1 proxy',
    'x-real-ip: 203.0.113.7',
    'cf-ray: 1',
  ]) {
    expect([header, await list(`${header}\r\n`)]).toEqual([header, 401])
  }
  expect(statusOf(await keyless.raw(`GET /v1/recordings HTTP/1.0\r\nhost: ${host}\r\n\r\n`))).toBe(401)
  expect(statusOf(await keyless.raw('GET /v1/recordings HTTP/1.0\r\n\r\n'))).toBe(401)
})
