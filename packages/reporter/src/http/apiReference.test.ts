import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { channelRequestSchema } from '../channelRequest.ts'
import { pageRequestSchema } from '../pageRequest.ts'
import { recordingChangesSchema } from '../recordingChanges.ts'
import { DEFAULT_POLICY } from '../supervisor/policy.ts'
import { ATTENTION_CODES, REASON_CODES } from '../supervisor/recording.ts'
import { createHarness } from '../testing/harness.ts'
import { eventQuerySchema } from './events/eventQuery.ts'
import { jobRequestSchema } from './jobs/jobRequest.ts'
import { jobViewSchema } from './jobs/jobView.ts'
import { keyViewSchema } from './keys/keyView.ts'
import { PROBLEM_CODES, type ProblemCode } from './problemCodes.ts'
import { PROBLEM_MEANINGS } from './problemMeanings.ts'
import { attemptViewSchema } from './recordings/attemptView.ts'
import { channelFields } from './recordings/channelView.ts'
import { hourlyStatisticsSchema } from './recordings/hourlyStatistics.ts'
import { pageFields } from './recordings/pageView.ts'
import { listQuerySchema } from './recordings/recordingQuery.ts'
import { recordingSummarySchema } from './recordings/recordingSummary.ts'
import { commonFields } from './recordings/recordingView.ts'
import { timelineViewSchema } from './recordings/timeline.ts'
import { summarySchema } from './summary.ts'

const PAGE = readFileSync(new URL('../../../../docs/api.md', import.meta.url), 'utf8')

/** The rows of a section's table number `index`, as cells without backticks around the first. */
const rowsOf = (heading: string, index = 0): string[][] => {
  const [, section = ''] = PAGE.split(`\n${heading}\n`)
  const tables = (section.split(/\n##+ /)[0] ?? '').match(/(^\|.*\n?)+/gm) ?? []
  const [, , ...rows] = (tables[index] ?? '').trim().split('\n')
  return rows.map((row) =>
    row
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  )
}
const namesOf = (heading: string, index = 0): string[] =>
  rowsOf(heading, index).map(([name = '']) => name.replaceAll('`', ''))

interface JsonSchema {
  const?: unknown
  oneOf?: JsonSchema[]
  not?: object
  type?: string
  enum?: unknown[]
  anyOf?: JsonSchema[]
  items?: JsonSchema
  pattern?: string
  format?: string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  default?: unknown
  required?: string[]
  properties?: Record<string, JsonSchema>
  $ref?: string
  $defs?: Record<string, JsonSchema>
}

const jsonSchemaOf = (schema: z.ZodType): JsonSchema => {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema
  const defs = json.$defs ?? {}
  const resolve = (each: JsonSchema): JsonSchema =>
    each.$ref === undefined ? each : resolve(defs[each.$ref.split('/').at(-1) ?? ''] ?? {})
  const { oneOf, ...rest } = resolve(json)
  return oneOf ? { ...rest, oneOf: oneOf.map(resolve) } : rest
}

/** The kinds of a union. */
const membersOf = (schema: z.ZodType): JsonSchema[] => jsonSchemaOf(schema).oneOf ?? []
const namesIn = (fields: object): string[] => Object.keys(fields)

const range = (from: number | undefined, to: number | undefined): string =>
  to === undefined || to === Number.MAX_SAFE_INTEGER ? `at least ${from}` : `${from} to ${to}`

/** The type and range of a field as docs/api.md writes it. */
const describeType = (field: JsonSchema): string => {
  const literals = field.const === undefined ? field.enum : [field.const]
  const values = literals?.map((value) => `\`${JSON.stringify(value)}\``).join(', ')
  if (values !== undefined) return values
  if (field.type === 'array') {
    const items = field.items ?? {}
    if (items.anyOf) return `list of strings and objects, up to ${field.maxItems}`
    if (items.enum) return `list of ${describeType(items)}`
    return `list of ${range(field.minItems, field.maxItems)} ${describeType(items).replace('number', 'numbers')}`
  }
  if (field.format === 'date-time') return 'time with a zone'
  if (field.pattern !== undefined) return `string, \`${field.pattern}\``
  if (field.maxLength !== undefined) return `string, ${range(field.minLength, field.maxLength)} characters`
  const least =
    field.minimum ?? (field.exclusiveMinimum === undefined ? undefined : field.exclusiveMinimum + 1)
  return least === undefined ? `${field.type}` : `${field.type}, ${range(least, field.maximum)}`
}

type Field = [name: string, type: string, default_: string]

/** Every field with its type and default; the fields of nested objects have dotted names. */
const fieldsOf = (schema: JsonSchema, defaults: unknown, path: string[] = []): Field[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const known = (defaults as Record<string, unknown> | undefined)?.[name] ?? field.default
    if (field.properties) return fieldsOf(field, known, [...path, name])
    const required = schema.required?.includes(name) ? 'required' : 'none'
    const shown = known === undefined ? required : `\`${JSON.stringify(known)}\``
    return [[[...path, name].join('.'), describeType(field), shown]]
  })

/** Its fields, without those of nested objects. */
const topFieldsOf = ({ properties = {}, required }: JsonSchema): Field[] =>
  fieldsOf({ required, properties: mapValues(properties, ({ properties: _, ...field }) => field) }, {})

const mapValues = <Value, Result>(
  values: Record<string, Value>,
  change: (value: Value) => Result,
): Record<string, Result> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]))

