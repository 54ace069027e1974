import type { z } from 'zod'

/** One wrong field of something that came from outside. `message` continues a sentence that begins with the path. */
export interface FieldError {
  /** Names and indexes joined by dots, e.g. `expect.3.count`; empty for the whole value. */
  path: string
  message: string
}

/**
 * Every wrong field that a schema found. Contains no value, which might be secret.
 * @param noun what the fields are called
 */
export const fieldErrors = (
  error: Pick<z.ZodError, 'issues'>,
  noun: 'field' | 'parameter' = 'field',
): FieldError[] => error.issues.flatMap((issue) => explain(issue, noun))

const explain = (issue: z.core.$ZodIssue, noun: string): FieldError[] => {
  const under = (path: PropertyKey[]): string => [...issue.path, ...path].join('.')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: under([key]), message: `is not a known ${noun}` }))
  }
  // Of a union, only the member whose type is right explains the mistake.
  const intended =
    issue.code === 'invalid_union' ? issue.errors.find((member) => !isOfAnotherType(member)) : undefined
  if (!intended) return [{ path: under([]), message: messageOf(issue) }]
  return intended
    .flatMap((each) => explain(each, noun))
    .map(({ path, message }) => ({ path: under(path ? [path] : []), message }))
}

const isOfAnotherType = (issues: z.core.$ZodIssue[]): boolean =>
  issues.some(({ code, path }) => code === 'invalid_type' && path.length === 0)

/** What the field must be: the schema's own text, or one in place of zod's, which does not follow a path as a sentence. */
const messageOf = (issue: z.core.$ZodIssue): string => {
  const isOfZod = /^(Invalid |Too (small|big))/.test(issue.message)
  if (!isOfZod) return issue.message
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? 'is required'
        : `must be ${typeName(issue.expected)}`
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`
    case 'too_small':
      if (issue.origin === 'string' && issue.minimum === 1) return 'must not be empty'
      return limit(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)
    case 'too_big':
      return limit(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)
    case 'invalid_format':
      return `must be a valid ${issue.format === 'regex' ? 'text' : issue.format}`
    case 'invalid_key':
      return `is a name that ${issue.issues.map(messageOf).join(' and ')}`
    default:
      return 'is not valid'
  }
}

const TYPES: Record<string, string> = { int: 'a whole number', record: 'an object', array: 'a list' }

const typeName = (expected: string): string =>
  TYPES[expected] ?? `${/^[aeiou]/.test(expected) ? 'an' : 'a'} ${expected}`

const UNITS: Record<string, string> = { string: 'character', array: 'item', record: 'field' }

const limit = (origin: string, comparison: string, bound: number | bigint): string => {
  const unit = UNITS[origin]
  if (unit === undefined) return `must be ${comparison} ${bound}`
  return `must have ${comparison} ${bound} ${unit}${Number(bound) === 1 ? '' : 's'}`
}

/** "url must be an http or https URL; colour is not a known field" */
export const listFieldErrors = (errors: FieldError[]): string =>
  errors.map(({ path, message }) => `${path || 'body'} ${message}`).join('; ')
