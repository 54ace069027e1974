import { describe, expect, test } from 'vitest'
import { toJson } from './toJson.ts'

const DATA = [
  null,
  true,
  -1.5,
  'a "quoted" text, \u2028 and \ud800',
  [],
  {},
  [1, [2, undefined, () => 3], { a: [4], b: undefined }],
  { 'a key': { nested: [null, ''] }, n: Number.NaN },
  { at: new Date(0), own: { toJSON: () => ({ kept: [1] }) } },
  // biome-ignore lint/suspicious/noSparseArray: a hole is null in JSON.
  [, 1],
]

/** What old libraries and careless pages add. */
const TO_JSON = {
  configurable: true,
  enumerable: true,
  value(this: unknown) {
    return `[${String(this)}]`
  },
}
const PROTOTYPES = [Array.prototype, Object.prototype, String.prototype, Number.prototype, Boolean.prototype]

describe('toJson', () => {
  test.each(DATA)('is JSON.stringify of plain data: %j', (data) => {
    expect(toJson(data)).toBe(JSON.stringify(data))
  })

  test.each([undefined, () => {}, Symbol('s')])('of what cannot be JSON is undefined', (data) => {
    expect(toJson(data)).toBeUndefined()
  })

  test('throws like JSON.stringify', () => {
    const cyclic: unknown[] = []
    cyclic.push({ cyclic })
    expect(() => toJson(cyclic)).toThrow()
    expect(() => toJson({ n: 1n })).toThrow(TypeError)
  })

  test('leaves out the named members of a list', () => {
    expect(toJson(/b/.exec('abc'))).toBe('["b"]')
  })

  test('does not depend on what the page has added to prototypes', () => {
    const before = DATA.map(toJson)
    for (const prototype of PROTOTYPES) Object.defineProperty(prototype, 'toJSON', TO_JSON)
    const after = DATA.map(toJson)
    for (const prototype of PROTOTYPES) Reflect.deleteProperty(prototype, 'toJSON')
    expect(after).toEqual(before)
  })
})
