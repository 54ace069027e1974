import type { z } from 'zod'

/** Each round removes what the round before has uncovered, for instance a field inside a removed alternative. */
const MAX_ROUNDS = 5

/**
 * Parses stored JSON, and leaves out what this version does not know: fields, values and list items that a newer version
 * wrote. A removed field has its default. Nothing is written back, so a request keeps them in its row; a policy loses
 * them with the next write of its recording.
 * @returns the error if what is left still cannot be read, for instance because a required field is missing
 */
export const parseLeniently = <T>(
  schema: z.ZodType<T, unknown>,
  stored: unknown,
): z.ZodSafeParseResult<T> => {
  let result = schema.safeParse(stored)
  if (result.success) return result
  const value: unknown = structuredClone(stored)
  for (let round = 0; round < MAX_ROUNDS && !result.success; round += 1) {
    // From the end, so that removing an item of a list moves no other that is still to be removed.
    const removed = result.error.issues.flatMap(unknownParts).toReversed().filter(removeFrom(value))
    if (removed.length === 0) return result
    result = schema.safeParse(value)
  }
  return result
}

type Issue = z.core.$ZodIssue
type Path = PropertyKey[]

const unknownParts = (issue: Issue): Path[] => {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => [...issue.path, key])
  if (issue.code !== 'invalid_union') return [issue.path]
  // An alternative that fits but for its unknown fields is kept without them.
  const fitting = issue.errors.find((issues) => issues.every(({ code }) => code === 'unrecognized_keys'))
  return fitting && fitting.length > 0
    ? fitting.flatMap(unknownParts).map((path) => [...issue.path, ...path])
    : [issue.path]
}

/** @returns whether there was something to remove */
const removeFrom =
  (root: unknown) =>
  (path: Path): boolean => {
    const last = path.at(-1)
    const parent = path.slice(0, -1).reduce<unknown>((at, key) => fieldsOf(at)?.[String(key)], root)
    const fields = fieldsOf(parent)
    if (last === undefined || !fields || !Object.hasOwn(fields, last)) return false
    if (Array.isArray(parent)) parent.splice(Number(last), 1)
    else delete fields[String(last)]
    return true
  }

const fieldsOf = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
