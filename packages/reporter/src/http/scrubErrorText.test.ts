import { MAX_ERROR_LENGTH } from '@stillrolling/probe/types'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { signToken } from '../token.ts'
import { MAX_SCRUBBED_LENGTH, scrubErrorText } from './scrubErrorText.ts'

const TOKEN = signToken({ recordingId: 'class42', attempt: 1, nonce: 'mjuxy2o0' }, 'secret')
const scrub = (text: string) => scrubErrorText(text, TOKEN)

describe('what helps to find the error stays', () => {
  test.each([
    "TypeError: Cannot read properties of undefined (reading 'board')",
    'ReferenceError: startLesson is not defined',
    `SyntaxError: Unexpected token '<', "<!doctype "... is not valid JSON`,
    'Uncaught lesson 42 has no teacher: null',
    'Error: no route matches /lessons/42/whiteboard/page in react-dom@18.2.0',
    'ReferenceError: getElementByIdentifierFromStore is not defined',
    'ChunkLoadError: Loading chunk 17 failed.',
    '课程未找到 😀',
  ])('%s', (text) => {
    expect(scrub(text)).toBe(text)
  })

  test('a stack becomes one line with the names of its files', () => {
    const stack = `TypeError: x is not a function
    at start (https://school.example.com/assets/app.js?v=3:12:5)
    at https://cdn.example.com:8443/lib/vendor.min.mjs:1:20482
    at async Room.join (webpack-internal:///./src/room.ts:40:11)`
    expect(scrub(stack)).toBe(
      'TypeError: x is not a function at start (app.js:12:5) at vendor.min.mjs:1:20482 at async Room.join (room.ts:40:11)',
    )
  })
})

describe('what may be private or secret is removed', () => {
  test.each<[what: string, text: string, scrubbed: string]>([
    ['a host', 'no answer of https://jane.example.com', 'no answer of […]'],
    ['a host and port', 'no answer of http://localhost:3000', 'no answer of […]'],
    ['a page without a file name', 'at https://x.org/room?user=jane:12:5', 'at […]:12:5'],
    ['a path', 'GET https://example.com/users/jane 404', 'GET […] 404'],
    ['a file with a hash', 'at https://x.org/app.3f2a9c81d4e5f6a7.js:1:2', 'at app.[…].js:1:2'],
    ['a query', 'GET https://x.org/room.json?user=jane&key=k, failed', 'GET room.json failed'],
    ['a relative query', 'GET /room?user=jane&key=k failed', 'GET /room?[…] failed'],
    ['a fragment', 'bad link /in#access=abc', 'bad link /in?[…]'],
    ['credentials in an address', 'wss://jane:pw@x.org:443/live refused', '[…] refused'],
    ['a data URL', 'cannot load data:image/png;base64,iVBORw0KGgo=', 'cannot load […]'],
    ['a blob', 'blob:https://x.org/9b2c is gone', '[…] is gone'],
    ['a file of this machine', 'at file:///home/jane/notes.html:3', 'at notes.html:3'],
    ['an e-mail address', 'jane.doe@mail.example.com is unknown', '[…] is unknown'],
    ['an IP address', 'no route to 10.1.2.3:8443 now', 'no route to […] now'],
    ['a header', 'Authorization: Bearer abc.def failed', 'Authorization: […] […] failed'],
    ['a password', `{"password":"hunter2","room":4}`, `{"password":"[…]","room":4}`],
    ['a named token', 'accessToken=abc123 was refused', 'accessToken=[…] was refused'],
    ['a JWT', 'bad eyJhbGciOi.eyJzdWIi.c2ln here', 'bad […] here'],
    ['a UUID', 'user 7f1c1c5e-90f6-4e0e-9a55-6f0f0a2b1c3d left', 'user […] left'],
    ['hex', 'digest d41d8cd98f00b204 differs', 'digest […] differs'],
    ['base64', 'key wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLE9KEY4567 is old', 'key […] is old'],
    ['a long number', 'card 4111111111111111 refused', 'card […] refused'],
    ['its own token', `the token ${TOKEN} is odd`, 'the token […] is odd'],
  ])('%s', (_, text, scrubbed) => {
    expect(scrub(text)).toBe(scrubbed)
  })

  test('control and format characters, which could forge lines and colours of a log', () => {
    expect(scrub('a\u001b[31mb\r\n\tc\u202Ed\u0000e\uD800')).toBe('a [31mb c d e\uFFFD')
  })
})

