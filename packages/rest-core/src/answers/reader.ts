import { z } from 'zod'

/** What Agora sent beyond the documented fields. */
export interface Extra {
  /**
   * Fields that this package does not know, and known ones whose value is of another type than documented, as they came.
   * Of a list it has the entries that could not be read. Absent if there are none.
   */
  readonly extra?: Readonly<Record<string, unknown>>
}

/** What was read from a raw value. */
export interface Reading<Value> {
  /** Absent if the raw value is absent or of another type. */
  readonly value?: Value
  /** What of the raw value is not as documented; it goes to `extra`. */
  readonly odd?: unknown
  /** The dotted path of a required field that is missing; empty for the value itself. */
  readonly missing?: string
}

/** Reads a raw value; undefined means that it is absent. Never throws, and drops nothing. */
export type Reader<Value> = (raw: unknown) => Reading<Value>

/** A reader of a field that has other names on the wire. The first name with a readable value counts. */
interface WireField<Value> {
  wire: readonly string[]
  read: Reader<Value>
}

type FieldsOf<Value extends Extra> = {
  readonly [Name in Exclude<keyof Value, 'extra'>]-?:
    | Reader<NonNullable<Value[Name]>>
    | WireField<NonNullable<Value[Name]>>
}

const ABSENT: Reading<never> = {}

/** A reader of values that need no conversion. */
const when =
  <Value>(is: (raw: unknown) => raw is Value): Reader<Value> =>
  (raw) => {
    if (raw === undefined) return ABSENT
    return is(raw) ? { value: raw } : { odd: raw }
  }

export const text: Reader<string> = when((raw) => typeof raw === 'string')
export const flag: Reader<boolean> = when((raw) => typeof raw === 'boolean')

/** A number; some payloads have it as a decimal string. */
export const number: Reader<number> = (raw) => {
  if (raw === undefined) return ABSENT
  if (typeof raw === 'number') return { value: raw }
  return typeof raw === 'string' && /^\s*-?\d+\s*$/.test(raw) ? { value: Number(raw) } : { odd: raw }
}

/** A string; some payloads have it as a number (uids). */
export const textual: Reader<string> = (raw) => (typeof raw === 'number' ? { value: String(raw) } : text(raw))

/** A string that identifies something, so the empty one counts as absent. */
export const id: Reader<string> = (raw) => {
  const reading = textual(raw)
  return reading.value === '' ? { odd: raw } : reading
}

/** A list, by a reader of its entries. An absent one is empty. */
export const list =
  <Entry>(entry: Reader<Entry>): Reader<Entry[]> =>
  (raw) => {
    if (raw === undefined) return { value: [] }
    if (!Array.isArray(raw)) return { value: [], odd: raw }
    const entries = raw.map((each) => ({ each, reading: entry(each) }))
    const isReadable = ({ reading }: (typeof entries)[number]): boolean =>
      reading.value !== undefined && reading.missing === undefined
    const odd = entries.filter((each) => !isReadable(each)).map(({ each }) => each)
    const value = entries.flatMap((each) => (isReadable(each) ? (each.reading.value ?? []) : [])) as Entry[]
    return odd.length === 0 ? { value } : { value, odd }
  }

/** Without the value that `read` gives an absent field. */
export const optional =
  <Value>(read: Reader<Value>): Reader<Value> =>
  (raw) =>
    raw === undefined ? ABSENT : read(raw)

/**
 * An object, by the readers of its fields. Everything else is kept in `extra`.
 *
 * @param required the fields without which the object cannot be used
 */
export const object = <Value extends Extra>(
  fields: FieldsOf<Value>,
  required: readonly Exclude<keyof Value, 'extra'>[] = [],
): Reader<Value> => {
  const readers = Object.entries(fields as Record<string, Reader<unknown> | WireField<unknown>>).map(
    ([name, field]) =>
      typeof field === 'function' ? { name, wire: [name], read: field } : { name, ...field },
  )
  const known = new Set(readers.flatMap(({ wire }) => wire))
  const needed = new Set<PropertyKey>(required)
  return (raw) => {
    if (!isObject(raw)) return { odd: raw, missing: '' }
    const value: [string, unknown][] = []
    const extra: [string, unknown][] = []
    let missing: string | undefined
    for (const { name, wire, read } of readers) {
      const reading = readFirst(raw, wire, read, extra)
      if (reading.value !== undefined) value.push([name, reading.value])
      if (reading.missing !== undefined && reading.missing !== '') missing ??= `${name}.${reading.missing}`
      else if (reading.value === undefined && needed.has(name)) missing ??= name
    }
    for (const field of Object.entries(raw)) if (!known.has(field[0])) extra.push(field)
    if (extra.length > 0) value.push(['extra', Object.fromEntries(extra)])
    // The readers are those of the value's fields, which TypeScript cannot infer. Entries, because a field may be
    // called `__proto__`.
    return { value: Object.fromEntries(value) as unknown as Value, missing }
  }
}

/** Reads a field under the first of its names that has a readable value; what the other names have is kept. */
const readFirst = (
  raw: Readonly<Record<string, unknown>>,
  wire: readonly string[],
  read: Reader<unknown>,
  extra: [string, unknown][],
): Reading<unknown> => {
  let first: Reading<unknown> = ABSENT
  for (const name of wire) {
    const given = Object.hasOwn(raw, name) ? raw[name] : undefined
    const reading: Reading<unknown> = first.value === undefined ? read(given) : { odd: given }
    if (first.value === undefined) first = reading
    if (reading.odd !== undefined) extra.push([name, reading.odd])
  }
  return first
}

/** An object that is never missing: without its fields, or with another value in its place, it is empty. */
export const objectOrEmpty = <Value extends Extra>(fields: FieldsOf<Value>): Reader<Value> => {
  const read = object<Value>(fields)
  return (raw) => (isObject(raw) ? read(raw) : { value: read({}).value, odd: raw })
}

export const isObject = (raw: unknown): raw is Readonly<Record<string, unknown>> =>
  typeof raw === 'object' && raw !== null && !Array.isArray(raw)

/** A reader as a schema, for values without which nothing can be done. */
export const schemaOf = <Value>(read: Reader<Value>): z.ZodType<Value> =>
  z.unknown().transform((raw, context) => {
    const { value, missing } = read(raw)
    if (value !== undefined && missing === undefined) return value
    const path = missing === undefined || missing === '' ? [] : missing.split('.')
    context.addIssue({ code: 'custom', message: 'is missing or of another type', path })
    return z.NEVER
  })
