import { type Expectation, KINDS, MAX_CHECK_LENGTH } from '@stillrolling/probe/types'
import { z } from 'zod'

const words = z.string().min(1).max(MAX_CHECK_LENGTH)
/** Far more than a recording ever waits for a page. */
const seconds = z.number().positive().max(3600)
const number = z.int().min(0).max(10_000)

/** An expectation of a recorded page. Unknown fields are refused, because a misspelt one would be ignored silently. */
const expectationSchema: z.ZodType<Expectation> = z
  .strictObject({
    element: words,
    image: words,
    media: words,
    text: words,
    font: words,
    test: words.regex(/^[\w$]+(\.[\w$]+)*$/, { error: 'must be a dotted path, like app.isReady' }),
    ready: z.literal(true),
    name: words,
    timeout: seconds,
    optional: z.boolean(),
    route: words.regex(/^[/#*]/, { error: 'must be a path or a hash: it begins with /, # or *' }),
    count: z.union([number, z.tuple([number, number])]),
    inView: z.number().min(0).max(1),
    stable: z.boolean(),
    uncovered: z.boolean(),
    in: words,
    static: z.boolean(),
    hidden: z.boolean(),
    sound: z.boolean(),
    stall: seconds,
  })
  .partial()
  .refine((expectation) => KINDS.filter((kind) => expectation[kind] !== undefined).length === 1, {
    error: `must have exactly one of ${KINDS.join(', ')}`,
  })
  .meta({ id: 'Expectation' })

/** Expectations of a page, at most 50; a plain string is a selector. */
export const expectationsSchema: z.ZodType<(string | Expectation)[]> = z
  .array(z.union([words, expectationSchema], { error: 'must be a selector or an expectation' }))
  .max(50)
