import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { z } from 'zod'
import type { CallName } from '../call.ts'
import { channelUpdate, individual, mix, postponed, updateLayoutRequest } from '../testing/channelExamples.ts'
import {
  acquireRequest,
  identity,
  startRequest,
  stopRequest,
  task,
  updateRequest,
} from '../testing/examples.ts'
import { set } from '../testing/fields.ts'
import { adviceOn } from './advice.ts'
import {
  acquireRequestSchema,
  queryRequestSchema,
  startRequestSchema,
  stopRequestSchema,
  updateLayoutRequestSchema,
  updateRequestSchema,
} from './calls.ts'
import { requestPair } from './requestPair.ts'
import { unknownFieldsOf } from './unknownFields.ts'

const pairs = [
  requestPair({ ...identity, mode: 'individual', clientRequest: individual }),
  requestPair({ ...identity, mode: 'individual', clientRequest: postponed }),
  requestPair({ ...identity, mode: 'mix', clientRequest: mix }),
  requestPair({ ...identity, clientRequest: startRequest.clientRequest }),
]

const calls: [name: CallName, schema: z.ZodType, examples: unknown[]][] = [
  ['acquire', acquireRequestSchema, [acquireRequest, ...pairs.map(({ acquire }) => acquire)]],
  ['start', startRequestSchema, pairs.map(({ start }) => start('resource1'))],
  ['query', queryRequestSchema, [task]],
  ['update', updateRequestSchema, [updateRequest, channelUpdate]],
  ['updateLayout', updateLayoutRequestSchema, [updateLayoutRequest]],
  ['stop', stopRequestSchema, [stopRequest]],
]

/** Every path into the value, including those of its objects and lists. */
const pathsOf = (value: unknown, at: string = ''): string[] => {
  const here = at === '' ? [] : [at]
  if (typeof value !== 'object' || value === null) return here
  const inner = Object.entries(value).flatMap(([field, each]) =>
    pathsOf(each, at === '' ? field : `${at}.${field}`),
  )
  return [...here, ...inner]
}

// Values that are valid for some fields, so that many of the changed requests stay valid.
const likely = fc.constantFrom<unknown>(
  0,
  1,
  2,
  5,
  15,
  300,
  640,
  true,
  '1',
  '4294967295',
  'hls',
  'default',
  [],
  {},
)
const changeTo = (value: fc.Arbitrary<unknown>, examples: unknown[]): fc.Arbitrary<unknown> =>
  fc.constantFrom(...examples).chain((example) => {
    const path = fc.constantFrom(...pathsOf(example))
    return fc
      .array(fc.tuple(path, value), { maxLength: 3 })
      .map((changes) => changes.reduce((request, [at, to]) => changed(request, at, to), example))
  })

/** Returns the request unchanged if an earlier change removed the path. */
const changed = (request: unknown, at: string, to: unknown): unknown =>
  pathsOf(request).includes(at) ? set(request, at, to) : request

test.each(calls)('%s: checking never throws, whatever the request', (name, schema, examples) => {
  const odd = changeTo(fc.oneof(likely, fc.jsonValue(), fc.constant(undefined)), examples)
  fc.assert(
    fc.property(
      fc.oneof({ weight: 1, arbitrary: fc.jsonValue() }, { weight: 9, arbitrary: odd }),
      (request) => {
        expect(typeof schema.safeParse(request).success).toBe('boolean')
        expect(adviceOn(name, request)).toBeInstanceOf(Array)
        expect(unknownFieldsOf<unknown>(schema, request)).not.toEqual([])
      },
    ),
    { numRuns: 300 },
  )
})

test.each(calls)('%s: a valid request is passed on unchanged', (_, schema, examples) => {
  let passed = 0
  fc.assert(
    fc.property(changeTo(fc.oneof(likely, fc.constant(undefined)), examples), (request) => {
      const { success, data } = schema.safeParse(request)
      if (!success) return
      passed++
      expect(JSON.parse(JSON.stringify(data))).toEqual(JSON.parse(JSON.stringify(request)))
    }),
    { numRuns: 300 },
  )
  expect(passed).toBeGreaterThan(30)
})

test('a valid start has a valid acquire with the same parameters', () => {
  let passed = 0
  const requests = changeTo(fc.oneof(likely, fc.constant(undefined)), [individual, postponed])
  fc.assert(
    fc.property(requests, (request) => {
      const clientRequest = request as typeof individual
      const pair = requestPair({ ...identity, mode: 'individual', clientRequest })
      const start = startRequestSchema.safeParse(pair.start('resource1'))
      if (!start.success) return
      passed++
      const acquire = acquireRequestSchema.parse(pair.acquire)
      expect(acquire.clientRequest.startParameter).toEqual(start.data.clientRequest)
    }),
    { numRuns: 300 },
  )
  expect(passed).toBeGreaterThan(30)
})
