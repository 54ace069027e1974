import type { z } from 'zod'

/** Where a field is in a request. */
export type FieldPath = readonly PropertyKey[]

/** The fields that a schema does not know; undefined if the request has other mistakes as well, or none of these. */
export const unknownFieldsOf = <Request>(
  schema: z.ZodType<Request>,
  request: unknown,
): FieldPath[] | undefined => {
  const paths = unknownIn(schema.safeParse(request).error)
  // Rules across fields are not checked beside unknown fields, so the rest is checked without them.
  return paths.length > 0 && schema.safeParse(without(request, paths)).success ? paths : undefined
}

const unknownIn = (error: z.ZodError | undefined): FieldPath[] =>
  (error?.issues ?? []).flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [],
  )

/** A copy without the fields at these paths. */
const without = (value: unknown, paths: readonly FieldPath[]): unknown => {
  if (Array.isArray(value)) return value.map((each, index) => without(each, below(paths, index)))
  if (typeof value !== 'object' || value === null) return value
  const removed = new Set(paths.flatMap((path) => (path.length === 1 ? path : [])))
  const rest = Object.entries(value).filter(([name]) => !removed.has(name))
  return Object.fromEntries(rest.map(([name, each]) => [name, without(each, below(paths, name))]))
}

const below = (paths: readonly FieldPath[], name: PropertyKey): FieldPath[] =>
  paths.flatMap((path) => (path.length > 1 && path[0] === name ? [path.slice(1)] : []))

/** Every text under these paths: it is not known which of them are secrets. */
export const textsAt = (value: unknown, paths: readonly FieldPath[]): string[] =>
  paths.flatMap((path) => textsIn(path.reduce<unknown>(child, value)))

const child = (value: unknown, name: PropertyKey): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[name] : undefined

const textsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}
