import type { z } from 'zod'
import { issuesOf } from '../issues.ts'

/** A copy of the value with one field set; `undefined` removes it. */
export const set = (value: unknown, path: string, to: unknown): unknown => {
  const [field = '', ...rest] = path.split('.')
  if (path === '') return to
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) }
  const children = copy as Record<string, unknown>
  if (to === undefined && rest.length === 0) delete children[field]
  else children[field] = set(children[field], rest.join('.'), to)
  return copy
}

/** The paths of the invalid fields. */
export const wrongPaths = (schema: z.ZodType, value: unknown): string[] => {
  const { error } = schema.safeParse(value)
  return error === undefined ? [] : issuesOf(error).map(({ path }) => path)
}
