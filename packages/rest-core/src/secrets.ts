import { inspect } from 'node:util'

const SECRET_FIELDS: ReadonlySet<string> = new Set([
  'accessKey',
  'secretKey',
  'stsToken',
  'rtmpUrl',
  'token',
  'secret',
  'salt',
])

// The recorded page's query contains a token, that of an image may contain a signature.
const ADDRESS_FIELDS: ReadonlySet<string> = new Set([
  'url',
  'backgroundImage',
  'defaultUserBackgroundImage',
  'image_url',
])

/** Every value of a request that must not appear in an error: keys, stream URLs, the query of other URLs. */
export const secretsOf = (request: unknown): string[] => {
  if (typeof request !== 'object' || request === null) return []
  return Object.entries(request).flatMap(([field, value]) => {
    if (typeof value !== 'string') return secretsOf(value)
    if (SECRET_FIELDS.has(field)) return [value]
    return ADDRESS_FIELDS.has(field) && value.includes('?') ? [value.slice(value.indexOf('?') + 1)] : []
  })
}

/** Shorter ones protect nothing, and masking them would garble every text. */
const MIN_SECRET_LENGTH = 3
/** Shorter ones are parts of common words: they are masked only where they stand alone. */
const MIN_LENGTH_INSIDE_WORDS = 8

/** Replaces every secret in the text, the longest first, so that no part of one remains. */
export const redact = (text: string, secrets: readonly string[]): string =>
  secrets
    .filter(({ length }) => length >= MIN_SECRET_LENGTH)
    .toSorted((a, b) => b.length - a.length)
    .reduce((clean, secret) => clean.replaceAll(patternOf(secret), '***'), text)

const patternOf = (secret: string): string | RegExp =>
  secret.length >= MIN_LENGTH_INSIDE_WORDS
    ? secret
    : new RegExp(
        `(?<![\\p{L}\\p{N}])${secret.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}(?![\\p{L}\\p{N}])`,
        'gu',
      )

/** Returns what `fetch` threw if it contains no secret, else a copy of its message without them. */
export const withoutSecrets = (cause: unknown, secrets: readonly string[]): unknown => {
  const text = inspect(cause, { depth: 10 })
  if (redact(text, secrets) === text) return cause
  const copy = new Error(redact(cause instanceof Error ? cause.message : String(cause), secrets))
  copy.stack = `${copy.name}: ${copy.message}`
  return copy
}
