import { signNotification } from '@stillrolling/rest-core'
import fc from 'fast-check'
import { SECRETS } from '../harness.ts'
import { API_KEY, type Template } from './templates.ts'

/** A request that may be wrong in any part. */
export interface FuzzRequest {
  operation: string
  method: string
  /** With the query. */
  path: string
  headers: Record<string, string>
  body: string | undefined
  /** Whether it has the key. */
  isAuthorized: boolean
}

/** Raw JSON that is unlikely to be expected. */
const HOSTILE_JSON = [
  ...[
    'null',
    'true',
    'false',
    '0',
    '-0',
    '-1',
    '1.5',
    '1e400',
    '-1e400',
    '9007199254740993',
    '2147483648',
    '""',
    '" "',
  ],
  ...[
    '"0"',
    '[]',
    '{}',
    '[[]]',
    '[null]',
    '{"":""}',
    '{"__proto__":{"polluted":true}}',
    '{"constructor":{"prototype":1}}',
  ],
  ...[
    '"\\u0000"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\u202e"',
    '"🎥"',
    '"<script>alert(1)</script>"',
    '"\'; drop table recordings; --"',
  ],
  ...[
    '"../../etc/passwd"',
    '"file:///etc/passwd"',
    '"http://169.254.169.254/latest"',
    '"javascript:alert(1)"',
    '"%00"',
    '"2026-13-40T99:99:99Z"',
  ],
  ...['"9999-12-31T23:59:59Z"', '"-000001-01-01T00:00:00Z"', '"#allstream#"', '"class42~standby"', '"*"'],
  `"${'a'.repeat(300)}"`,
  `"${'é'.repeat(5000)}"`,
  `"${'b'.repeat(70_000)}"`,
  `[${Array.from({ length: 600 }, () => '1').join()}]`,
  `${'['.repeat(2000)}${']'.repeat(2000)}`,
  `{${Array.from({ length: 300 }, (_, index) => `"k${index}":1`).join()}}`,
] as const

/** Parts of addresses, already encoded. */
const HOSTILE_TEXT = [
  ...[
    '',
    '0',
    '-1',
    '1e9',
    'NaN',
    'null',
    'undefined',
    'true',
    '%00',
    '%ff',
    '%C3%28',
    '%2e%2e%2f',
    '%F0%9F%8E%A5',
    '%20',
    '+',
  ],
  ...[
    'a,b',
    ',',
    'rolling,,failed',
    '~standby',
    'class42~standby',
    'class42~standby~standby',
    '__proto__',
    'constructor',
    '%25s',
    "'--",
  ],
  ...[
    '99999999999999999999',
    '2026-01-01T00:00:00Z',
    '2026-01-01',
    '1767225600000.class42',
    '[object%20Object]',
    '{}',
    '*',
    'test',
  ],
  'a'.repeat(65),
  'a'.repeat(3000),
] as const

/** Header values are bytes without controls. */
const HOSTILE_HEADER = [
  ...[
    '',
    ' ',
    '0',
    '-1',
    '*',
    '"',
    '"1"',
    'W/"1"',
    '"1","2"',
    'Bearer',
    'Bearer ',
    'Basic dXNlcjpwYXNz',
    'null',
    '\u00ff\u00fe',
    ',',
  ],
  ...[
    'application/json',
    'application/json ; charset=utf-8',
    'application/json;',
    'text/plain',
    'application/x-www-form-urlencoded',
  ],
  ...[
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    'gzip',
    'chunked',
    '100-continue',
    'bytes=0-',
    'a'.repeat(5000),
  ],
] as const

const HEADERS = [
  ...[
    'authorization',
    'content-type',
    'accept',
    'if-match',
    'if-none-match',
    'idempotency-key',
    'last-event-id',
    'origin',
    'host',
  ],
  ...[
    'x-forwarded-for',
    'content-encoding',
    'expect',
    'range',
    'cookie',
    'agora-signature',
    'agora-signature-v2',
    'prefer',
  ],
] as const

const QUERY_NAMES = [
  ...[
    'limit',
    'cursor',
    'after',
    'before',
    'state',
    'kind',
    'q',
    'attention',
    'label.course',
    'label.',
    'waitFor',
    'timeout',
    'code',
  ],
  ...['destination', 'recording', 'type', 'since', 'from', 'attempt', 'unknown', '__proto__', ''],
] as const

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

type Change = (request: Draft) => void

interface Draft extends Omit<FuzzRequest, 'path' | 'isAuthorized'> {
  segments: string[]
  query: [string, string][]
}

/** One to four mistakes in a valid request, or none. */
export const requestArbitrary = (templates: readonly Template[]): fc.Arbitrary<FuzzRequest> => {
  const weighted = templates.map((template) => ({
    arbitrary: fc.constant(template),
    weight: Math.ceil((template.weight ?? 1) * 100),
  }))
  return fc
    .tuple(fc.oneof(...weighted), fc.array(change, { maxLength: 4 }), fc.boolean())
    .map(([template, changes, isSigned]) => {
      const draft = draftOf(template)
      for (const apply of changes) apply(draft)
      if (isSigned && draft.operation === NOTIFICATIONS) sign(draft)
      return finish(draft)
    })
}

const NOTIFICATIONS = 'POST /v1/notifications'

/** What Agora signs may be wrong as well. */
const sign = ({ body = '', headers }: Draft): void => {
  Object.assign(headers, signNotification(body, SECRETS.notification))
}

