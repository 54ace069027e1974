import type { OpenAPIHono } from '@hono/zod-openapi'
import type { KeyScope } from '../../store/types.ts'
import { scopeFor } from '../keys/scopes.ts'
import { EXAMPLES } from './examples.ts'
import { CODES_OF_STATUS, problemExamples } from './problemExamples.ts'
import { TAGS } from './tags.ts'

export type OpenApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>

type Paths = NonNullable<OpenApiDocument['paths']>
export type Operation = NonNullable<Paths[string]['get']>
type Media = Record<string, { schema?: unknown; example?: unknown; examples?: unknown }>

interface Body {
  content?: Media
}

const PROBLEM = 'application/problem+json'
const JSON_TYPE = 'application/json'

/** The types of OpenAPI 3.0 do not know `identifier`. */
const LICENSE = { name: 'MIT', identifier: 'MIT' }

const problemResponse = (description: string) => ({
  description,
  content: { [PROBLEM]: { schema: { $ref: '#/components/schemas/Problem' } } },
})

const RETRY_AFTER = { description: 'Seconds until the next request is taken', schema: { type: 'integer' } }

/** Anew for each operation, because examples are added. */
const tooManyRequests = () => ({
  ...problemResponse('The key has sent too many requests, or the address too many wrong keys'),
  headers: { 'Retry-After': RETRY_AFTER },
})

/** Of every operation. */
const COMMON_RESPONSES = {
  '4XX': problemResponse('The request did not arrive as HTTP demands'),
  '5XX': problemResponse('The reporter failed'),
}

const DESCRIPTION = `Starts Agora recordings of web pages and channels, supervises them, and records again when they fail.

These are the calls of business servers and operators. Bodies are JSON of at most 64 KiB. Times are ISO 8601 in UTC, durations are
seconds. Fields of a request that are not known are refused; ignore those of a response. An error is a problem document
(RFC 9457) with a stable \`code\`. What destinations receive is under webhooks.

The routes of recorded pages (\`/v1/reports\`, \`/probe.js\`) and of Agora (\`/v1/notifications\`) are not described here.`

/** What the routes, their schemas and the examples say, as OpenAPI 3.1. */
export const openApiDocument = (app: OpenAPIHono): OpenApiDocument => {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Stillrolling reporter',
      version: '1',
      description: DESCRIPTION,
      license: LICENSE,
      contact: { name: 'Stillrolling' },
    },
    servers: [{ url: '/', description: 'The reporter that serves this document' }],
    tags: TAGS.map(([name, description]) => ({ name, description })),
  })
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const [method, operation] of Object.entries(item as Record<string, Operation>)) {
      addKeyRules(operation, scopeFor(method.toUpperCase(), path))
      complete(operation)
    }
  }
  for (const [type, item] of Object.entries(document.webhooks ?? {})) {
    if (item.post) completeWebhook(type, item.post)
  }
  return document
}

/** What follows from that an operation needs a key. Every key has the scope `read`. */
const addKeyRules = (operation: Operation, scope: KeyScope): void => {
  if (operation.security === undefined) return
  operation.responses = { ...operation.responses, 429: tooManyRequests() }
  if (scope === 'read') return
  operation.description = `${operation.description ?? ''}\n\nThe key needs the scope \`${scope}\`.`
  operation.responses = {
    ...operation.responses,
    403: problemResponse(`The key has not the scope \`${scope}\``),
  }
}

/** A route states what is its own; what is the same for all of them is added here. */
const complete = (operation: Operation): void => {
  const { operationId = '', requestBody } = operation
  const responses: Record<string, object> = operation.responses ?? {}
  operation.responses = responses
  const examples = EXAMPLES[operationId]
  operation.security ??= []
  Object.assign(responses, structuredClone(COMMON_RESPONSES))
  addExample(requestBody as Body | undefined, examples?.request)
  for (const [status, response] of Object.entries(responses)) {
    const { content = {} } = response as Body
    const problem = content[PROBLEM]
    if (problem) problem.examples ??= problemExamples(CODES_OF_STATUS[status] ?? [])
    addExample({ content }, examples?.responses[status])
  }
}

const completeWebhook = (type: string, operation: Operation): void => {
  operation.operationId = type
  operation.tags = ['Webhooks']
  operation.security = []
  addExample(operation.requestBody as Body | undefined, EXAMPLES[type]?.request)
}

const addExample = ({ content }: Body = {}, example: unknown): void => {
  const media = content?.[JSON_TYPE]
  if (media && example !== undefined) media.example = example
}
