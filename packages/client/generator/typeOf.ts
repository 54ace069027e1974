import type { JsonSchema } from './openApi.ts'

const PRIMITIVES: Record<string, string> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  null: 'null',
}

/** The TypeScript type of a schema's values. */
export const typeOf = (schema: JsonSchema): string => {
  const { $ref, type, not, oneOf, anyOf, allOf } = schema
  if ($ref !== undefined) return nameOf($ref)
  if (not !== undefined && Object.keys(not).length === 0) return 'never'
  const literals = schema.const === undefined ? schema.enum : [schema.const]
  if (literals) return union(literals.map((value) => JSON.stringify(value).replaceAll('"', "'")))
  const members = oneOf ?? anyOf
  if (members) return union(members.map(typeOf))
  if (allOf) return allOf.map((each) => parenthesized(typeOf(each))).join(' & ')
  if (Array.isArray(type)) return union(type.map((each) => typeOf({ ...schema, type: each })))
  if (type === 'array') return arrayType(schema)
  if (type === 'object') return objectType(schema)
  return type === undefined ? 'unknown' : known(PRIMITIVES[type], `the type ${type}`)
}

/** The name that a reference to a component ends with. */
const nameOf = ($ref: string): string => known($ref.split('/').at(-1), $ref)

/** A doc comment with its line break; empty without a text. */
export const comment = (text: string | undefined, indent = ''): string => {
  if (!text) return ''
  const lines = text.replaceAll('*/', '* /').split('\n')
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`
}

/** The members of an object type, each with its description. */
export const fieldsOf = ({ properties = {}, required = [] }: JsonSchema, indent = '  '): string =>
  Object.entries(properties)
    .map(([name, field]) => {
      const mark = required.includes(name) ? '' : '?'
      return `${comment(field.description, indent)}${indent}${keyOf(name)}${mark}: ${typeOf(field)}\n`
    })
    .join('')

export const keyOf = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : `'${name}'`)

const objectType = (schema: JsonSchema): string => {
  const { properties = {}, additionalProperties } = schema
  if (Object.keys(properties).length > 0) {
    const required = schema.required ?? []
    const fields = Object.entries(properties).map(
      ([name, field]) => `${keyOf(name)}${required.includes(name) ? '' : '?'}: ${typeOf(field)}`,
    )
    return `{ ${fields.join('; ')} }`
  }
  const values = typeof additionalProperties === 'object' ? typeOf(additionalProperties) : 'unknown'
  return `Record<string, ${values}>`
}

const arrayType = ({ items, prefixItems }: JsonSchema): string =>
  prefixItems ? `[${prefixItems.map(typeOf).join(', ')}]` : `${parenthesized(typeOf(items ?? {}))}[]`

const union = (types: string[]): string => [...new Set(types)].join(' | ')

const parenthesized = (type: string): string => (/ [|&] /.test(type) ? `(${type})` : type)

const known = <Value>(value: Value | undefined, what: string): Value => {
  if (value === undefined) throw new Error(`The generator does not know ${what}`)
  return value
}