describe('docs/api.md', () => {
  const { policy, ...properties } = jsonSchemaOf(pageRequestSchema).properties ?? {}

  test('shows every field of a request with its type, range and default', () => {
    const rows = rowsOf('## Start a recording').map(([name = '', ...rest]) => [
      name.replaceAll('`', ''),
      ...rest.slice(0, 2),
    ])
    const schema = { properties, required: ['url'] }
    const byName = new Map(fieldsOf(schema, {}).map((field) => [field[0], field]))
    const [id] = byName.values()
    byName.set('id', [...(id?.slice(0, 2) ?? []), 'generated'] as unknown as Field)
    byName.set('kind', ['kind', '`"page"`', '`"page"`'])
    byName.set('policy', ['policy', 'object', '`{}`'])
    expect(rows.toSorted()).toEqual([...byName.values()].toSorted())
  })

  test('shows every field of a request for a channel with its type, range and default', () => {
    const rows = rowsOf('### Record a channel').map(([name = '', ...rest]) => [
      name.replaceAll('`', ''),
      ...rest.slice(0, 2),
    ])
    const modes = membersOf(channelRequestSchema)
    const byName = new Map(modes.flatMap(topFieldsOf).map((field) => [field[0], field]))
    byName.set('id', ['id', byName.get('id')?.[1] ?? '', 'generated'])
    byName.set('mode', ['mode', '`"mix"`, `"individual"`', 'required'])
    byName.set('policy', ['policy', 'object', '`{}`'])
    expect(modes).toHaveLength(2)
    expect(rows.toSorted()).toEqual([...byName.values()].toSorted())
  })

  test('shows every policy field with its type, range and default', () => {
    const rows = rowsOf('### Policy fields').map(([name = '', ...rest]) => [
      name.replaceAll('`', ''),
      ...rest.slice(0, 2),
    ])
    expect(rows).toEqual(fieldsOf({ properties: { policy: policy ?? {} } }, { policy: DEFAULT_POLICY }))
  })

  test('shows every field that can change, and says of every policy field from when on it applies', () => {
    const { properties: changes = {} } = jsonSchemaOf(recordingChangesSchema)
    expect(namesOf('### Change a running recording')).toEqual(Object.keys(changes))
    const applies = namesOf('### Change a running recording', 1).flatMap((names) => names.split(', '))
    expect(applies.toSorted()).toEqual(Object.keys(DEFAULT_POLICY).toSorted())
  })

  test('shows every field of a recording, its summary, an attempt, a timeline entry and hourly statistics', () => {
    expect(namesOf('## The recording')).toEqual(namesIn(commonFields))
    expect(namesOf('### What a page has')).toEqual(namesIn(pageFields))
    expect(namesOf('### What a channel has')).toEqual(namesIn(channelFields))
    const attempt = jsonSchemaOf(attemptViewSchema).properties ?? {}
    expect(namesOf('## The recording', 1)).toEqual(Object.keys(attempt))
    expect(namesOf('## Timeline')).toEqual(Object.keys(jsonSchemaOf(timelineViewSchema).properties ?? {}))
    const summary = jsonSchemaOf(recordingSummarySchema).properties ?? {}
    const [, same = ''] =
      PAGE.split('### The list of recordings\n')[1]?.split(/Each item is a summary\. |are those of/) ?? []
    const sameFields = [...same.matchAll(/`(\w+)`/g)].map(([, name]) => name)
    expect([...sameFields, ...namesOf('### The list of recordings')].toSorted()).toEqual(
      Object.keys(summary).toSorted(),
    )
    expect(namesOf('## Summary')).toEqual(Object.keys(jsonSchemaOf(summarySchema).properties ?? {}))
    const filters = namesOf('### Filters').filter((name) => name !== 'label.<name>')
    expect(filters).toEqual(
      Object.keys(listQuerySchema.shape).filter((name) => name !== 'limit' && name !== 'before'),
    )
    expect(namesOf('## Events').filter((name) => name !== 'label.<name>')).toEqual(
      Object.keys(eventQuerySchema.shape),
    )
    expect(namesOf('## Keys', 1)).toEqual(Object.keys(jsonSchemaOf(keyViewSchema).properties ?? {}))
    expect(namesOf('## Jobs')).toEqual(Object.keys(jsonSchemaOf(jobRequestSchema).properties ?? {}))
    expect(namesOf('## Jobs', 1)).toEqual(Object.keys(jsonSchemaOf(jobViewSchema).properties ?? {}))
    const statistics = jsonSchemaOf(hourlyStatisticsSchema).properties ?? {}
    expect(namesOf('## Hourly statistics')).toEqual(Object.keys(statistics))
  })

  test('explains every reason and attention, and every code of event 71 with its default', () => {
    expect(namesOf('### Reasons')).toEqual(REASON_CODES)
    expect(namesOf('### Attention').toSorted()).toEqual(ATTENTION_CODES.toSorted())
    const codes = rowsOf('### Event 71').map(([code = '', , action = '']) => [
      code,
      action.replaceAll('`', ''),
    ])
    expect(codes).toEqual([['0', ''], ...Object.entries(DEFAULT_POLICY.onStopCode)])
  })

  test('explains every code of a problem, with its status', () => {
    const documented = rowsOf('## Errors').map(([code = '', status, meaning = '']) => [
      code.replaceAll('`', ''),
      Number(status),
      meaning.replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1'),
    ])
    const codes = Object.entries(PROBLEM_CODES) as [ProblemCode, number][]
    expect(documented).toEqual(codes.map(([code, status]) => [code, status, PROBLEM_MEANINGS[code]]))
  })

  /** The text above the table has them. */
  const OfEveryCall = ['403', '429']

  test('lists every call that needs a key with all its responses', async () => {
    const harness = await createHarness()
    const { paths } = (await (await harness.request('/openapi.json')).json()) as {
      paths: Record<string, Record<string, { responses: Record<string, unknown> }>>
    }
    const calls = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { responses }]) => [
        `${method.toUpperCase()} ${path}`,
        Object.keys(responses)
          .filter((status) => !status.endsWith('XX') && !OfEveryCall.includes(status))
          .sort()
          .join(', '),
      ]),
    )
    const documented = rowsOf('## Calls').map(([call = '', , responses = '']) => [
      call.replaceAll('`', ''),
      responses.split(', ').sort().join(', '),
    ])
    const withKey = calls.filter(([call]) => call?.includes('/v1/'))
    expect(documented.toSorted()).toEqual(withKey.toSorted())
  })
})