const draftOf = ({ operation, parameters = {}, query = {}, headers = {}, body }: Template): Draft => {
  const [method = '', path = ''] = operation.split(' ')
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => parameters[name] ?? name)
  return {
    ...{ operation, method, segments: filled.slice(1).split('/'), query: Object.entries(query) },
    headers: {
      authorization: `Bearer ${API_KEY}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  }
}

const finish = ({ segments, query, ...rest }: Draft): FuzzRequest => {
  const search = query.map(([name, value]) => `${name}=${value}`).join('&')
  const path = `/${segments.join('/')}${search === '' ? '' : `?${search}`}`
  const isAuthorized = rest.headers.authorization === `Bearer ${API_KEY}`
  const hasBody = rest.method !== 'GET' && rest.method !== 'HEAD'
  return { ...rest, path, isAuthorized, body: hasBody ? rest.body : undefined }
}

const index = fc.nat()
const nth = <T>(list: readonly T[], at: number): T | undefined => list[at % Math.max(1, list.length)]

/** Replaces one value of the body, at any depth. */
const hostileValue: fc.Arbitrary<Change> = fc
  .tuple(index, fc.constantFrom(...HOSTILE_JSON))
  .map(([at, json]) => (draft) => {
    draft.body = draft.body && replaceValue(draft.body, at, json)
  })

const anyValue: fc.Arbitrary<Change> = fc.tuple(index, fc.json()).map(([at, json]) => (draft) => {
  draft.body = draft.body && replaceValue(draft.body, at, json)
})

/** The end of a value that begins after a colon, a comma or a bracket. Where it is not found, the text is cut there. */
const replaceValue = (body: string, at: number, json: string): string => {
  const begins = [...body.matchAll(/[:[,](?=[^,\]}])/g)].map((match) => match.index + 1)
  const begin = nth(begins, at)
  if (begin === undefined) return json
  const end =
    begin + (/^("(?:[^"\\]|\\.)*"|[\w.+-]+|\[[^[\]]*\]|\{[^{}]*\})/.exec(body.slice(begin))?.[0].length ?? 1)
  return body.slice(0, begin) + json + body.slice(end)
}

const brokenText: fc.Arbitrary<Change> = fc
  .tuple(
    fc.constantFrom('cut', 'insert', 'repeat', 'empty', 'double', 'wrap', 'any'),
    index,
    fc.string({ unit: 'binary' }),
  )
  .map(([how, at, text]) => (draft) => {
    if (draft.body === undefined) return
    const place = at % (draft.body.length + 1)
    const [head, tail] = [draft.body.slice(0, place), draft.body.slice(place)]
    const changed = {
      ...{
        cut: head,
        insert: `${head}${text}${tail}`,
        repeat: `${head}${head}${tail}`,
        empty: '',
        any: text,
      },
      ...{ double: `${draft.body}${draft.body}`, wrap: `[${draft.body}]` },
    }
    draft.body = changed[how as keyof typeof changed]
  })

const extraField: fc.Arbitrary<Change> = fc
  .tuple(
    fc.constantFrom(
      'unknown',
      '__proto__',
      'constructor',
      'id',
      'url',
      'kind',
      'policy',
      'metadata',
      'labels',
    ),
    fc.constantFrom(...HOSTILE_JSON),
  )
  .map(([name, json]) => (draft) => {
    draft.body = draft.body?.replace('{', `{"${name}":${json},`)
  })

const hostileSegment: fc.Arbitrary<Change> = fc
  .tuple(index, fc.constantFrom(...HOSTILE_TEXT))
  .map(([at, text]) => (draft) => {
    draft.segments[at % draft.segments.length] = text
  })

const hostileQuery: fc.Arbitrary<Change> = fc
  .tuple(fc.constantFrom(...QUERY_NAMES), fc.constantFrom(...HOSTILE_TEXT), fc.boolean())
  .map(([name, text, replaces]) => (draft) => {
    const known = nth(draft.query, text.length)
    if (replaces && known) known[1] = text
    else draft.query.push([name, text])
  })

const hostileHeader: fc.Arbitrary<Change> = fc
  .tuple(fc.constantFrom(...HEADERS), fc.constantFrom(...HOSTILE_HEADER))
  .map(([name, value]) => (draft) => {
    draft.headers[name] = value
  })

const noHeader: fc.Arbitrary<Change> = fc.constantFrom(...HEADERS).map((name) => (draft) => {
  delete draft.headers[name]
})

const noKey: fc.Arbitrary<Change> = fc
  .constantFrom(
    undefined,
    '',
    'Bearer',
    'Bearer wrong',
    `Basic ${API_KEY}`,
    `Bearer ${API_KEY}x`,
    `Bearer ${API_KEY} x`,
  )
  .map((value) => (draft) => {
    if (value === undefined) delete draft.headers.authorization
    else draft.headers.authorization = value
  })

const otherMethod: fc.Arbitrary<Change> = fc.constantFrom(...METHODS).map((method) => (draft) => {
  draft.method = method
})

const change: fc.Arbitrary<Change> = fc.oneof(
  { arbitrary: hostileValue, weight: 6 },
  { arbitrary: anyValue, weight: 2 },
  { arbitrary: extraField, weight: 2 },
  { arbitrary: brokenText, weight: 2 },
  { arbitrary: hostileSegment, weight: 2 },
  { arbitrary: hostileQuery, weight: 4 },
  { arbitrary: hostileHeader, weight: 2 },
  { arbitrary: noHeader, weight: 1 },
  { arbitrary: noKey, weight: 2 },
  { arbitrary: otherMethod, weight: 1 },
)
