import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { generateClient, type OpenApiDocument } from '../generator/generateClient.ts'
import { createServer, json } from './testing/createServer.ts'
import { createTestClient } from './testing/createTestClient.ts'

const document = JSON.parse(
  readFileSync(new URL('../../reporter/openapi.json', import.meta.url), 'utf8'),
) as OpenApiDocument
const read = (name: string): string => readFileSync(new URL(`generated/${name}`, import.meta.url), 'utf8')

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    id: operation.operationId,
    path,
    method,
    operation,
  })),
)
/** Methods that take several operations, or that are by hand. */
const OWN_METHODS = { waitUntil: undefined }

test.each(Object.entries(generateClient(document)))(
  'src/generated/%s is that of the document: npx -y pnpm@12 openapi writes it',
  (name, text) => {
    expect(read(name)).toBe(text)
  },
)

test('the client has every operation of the document, and no other', () => {
  const client = createTestClient(createServer(json({})))
  const own = Object.keys(OWN_METHODS)
  const methods = Object.keys(client).filter((name) => !own.includes(name))
  expect(methods.toSorted()).toEqual(operations.map(({ id }) => id).toSorted())
})

describe.each(operations.filter(({ id }) => id !== 'followEvents'))(
  '$id',
  ({ id, path, method, operation }) => {
    test('sends what the document says', async () => {
      const server = createServer(json({ items: [], next: null }))
      const client = createTestClient(server) as unknown as Record<
        string,
        (...given: unknown[]) => Promise<unknown>
      >
      const parameters = [...path.matchAll(/{/g)].map(() => 'a b')
      const body = operation.requestBody && { id: 'class42', some: 'field' }
      const hasQuery = operation.parameters?.some((each) => each.in === 'query')
      await client[id]?.(...parameters, ...(body ? [body] : []), ...(hasQuery ? [{ limit: 7 }] : []), {})
      expect(server.got).toMatchObject([
        {
          method: method.toUpperCase(),
          path: `/stillrolling${path.replaceAll(/{\w+}/g, 'a%20b')}`,
          query: hasQuery ? '?limit=7' : '',
          body,
        },
      ])
      const { headers } = server.got[0] ?? { headers: new Headers() }
      expect(headers.get('authorization')).toBe('Bearer key1')
      expect(headers.get('content-type')).toBe(body ? 'application/json' : null)
    })
  },
)

describe('what a method sends', () => {
  test('repeats parameters for lists, and names those of labels', async () => {
    const server = createServer(json({ items: [], next: null }))
    const labels = { course: '7b', 'a b': 'c&d' }
    await createTestClient(server).listRecordings({ state: ['rolling', 'unhealthy'], labels, q: undefined })
    expect(server.got[0]?.query).toBe('?state=rolling&state=unhealthy&label.course=7b&label.a+b=c%26d')
  })

  test('has a generated id for a recording or a job without one', async () => {
    const server = createServer(json({}))
    const client = createTestClient(server)
    await client.startRecording({ url: 'https://page.test' })
    await client.startRecording({ url: 'https://page.test' })
    await client.startRecording({ id: 'class42', url: 'https://page.test' })
    const ids = server.got.map(({ body }) => (body as { id: string }).id)
    expect(ids).toEqual([
      expect.stringMatching(/^[0-9a-f]{24}$/),
      expect.stringMatching(/^[0-9a-f]{24}$/),
      'class42',
    ])
    expect(ids[0]).not.toBe(ids[1])
    await client.createJob({ action: 'stop', all: true })
    expect(server.got.at(-1)?.body).toMatchObject({ id: expect.stringMatching(/^[0-9a-f]{24}$/), all: true })
  })

  test('has the key of the caller in place of an id', async () => {
    const server = createServer(json({}))
    const request = { url: 'https://page.test' }
    await createTestClient(server).startRecording(request, { idempotencyKey: 'lesson 7' })
    const [sent] = server.got
    expect(sent?.body).toEqual(request)
    expect(sent?.headers.get('idempotency-key')).toBe('lesson 7')
  })

  test.each(['', '.', '..'])('is nothing with the id %j, which would lead to another route', async (id) => {
    const server = createServer(json({}))
    await expect(createTestClient(server).stopRecording(id)).rejects.toThrow(TypeError)
    expect(server.got).toEqual([])
  })

  test('cannot leave its route', async () => {
    const server = createServer(json({}))
    await createTestClient(server).getRecording('../deliveries?x#y')
    expect(server.got[0]).toMatchObject({
      path: '/stillrolling/v1/recordings/..%2Fdeliveries%3Fx%23y',
      query: '',
    })
  })
})
