import { z } from 'zod'

/** Parsers for the values of environment variables. Their messages continue a sentence that begins with the name. */

export const text: z.ZodType<string, string> = z
  .string()
  .min(1)
  .regex(/^\P{Cc}*$/u, { error: 'must not contain a line break or another control character' })

export const CREDENTIAL_ERROR = 'must consist of ASCII letters, digits and punctuation, without white space'

/** Whether the text can be an id or a key: white space or an invisible character inside is a mistake of copying. */
export const isCredential = (value: string): boolean => /^[\x21-\x7e]+$/.test(value)

export const credential: z.ZodType<string, string> = z
  .string()
  .refine(isCredential, { error: CREDENTIAL_ERROR })

/** Whether the text can be an App ID, or an App Certificate. */
export const isHexId = (value: string): boolean => /^[0-9a-f]{32}$/i.test(value)

/** Whether the text is a secret of Standard Webhooks. */
export const isSigningSecret = (value: string): boolean => {
  const [, key] = /^whsec_((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/.exec(value) ?? []
  const { length } = Buffer.from(key ?? '', 'base64')
  return length >= 24 && length <= 64
}

/** A secret of Standard Webhooks. @see https://www.standardwebhooks.com */
export const signingSecret: z.ZodType<string, string> = z.string().refine(isSigningSecret, {
  error: 'must be "whsec_" and the base64 of 24 to 64 bytes',
})

/** Values that are separated by commas or line breaks, as a file with one value a line has them. */
export const list: z.ZodType<string[], string> = z
  .string()
  .transform((value) =>
    value
      .split(/[,\r\n]/)
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  )
  .refine((items) => items.length > 0, {
    error: 'must have at least one value; separate several by commas or line breaks',
  })

interface Range {
  min: number
  max: number
  whole?: boolean
  /** Whether `min` itself is refused. */
  aboveMin?: boolean
}

/** Digits only: anything else that JavaScript reads as a number (`0x50`, `1e4`) is a mistake here. */
export const numberIn = ({ min, max, whole = false, aboveMin = false }: Range): z.ZodType<number, string> => {
  const kind = whole ? 'a whole number' : 'a number'
  const error = aboveMin
    ? `must be ${kind} above ${min}, up to ${max}`
    : `must be ${kind} from ${min} to ${max}`
  const isInRange = (value: number): boolean =>
    value <= max && (aboveMin ? value > min : value >= min) && (!whole || Number.isInteger(value))
  return z
    .string()
    .regex(/^\d+(\.\d+)?$/, { error, abort: true })
    .transform(Number)
    .refine(isInRange, { error })
}

/** JSON in a variable. The parser's own message would quote a secret, so only its position is kept. */
export const json: z.ZodType<unknown, string> = z.string().transform((value, context): unknown => {
  try {
    return JSON.parse(value)
  } catch (error) {
    context.addIssue({ code: 'custom', message: `must be valid JSON${whereOf(String(error))}` })
    return z.NEVER
  }
})

const whereOf = (message: string): string => {
  const [, line, column] = /\(line (\d+) column (\d+)\)/.exec(message) ?? []
  if (line !== undefined) return `; the first mistake is in line ${line}, column ${column}`
  return /end of JSON/.test(message) ? '; its end is missing' : ''
}

const httpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL, like https://reporter.example.com' })
  .regex(/^[^\s\p{C}]*$/u, { error: 'must not contain white space' })
  .transform((url) => url.replace(/\/+$/, ''))

export const baseUrl: z.ZodType<string, string> = httpUrl.refine(
  (url) => !URL.canParse(url) || isBare(new URL(url)),
  {
    error: 'must have neither credentials nor a query',
  },
)

const isBare = ({ username, password, search, hash }: URL): boolean =>
  username + password + search + hash === ''

export const proxyUrl: z.ZodType<string, string> = z.url({
  protocol: /^https?$/,
  error: 'must be an http or https URL, like http://proxy.example.com:3128',
})
