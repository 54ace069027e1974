import { z } from 'zod'

/** Headers that the client sets itself. */
const RESERVED: ReadonlySet<string> = new Set([
  'authorization',
  'content-type',
  'content-length',
  'transfer-encoding',
  'host',
  'connection',
])

const isName = (name: string): boolean => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)

/** Extra headers: any but those that the client sets itself; values in one line. */
export const headersSchema: z.ZodType<Readonly<Record<string, string>>> = z
  .record(z.string(), z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, { error: 'must be one line of Latin-1' }))
  .superRefine((headers, context) => {
    for (const name of Object.keys(headers)) {
      if (!isName(name)) context.addIssue({ code: 'custom', path: [name], message: 'is no name of a header' })
      else if (RESERVED.has(name.toLowerCase()))
        context.addIssue({ code: 'custom', path: [name], message: 'is set by the client' })
    }
  })

/** Merges headers; a later one replaces an earlier one, whatever the case of its name. */
export const mergeHeaders = (...all: Readonly<Record<string, string>>[]): Record<string, string> =>
  Object.fromEntries(
    all.flatMap((headers) => Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  )
