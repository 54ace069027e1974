import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inexactParts } from './inexactJson.ts'

const messagesOf = (text: string): string[] =>
  inexactParts(text).map(({ path, message }) => `${path} ${message}`)

describe('the parts of a JSON text that would change', () => {
  const Inexact = 'is a number that a 64-bit float cannot hold exactly: send it as a string'
  test.each([
    '9007199254740993',
    '12345678901234567890',
    '1e400',
    '-1e400',
    '1e-400',
    '0.1000000000000000055511151231257827',
    '3.14159265358979323846',
    '-0',
    '-0.0e5',
    `1${'0'.repeat(400)}`,
    `0.${'1'.repeat(60_000)}`,
  ])('are numbers that a double cannot hold: %s', (number) => {
    expect(messagesOf(`{"a":{"b":[1, ${number} ]}}`)).toEqual([`a.b.1 ${Inexact}`])
    expect(messagesOf(number)).toEqual([` ${Inexact}`])
  })

  test.each([
    ...[
      '0',
      '0.0',
      '0e9',
      '1',
      '-1',
      '1.0',
      '1.50',
      '15e-1',
      '1E+2',
      '100',
      '0.1',
      '-0.1',
      '1e21',
      '1e-7',
      '5e-324',
    ],
    ...['9007199254740991', '9007199254740992', '123456789012345680000', '1.7976931348623157e308'],
    ...[`1${'0'.repeat(300)}`, `0.${'0'.repeat(300)}1`, `2${'0'.repeat(50)}e-50`, '0.000001e6'],
  ])('are no other numbers, however they are written: %s', (number) => {
    expect(inexactParts(`{"a":[${number}]}`)).toEqual([])
  })

  test.each([
    ['{"a":1,"a":1}', 'a occurs twice in its object'],
    ['{"a":{"b":1,"c":[{"\\u0062":1},{"b":{},"\\u0062":2}]}}', 'a.c.1.b occurs twice in its object'],
    ['{"metadata":{"__proto__":{"x":1}}}', 'metadata.__proto__ is a name that is not kept'],
    ['{"metadata":{"\\u005f_proto__":1}}', 'metadata.__proto__ is a name that is not kept'],
    ['{"a\\udc00":{"b":-0}}', `a\ufffd.b ${Inexact}`],
  ])('of %s are: %s', (text, message) => {
    expect(messagesOf(text)).toEqual([message])
  })

  test('are none of the names that every object inherits, of strings that look like JSON, or of half a pair', () => {
    const text = String.raw`{"constructor":{"toString":"{\"a\":1e400,\"a\":-0}"},"a":"\\","b":"\ud83d\ude00 1e400","c":"\udc00","":[[],{}]}`
    expect(inexactParts(text)).toEqual([])
    expect(JSON.parse(JSON.stringify(JSON.parse(text)))).toEqual(JSON.parse(text))
  })

  test('are listed up to a limit', () => {
    expect(inexactParts(`[${'-0,'.repeat(1000)}0]`)).toHaveLength(20)
  })

  test('are found in a text of the largest size without delay, whatever it has', () => {
    const lists = '['.repeat(32_000) + ']'.repeat(32_000)
    const texts = [
      lists,
      `"${'\\\\'.repeat(32_000)}"`,
      `"${'x'.repeat(64_000)}"`,
      `[${'1,'.repeat(32_000)}1]`,
    ]
    const startedAt = performance.now()
    for (const text of texts) expect(inexactParts(text)).toEqual([])
    expect(inexactParts(`0.${'0'.repeat(60_000)}1`)).toHaveLength(1)
    expect(performance.now() - startedAt).toBeLessThan(5000)
  })

  test('are none of what this process writes itself, and it gives all of it back', () => {
    const json = fc.json({ stringUnit: 'grapheme' })
    fc.assert(
      fc.property(json, (text) => {
        fc.pre(!text.includes('-0') && !text.includes('__proto__'))
        expect(inexactParts(text)).toEqual([])
        expect(JSON.parse(JSON.stringify(JSON.parse(text)))).toEqual(JSON.parse(text))
      }),
    )
  })

  test('are exactly the integers that come back as another one', () => {
    const limit = 10n ** 20n
    fc.assert(
      fc.property(fc.bigInt({ min: -limit, max: limit }), (integer) => {
        const isSame = BigInt(JSON.stringify(Number(integer))) === integer
        expect(inexactParts(`[${integer}]`)).toHaveLength(isSame ? 0 : 1)
      }),
    )
  })
})
