import { isDeepStrictEqual } from 'node:util'

/**
 * The paths at which two JSON values differ, e.g. `video.width`, in the order of the first one's fields. A list differs as a
 * whole.
 */
export const differences = (one: unknown, other: unknown, path: string[] = []): string[] => {
  if (isDeepStrictEqual(one, other)) return []
  if (!isObject(one) || !isObject(other)) return [path.join('.')]
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...names].flatMap((name) => differences(fieldOf(one, name), fieldOf(other, name), [...path, name]))
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Not what an object inherits. */
const fieldOf = (object: Record<string, unknown>, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined
