import { z } from 'zod'

/** An integer from `min` to `max`. */
export const integerIn = ({ min, max }: { readonly min: number; readonly max: number }): z.ZodInt =>
  z.int().min(min).max(max)

/**
 * For a rule across fields: it is judged even when single fields are wrong, so that all mistakes are said at
 * once. Such a rule sees values that no schema has passed yet and must be wary of each.
 */
export const alwaysChecked: { when: (payload: { value: unknown }) => boolean } = {
  when: ({ value }) => typeof value === 'object' && value !== null,
}

/**
 * A schema that is chosen by the value itself, where the wire has no field that a discriminated union could
 * look at. Every issue of the chosen schema keeps its path, which a plain union would lose.
 */
export const schemaChosenBy = <Value>(choose: (value: unknown) => z.ZodType<Value>): z.ZodType<Value> =>
  z.custom<Value>().check(({ value, issues }) => {
    const { error } = choose(value).safeParse(value)
    for (const issue of error?.issues ?? []) issues.push({ ...issue, input: undefined })
  })

/** The value's field, whatever the value is. */
export const fieldOf = (value: unknown, field: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[field] : undefined
