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

// Tokens travel in the recorded page's query, signatures in that of an image.
const ADDRESS_FIELDS: ReadonlySet<string> = new Set([
  'url',
  'backgroundImage',
  'defaultUserBackgroundImage',
  'image_url',
])

/** Every value of a request that must not come back in an error: keys, stream URLs, the query of other URLs. */
export const secretsOf = (request: unknown): string[] => {
  if (typeof request !== 'object' || request === null) return []
  return Object.entries(request).flatMap(([field, value]) => {
    if (typeof value !== 'string') return secretsOf(value)
    if (SECRET_FIELDS.has(field)) return [value]
    return ADDRESS_FIELDS.has(field) && value.includes('?') ? [value.slice(value.indexOf('?') + 1)] : []
  })
}

/** The text with every secret in it replaced, longest first, so that none is left in halves. */
export const redact = (text: string, secrets: readonly string[]): string =>
  secrets
    .filter((secret) => secret !== '')
    .toSorted((a, b) => b.length - a.length)
    .reduce((clean, secret) => clean.replaceAll(secret, '***'), text)

/** What `fetch` threw, as it is if it says no secret, else a copy of its name and words without them. */
export const harmless = (cause: unknown, secrets: readonly string[]): unknown => {
  const text = inspect(cause, { depth: 10 })
  if (redact(text, secrets) === text) return cause
  const copy = new Error(redact(cause instanceof Error ? cause.message : String(cause), secrets))
  copy.stack = `${copy.name}: ${copy.message}`
  return copy
}
