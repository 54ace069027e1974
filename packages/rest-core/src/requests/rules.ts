import { z } from 'zod'

/** An integer from `min` to `max`. */
export const integerIn = ({ min, max }: { readonly min: number; readonly max: number }): z.ZodInt =>
  z.int().min(min).max(max)

/** One of some integers. Its metadata name all of them: not every generator of OpenAPI knows literals of several values. */
export const integerOf = <const Value extends number>(
  values: readonly Value[],
  error: string,
): z.ZodLiteral<Value> => z.literal(values, { error }).meta({ type: 'integer', enum: [...values] })

/**
 * For a rule across fields: zod checks it even if single fields are invalid, so that one error names all mistakes. The
 * rule must not rely on any field's type, because it also gets values that failed the schema.
 */
export const alwaysChecked: { when: (payload: { value: unknown }) => boolean } = {
  when: ({ value }) => typeof value === 'object' && value !== null,
}

/**
 * Chooses a schema by the value, where the wire has no field for a discriminated union. Unlike a plain union it keeps
 * the path of every issue.
 */
export const schemaChosenBy = <Value>(choose: (value: unknown) => z.ZodType<Value>): z.ZodType<Value> =>
  z.custom<Value>().check(({ value, issues }) => {
    const { error } = choose(value).safeParse(value)
    for (const issue of error?.issues ?? []) issues.push({ ...issue, input: undefined })
  })

/** The value's field; undefined if the value is no object or has no such field. */
export const fieldOf = (value: unknown, field: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[field] : undefined
