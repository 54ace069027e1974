import { type DescribedOperation, describeOperation } from './describeOperation.ts'
import type { JsonSchema, OpenApiDocument } from './openApi.ts'
import { comment, fieldsOf, typeOf } from './typeOf.ts'

export type { OpenApiDocument } from './openApi.ts'

const NOTE = '// Generated from packages/reporter/openapi.json by packages/client/generate.ts. Do not edit.\n'

/** The generated files, by name. */
export const generateClient = (document: OpenApiDocument): Record<string, string> => {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      describeOperation(path, method, operation, document),
    ),
  )
  return {
    'schemas.ts': schemas(document),
    'operations.ts': declarations(operations, document),
    'tables.ts': tables(operations, document),
  }
}

const schemas = ({ components, webhooks }: OpenApiDocument): string => {
  const bodies = Object.entries(webhooks).map(([type, { post }]) => {
    const schema = post.requestBody?.content['application/json']?.schema
    return `  '${type}': ${typeOf(schema ?? {})}\n`
  })
  return [
    NOTE,
    ...Object.entries(components.schemas).map(([name, schema]) => declaration(name, schema)),
    `/** The body of each type of delivery. */\nexport interface DeliveryBodies {\n${bodies.join('')}}\n`,
  ].join('\n')
}

const declaration = (name: string, schema: JsonSchema): string => {
  const { type, properties, description } = schema
  return type === 'object' && properties
    ? `${comment(description)}export interface ${name} {\n${fieldsOf(schema)}}\n`
    : `${comment(description)}export type ${name} = ${typeOf(schema)}\n`
}

const declarations = (operations: DescribedOperation[], { components }: OpenApiDocument): string => {
  const queries = operations.flatMap(({ queryType }) => (queryType ? [queryType] : []))
  const members = operations.map(({ member }) => member).join('\n')
  const text = queries.join('') + members
  const used = Object.keys(components.schemas).filter((name) => new RegExp(`\\b${name}\\b`).test(text))
  return [
    NOTE,
    `import type { CallOptions, Pages } from '../types.ts'`,
    `import type {\n${used.map((name) => `  ${name},\n`).join('')}} from './schemas.ts'\n`,
    ...queries,
    `/** A method for each operation of the reporter. */\nexport interface Operations {\n${members}}\n`,
  ].join('\n')
}

const tables = (operations: DescribedOperation[], { webhooks }: OpenApiDocument): string => {
  const rows = operations.map(({ id, row }) => `  ${id}: ${row},\n`).join('')
  const types = Object.keys(webhooks).map((type) => `  '${type}',\n`)
  return [
    NOTE,
    `import type { OperationRow } from '../types.ts'`,
    `import type { Operations } from './operations.ts'`,
    `import type { DeliveryBodies } from './schemas.ts'\n`,
    `/** What each method sends. */\nexport const OPERATIONS: Readonly<Record<keyof Operations, OperationRow>> = {\n${rows}}\n`,
    `export const DELIVERY_TYPES: readonly (keyof DeliveryBodies)[] = [\n${types.join('')}]\n`,
  ].join('\n')
}
