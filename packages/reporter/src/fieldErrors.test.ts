import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { fieldErrors, listFieldErrors } from './fieldErrors.ts'

const schema = z
  .strictObject({
    url: z.url({ error: 'must be a URL' }),
    hours: z.int().min(1).max(720),
    share: z.number().positive().lt(1),
    text: z.string().min(1).max(5),
    area: z.enum(['CN', 'EU']),
    ready: z.literal(true),
    list: z.array(z.string()).max(2),
    some: z.array(z.string()).min(1),
    map: z.record(z.string(), z.string()),
    checks: z.array(z.union([z.string().min(1), z.strictObject({ count: z.int() })])),
  })
  .partial()

describe('a wrong field is explained by what it must be', () => {
  test.each([
    [{ url: 'x' }, 'url must be a URL'],
    [{ url: 7 }, 'url must be a URL'],
    [{ some: [] }, 'some must have at least 1 item'],
    [{ hours: 0 }, 'hours must be at least 1'],
    [{ hours: 721 }, 'hours must be at most 720'],
    [{ hours: 1.5 }, 'hours must be a whole number'],
    [{ share: 0 }, 'share must be more than 0'],
    [{ share: 1 }, 'share must be less than 1'],
    [{ text: '' }, 'text must not be empty'],
    [{ text: 'abcdef' }, 'text must have at most 5 characters'],
    [{ text: 7 }, 'text must be a string'],
    [{ area: 'eu' }, 'area must be one of CN, EU'],
    [{ ready: false }, 'ready must be true'],
    [{ list: ['a', 'b', 'c'] }, 'list must have at most 2 items'],
    [{ list: 'a' }, 'list must be a list'],
    [{ map: [] }, 'map must be an object'],
    [
      { checks: [{ count: '1' }, { count: 1, cuont: 2 }] },
      'checks.0.count must be a number; checks.1.cuont is not a known field',
    ],
    [{ checks: [{}] }, 'checks.0.count is required'],
    [{ colour: 'red' }, 'colour is not a known field'],
    [[], 'body must be an object'],
  ])('%j: %s', (value, message) => {
    const { error } = schema.safeParse(value)
    expect(listFieldErrors(error ? fieldErrors(error) : [])).toBe(message)
  })
})
