import type { Content, JsonSchema, OpenApiDocument, Operation, Parameter } from './openApi.ts'
import { comment, fieldsOf, keyOf, typeOf } from './typeOf.ts'

const JSON_TYPE = 'application/json'
const STREAM_TYPE = 'text/event-stream'

/** An operation as the client has it: one method, and what the method sends. */
export interface DescribedOperation {
  id: string
  /** Declares the type of its query; empty without one. */
  queryType: string
  /** The method, as a member of an interface. */
  member: string
  /** Its row in the table that the client works by. */
  row: string
}

/** @throws if the client has no method for such an operation */
export const describeOperation = (
  path: string,
  method: string,
  operation: Operation,
  document: OpenApiDocument,
): DescribedOperation => {
  const { operationId: id, parameters = [], summary = '', description = '' } = operation
  const inPath = [...path.matchAll(/{(\w+)}/g)].map(([, name = '']) => name)
  const query = parameters.filter((each) => each.in === 'query')
  const headers = parameters.filter((each) => each.in === 'header')
  const body = operation.requestBody?.content[JSON_TYPE]?.schema
  const response = responseOf(operation)
  const cursor = query.find(({ name }) => name === 'before' || name === 'after')?.name
  const items = cursor === undefined ? undefined : itemsOf(response, document)
  const queryName = `${id[0]?.toUpperCase()}${id.slice(1)}Query`
  /** Such as the readiness of a reporter that is not ready, which is no error. */
  const accepted = Object.entries(operation.responses)
    .filter(([status, { content }]) => !status.startsWith('2') && content?.[JSON_TYPE])
    .map(([status]) => Number(status))
  const isQueryRequired = query.some(({ required }) => required)
  const args = [
    ...inPath.map((name) => `${name}: string`),
    ...(body ? [`body: ${typeOf(body)}`] : []),
    ...(query.length > 0 ? [`query${isQueryRequired ? '' : '?'}: ${queryName}`] : []),
    `options?: ${optionsType(headers)}`,
  ]
  const events = response?.[STREAM_TYPE]?.schema
  const result = events
    ? `AsyncGenerator<${typeOf(events)}, never>`
    : items
      ? `Pages<${items.item}, ${items.next}>`
      : `Promise<${resultType(response)}>`
  return {
    id,
    queryType:
      query.length === 0 ? '' : `export interface ${queryName} {\n${fieldsOf(queryFields(query))}}\n`,
    member: `${comment(`${summary}.\n\n${description}`, '  ')}  ${id}(${args.join(', ')}): ${result}\n`,
    row: rowOf({
      ...{ method: method.toUpperCase(), path },
      ...(body && { body: true }),
      ...(query.length > 0 && { query: true }),
      ...(items && { cursor }),
      ...((method === 'get' || operation['x-idempotent']) && { idempotent: true }),
      ...(operation['x-idempotent'] === 'id' && { needsId: true }),
      ...(headers.length > 0 && {
        headers: Object.fromEntries(headers.map(({ name }) => [optionOf(name), name.toLowerCase()])),
      }),
      ...(accepted.length > 0 && { accepts: accepted }),
      ...(events && { stream: true }),
      ...(response !== undefined && !response[JSON_TYPE] && !events && { raw: true }),
    }),
  }
}

/** The content of the first 2xx. */
const responseOf = ({ responses }: Operation): Content | undefined =>
  Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1].content

const resultType = (content: Content | undefined): string => {
  if (!content) return 'void'
  const schema = content[JSON_TYPE]?.schema
  return schema ? typeOf(schema) : 'Response'
}

/** Of a page. */
const itemsOf = (
  content: Content | undefined,
  { components }: OpenApiDocument,
): { item: string; next: string } | undefined => {
  const schema = content?.[JSON_TYPE]?.schema
  const name = schema?.$ref?.split('/').at(-1)
  const { items, next } = (name === undefined ? schema : components.schemas[name])?.properties ?? {}
  if (!items?.items || !next) return undefined
  return { item: typeOf(items.items), next: typeOf(next).replace(' | null', '') }
}

const queryFields = (query: Parameter[]): JsonSchema => ({
  properties: Object.fromEntries(
    query.map(({ name, description, schema }) => [
      name,
      { ...schema, description: textOf(description, schema) },
    ]),
  ),
  required: query.filter(({ required }) => required).map(({ name }) => name),
})

/** The client names the parameters that an object stands for. */
const textOf = (description: string | undefined, { type }: JsonSchema): string | undefined =>
  type === 'object' ? "With all of these labels, as `{ course: '7b' }`" : description

const optionsType = (headers: Parameter[]): string =>
  headers.length === 0
    ? 'CallOptions'
    : `CallOptions & { ${headers.map(({ name }) => `${optionOf(name)}?: string`).join('; ')} }`

/** `If-Match` is `ifMatch`. */
const optionOf = (header: string): string =>
  header.toLowerCase().replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

const rowOf = (row: object): string =>
  `{ ${Object.entries(row)
    .map(([name, value]) => `${keyOf(name)}: ${JSON.stringify(value).replaceAll('"', "'")}`)
    .join(', ')} }`
