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

/** A text that must not appear in an error; with `word`, one that is also an ordinary word. */
export type Secret = string | { readonly word: string }

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

/** Headers whose values are no secrets, but may be in any text about HTTP. */
const PUBLIC_HEADERS: ReadonlySet<string> = new Set(['accept', 'user-agent'])

/**
 * The values of extra headers and their parts: the token of `Bearer <token>` is a secret without its scheme. One without
 * a digit is probably a name.
 */
export const secretsOfHeaders = (headers: Readonly<Record<string, string>>): Secret[] =>
  Object.entries(headers)
    .filter(([name]) => !PUBLIC_HEADERS.has(name.toLowerCase()))
    .flatMap(([, value]) => [value, ...value.split(/\s+/)])
    .filter(({ length }) => length >= MIN_LENGTH_INSIDE_WORDS)
    .map((value) => (/\d/.test(value) ? value : { word: value }))

/** Replaces every secret in the text, the longest first, so that no part of one remains. */
export const redact = (text: string, secrets: readonly Secret[]): string =>
  secrets
    .filter((secret) => textOf(secret).length >= MIN_SECRET_LENGTH)
    .toSorted((a, b) => textOf(b).length - textOf(a).length)
    .reduce<string>((clean, secret) => clean.replaceAll(patternOf(secret), '***'), text)

const textOf = (secret: Secret): string => (typeof secret === 'string' ? secret : secret.word)

const patternOf = (secret: Secret): string | RegExp => {
  if (typeof secret === 'string' && secret.length >= MIN_LENGTH_INSIDE_WORDS) return secret
  const escaped = textOf(secret).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  return new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, 'gu')
}

/** Returns what `fetch` threw if it contains no secret, else a copy of its message without them. */
export const withoutSecrets = (cause: unknown, secrets: readonly Secret[]): unknown => {
  const text = inspect(cause, { depth: 10 })
  if (redact(text, secrets) === text) return cause
  const copy = new Error(redact(cause instanceof Error ? cause.message : String(cause), secrets))
  copy.stack = `${copy.name}: ${copy.message}`
  return copy
}
