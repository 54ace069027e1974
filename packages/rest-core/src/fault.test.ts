import { expect, test } from 'vitest'
import { type FaultKind, faultOf } from './fault.ts'
import { fetchFailed } from './testing/scriptedFetch.ts'

const codes: [string, FaultKind][] = [
  ['ENOTFOUND', 'dns'],
  ['EAI_AGAIN', 'dns'],
  ['ECONNREFUSED', 'refused'],
  ['EHOSTUNREACH', 'refused'],
  ['UND_ERR_CONNECT_TIMEOUT', 'refused'],
  ['CERT_HAS_EXPIRED', 'tls'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls'],
  ['ECONNRESET', 'reset'],
  ['UND_ERR_SOCKET', 'reset'],
  ['UND_ERR_HEADERS_TIMEOUT', 'timeout'],
  ['E_NEVER_SEEN', 'other'],
]

test.each(codes)('%s is %s', (code, kind) => {
  expect(faultOf(fetchFailed(code))).toBe(kind)
})

test('the errors of several addresses are one fault', () => {
  const all = Object.assign(new AggregateError([], 'all failed'), { code: 'ECONNREFUSED' })
  expect(faultOf(new TypeError('fetch failed', { cause: all }))).toBe('refused')
})

test('abort and timeout of an injected fetch are recognized by their name', () => {
  expect(faultOf(new DOMException('late', 'TimeoutError'))).toBe('timeout')
  expect(faultOf(new DOMException('stop', 'AbortError'))).toBe('aborted')
})

test('any value can be thrown, even a cycle of causes', () => {
  const circle: { cause?: unknown } = {}
  circle.cause = circle
  for (const thrown of [undefined, null, 'text', 7, circle]) expect(faultOf(thrown)).toBe('other')
})