describe('a text that says little is explained', () => {
  test.each(['Script error.', 'Uncaught Script error.'])('%s', (text) => {
    expect(scrub(text)).toMatch(/^Script error\. The browser withholds the text, .* crossorigin/)
    expect(scrub(text).length).toBeLessThanOrEqual(MAX_SCRUBBED_LENGTH)
  })

  test.each(['', ' \n '])('%j', (text) => {
    expect(scrub(text)).toBe('the page threw a value that has no text')
  })
})

describe('for any text', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 1200 }),
    fc.string({ unit: fc.constantFrom(...`aZ0:/.?&=@#-_ "'%\n`), maxLength: 1200 }),
  )

  test('the result is one short line of well-formed text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const scrubbed = scrub(text)
        expect(scrubbed.length).toBeGreaterThan(0)
        expect(scrubbed.length).toBeLessThanOrEqual(MAX_SCRUBBED_LENGTH)
        expect(scrubbed.isWellFormed()).toBe(true)
        expect(scrubbed).not.toMatch(/[\p{Cc}\p{Cf}]/u)
      }),
    )
  })

  test('no part of the token is in it, wherever the token stands and wherever the probe has cut the text', () => {
    const [, , signature = ''] = TOKEN.split('.')
    const parts = Array.from({ length: signature.length - 7 }, (_, at) => signature.slice(at, at + 8))
    fc.assert(
      fc.property(anyText, anyText, fc.nat(MAX_ERROR_LENGTH), (before, after, at) => {
        const sent = `${before.slice(0, at)}${TOKEN}${after}`.slice(0, MAX_ERROR_LENGTH)
        const scrubbed = scrub(sent)
        expect(parts.filter((part) => scrubbed.includes(part))).toEqual([])
      }),
    )
  })

  test('no host, path or query of an address is in it', () => {
    const name = fc.stringMatching(/^qx[a-z]{6,12}$/)
    fc.assert(
      fc.property(name, name, name, name, (host, path, key, value) => {
        const scrubbed = scrub(
          `Error: at f (https://${host}.example.com:8080/${path}/app.js?${key}=${value}#${key}:3:14) x`,
        )
        expect(scrubbed).toBe('Error: at f (app.js:3:14) x')
      }),
    )
  })

  test('no key in hex or base64 is in it', () => {
    const bytes = fc.uint8Array({ minLength: 24, maxLength: 64 }).map((octets) => Buffer.from(octets))
    const key = fc
      .oneof(
        bytes.map((octets) => octets.toString('hex')),
        bytes.map((octets) => octets.toString('base64url')),
      )
      .filter((text) => /\d/.test(text) && /[a-z]/i.test(text))
    fc.assert(
      fc.property(key, (secret) => {
        expect(scrub(`the key ${secret} is old`)).toBe('the key […] is old')
      }),
    )
  })

  test('the longest text takes a few milliseconds at most', () => {
    // What each rule could backtrack over.
    for (const unit of ['a', '1', '.', '/', '@', 'a@', 'a.', 'a=', '?a', 'token', 'eyJ', 'https://', '1.1']) {
      const started = performance.now()
      for (let round = 0; round < 10; round += 1)
        scrub(unit.repeat(MAX_ERROR_LENGTH).slice(0, MAX_ERROR_LENGTH - 1))
      expect(performance.now() - started).toBeLessThan(250)
    }
  })
})
