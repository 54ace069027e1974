import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createHarness } from '../../testing/harness.ts'
import { createValidateBySchema, pointerTo } from '../../testing/validateBySchema.ts'
import { PROBLEM_CODES, type ProblemCode } from '../problemCodes.ts'
import { EXAMPLES } from './examples.ts'

// Holds every route to what its callers and their tools need. A route that lacks an example has none in examples.ts.

interface Content {
  [type: string]: {
    schema: object
    example?: unknown
    examples?: Record<string, { value: { code: ProblemCode; status: number } }>
  }
}
interface Operation {
  operationId?: string
  summary?: string
  description?: string
  tags?: string[]
  security?: object[]
  parameters?: { name: string; in: string; description?: string }[]
  requestBody?: { content: Content }
  responses: Record<string, { description: string; content?: Content }>
}
interface Document {
  info: object
  servers: object[]
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Operation>>
  webhooks: Record<string, { post: Operation }>
}

const FILE = new URL('../../../openapi.json', import.meta.url)
const document = JSON.parse(readFileSync(FILE, 'utf8')) as Document
const validate = createValidateBySchema(document)

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    call: `${method.toUpperCase()} ${path}`,
    at: ['paths', path, method],
    operation,
  })),
)
const webhooks = Object.entries(document.webhooks).map(([type, { post }]) => ({
  call: type,
  at: ['webhooks', type, 'post'],
  operation: post,
}))

const mediaOf = (operation: Operation, at: string[]) => [
  ...Object.entries(operation.requestBody?.content ?? {}).map(([type, media]) => ({
    ...{ type, media, status: undefined },
    at: [...at, 'requestBody', 'content', type],
  })),
  ...Object.entries(operation.responses).flatMap(([status, { content = {} }]) =>
    Object.entries(content).map(([type, media]) => ({
      ...{ type, media, status },
      at: [...at, 'responses', status, 'content', type],
    })),
  ),
]

describe('packages/reporter/openapi.json', () => {
  test('is what a reporter serves: npx -y pnpm@12 openapi writes it', async () => {
    const harness = await createHarness()
    const served = await (await harness.request('/openapi.json')).json()
    await expect(`${JSON.stringify(served, null, 2)}\n`).toMatchFileSnapshot(fileURLToPath(FILE))
  })

  test('has a server, a licence, and a description of each tag', () => {
    expect(document).toMatchObject({
      info: { license: { identifier: 'MIT' }, description: expect.any(String) },
      servers: [{ url: '/' }],
    })
    const used = [...operations, ...webhooks].flatMap(({ operation }) => operation.tags ?? [])
    expect(document.tags.map(({ name }) => name).toSorted()).toEqual([...new Set(used)].toSorted())
    expect(document.tags.filter(({ description }) => !description)).toEqual([])
  })

  test('has no two operations with the same id', () => {
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    const known = new Set([...ids, ...Object.keys(document.webhooks)])
    expect(Object.keys(EXAMPLES).filter((id) => !known.has(id))).toEqual([])
  })
})

describe.each(operations)('$call', ({ call, operation }) => {
  test('has an id, one tag, texts and its security', () => {
    expect(operation.operationId).toMatch(/^[a-z]+([A-Z][a-z]+)*$/)
    expect(operation.tags).toHaveLength(1)
    expect(operation.summary).toMatch(/^[A-Z][^.]*$/)
    expect(operation.description).toMatch(/^[A-Z].*\.$/s)
    expect(operation.security).toEqual(call.includes(' /v1/') ? [{ bearer: [] }] : [])
  })

  test('answers each error with a problem', () => {
    const problems = Object.entries(operation.responses).filter(
      ([status]) => /^[45]/.test(status) && call !== `GET /readyz`,
    )
    for (const [status, { content }] of problems) {
      const { examples = {} } = content?.['application/problem+json'] ?? {}
      expect(Object.keys(examples).length, `the codes of ${status}`).toBeGreaterThan(0)
      for (const [code, { value }] of Object.entries(examples)) {
        expect(value.code).toBe(code)
        expect(value.status).toBe(PROBLEM_CODES[value.code])
        expect(String(value.status)).toMatch(new RegExp(`^${status.replace('XX', '..')}$`))
      }
    }
  })
})

describe.each([...operations, ...webhooks])('the examples of $call', ({ operation, at }) => {
  const media = mediaOf(operation, at)

  test('are in every body of JSON', () => {
    const without = media.filter(
      ({ type, media: { example } }) => type === 'application/json' && example === undefined,
    )
    expect(without.map((each) => each.at.join(' '))).toEqual([])
  })

  test('are as the schemas say', () => {
    for (const each of media) {
      const { example, examples = {} } = each.media
      const values = example === undefined ? Object.values(examples).map(({ value }) => value) : [example]
      const pointer = pointerTo(...each.at, 'schema')
      expect(values.flatMap((value) => validate(pointer, value))).toEqual([])
    }
  })
})
