import { html } from 'hono/html'
import type { JsonSchema } from './described.ts'
import { type Html, inline, joined, slug } from './text.ts'

interface Field {
  name: string
  schema: JsonSchema
  required: boolean
}

const PLURALS: Readonly<Record<string, string>> = { string: 'text', null: 'null' }

/** What values a schema allows, in words; named schemas are links. */
export const typeView = (schema: JsonSchema): Html => {
  const { $ref, type, not, format, pattern } = schema
  if ($ref !== undefined) return schemaLink($ref)
  if (not !== undefined) return html`not allowed`
  const literals = schema.const === undefined ? schema.enum : [schema.const]
  if (literals)
    return html`${joined(
      literals.map((value) => code(value)),
      ', ',
    )}`
  const members = schema.oneOf ?? schema.anyOf
  if (members) return html`${joined(members.map(typeView), ' or ')}`
  if (schema.allOf) return html`${joined(schema.allOf.map(typeView), ' and ')}`
  if (Array.isArray(type))
    return html`${joined(
      type.map((each) => typeView({ ...schema, type: each })),
      ' or ',
    )}`
  if (type === 'array') return arrayView(schema)
  if (type === 'object') return objectView(schema)
  if (type === undefined) return html`any value`
  if (type === 'null') return html`null`
  const name = format === 'date-time' ? 'time' : (PLURALS[type] ?? type)
  return html`${name}${rangeOf(schema)}${pattern === undefined ? '' : html`, ${code(pattern, String)}`}`
}

/** The fields of an object, those of objects within it with dotted names; nothing if it is none. */
export const fieldsView = (schema: JsonSchema, caption: string): Html => {
  const fields = fieldsOf(schema)
  if (fields.length === 0) return html`<p>${typeView(schema)}</p>`
  return html`<table>
    <caption>${caption}</caption>
    <thead><tr><th scope="col">Field</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead>
    <tbody>${fields.map(
      ({ name, required, schema: field }) => html`
        <tr>
          <th scope="row"><code>${name}</code></th>
          <td>${typeView(field)}${noteOf(field, required)}</td>
          <td>${inline(field.description)}</td>
        </tr>`,
    )}</tbody>
  </table>`
}

/** Whether it may be left out, and what holds then. */
export const noteOf = ({ default: value }: JsonSchema, required: boolean): Html => {
  if (required) return html``
  return value === undefined ? html`; optional` : html`; default ${code(value)}`
}

const fieldsOf = (schema: JsonSchema, prefix = ''): Field[] =>
  Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const name = `${prefix}${key}`
    const required = schema.required?.includes(key) ?? false
    const nested = fieldsOf(field, `${name}.`)
    return nested.length > 0 && field.type === 'object' ? nested : [{ name, schema: field, required }]
  })

const schemaLink = ($ref: string): Html => {
  const name = $ref.split('/').at(-1) ?? ''
  return html`<a href="#schema-${slug(name)}">${name}</a>`
}

const arrayView = ({ items = {}, prefixItems, ...schema }: JsonSchema): Html =>
  prefixItems
    ? html`list of ${joined(prefixItems.map(typeView), ', ')}`
    : html`list${rangeOf({ minimum: schema.minItems, maximum: schema.maxItems })} of ${typeView(items)}`

const objectView = (schema: JsonSchema): Html => {
  const fields = fieldsOf(schema)
  if (fields.length > 0) {
    return html`object with ${joined(
      fields.map(({ name, schema: field }) => html`<code>${name}</code> (${typeView(field)})`),
      ', ',
    )}`
  }
  const { additionalProperties: values } = schema
  return typeof values === 'object' && Object.keys(values).length > 0
    ? html`object of ${typeView(values)}`
    : html`object`
}

const rangeOf = (schema: JsonSchema): string => {
  const { minLength, maxLength, exclusiveMinimum, minimum = minLength, maximum = maxLength } = schema
  const unit = minLength === undefined && maxLength === undefined ? '' : ' characters'
  if (exclusiveMinimum !== undefined)
    return `, above ${exclusiveMinimum}${maximum === undefined ? '' : ` to ${maximum}`}`
  if (minimum !== undefined && maximum !== undefined) return `, ${minimum} to ${maximum}${unit}`
  if (minimum !== undefined) return `, at least ${minimum}${unit}`
  return maximum === undefined ? '' : `, at most ${maximum}${unit}`
}

const code = (value: unknown, write: (value: unknown) => string = JSON.stringify): Html =>
  html`<code>${write(value)}</code>`
