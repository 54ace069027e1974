/** What the page shows of an OpenAPI 3.1 document. Everything in it is text from elsewhere, and is escaped. */
export interface Described {
  info: { title: string; description?: string; license?: { name: string } }
  tags?: { name: string; description?: string }[]
  paths?: Record<string, Record<string, DescribedOperation>>
  webhooks?: Record<string, { post?: DescribedOperation }>
  components?: { schemas?: Record<string, JsonSchema> }
}

export interface DescribedOperation {
  operationId?: string
  summary?: string
  description?: string
  tags?: string[]
  security?: object[]
  parameters?: DescribedParameter[]
  requestBody?: { content?: DescribedContent }
  responses?: Record<string, { description: string; content?: DescribedContent }>
}

export interface DescribedParameter {
  name: string
  in: string
  required?: boolean
  description?: string
  schema: JsonSchema
}

export type DescribedContent = Record<string, DescribedMedia>

export interface DescribedMedia {
  schema?: JsonSchema
  example?: unknown
  examples?: Record<string, { summary?: string; value?: unknown }>
}

export interface JsonSchema {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  default?: unknown
  not?: object
  format?: string
  pattern?: string
  description?: string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  oneOf?: JsonSchema[]
  anyOf?: JsonSchema[]
  allOf?: JsonSchema[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: JsonSchema | boolean
  items?: JsonSchema
  prefixItems?: JsonSchema[]
}
