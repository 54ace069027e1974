import { createHmac, timingSafeEqual } from 'node:crypto'

/** Request headers as `fetch` or as Node's `http` has them. */
export type NotificationHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>

export interface SignatureCheck {
  /** The raw body. Parsing and serialising it again breaks the signature. */
  body: Uint8Array | string
  /** The request's headers. Not needed if `v1` or `v2` is given. */
  headers?: NotificationHeaders
  /** `Agora-Signature`: hex HMAC-SHA1. Ignored if there is a V2. */
  v1?: string
  /** `Agora-Signature-V2`: hex HMAC-SHA256. */
  v2?: string
  /** The project's secrets; a signature with any of them is valid (key rotation). Empty ones never match. */
  secrets: readonly string[]
}

/** The two headers that Agora sends with a notification. */
export type SignatureHeaders = Record<'Agora-Signature' | 'Agora-Signature-V2', string>

/**
 * Whether this notification was signed with one of the secrets. The comparison takes constant time. If there is a V2
 * header, V1 is ignored, so that an attacker cannot downgrade to SHA-1 by adding a header.
 *
 * @see https://docs.agora.io/en/broadcast-streaming/reference/signature-verification the same for all Agora products
 * @example
 * const body = '{"noticeId":"n1"}'
 * const headers = signNotification(body, 'old secret')
 * verifySignature({ body, headers, secrets: ['new secret', 'old secret'] }) // => true
 */
export const verifySignature = ({ body, headers, v1, v2, secrets }: SignatureCheck): boolean => {
  const sha256 = v2 ?? headerOf(headers, 'Agora-Signature-V2')
  const sha1 = v1 ?? headerOf(headers, 'Agora-Signature')
  const given = sha256 ?? sha1
  if (given === undefined) return false
  const algorithm = sha256 === undefined ? 'sha1' : 'sha256'
  const usable = secrets.filter((secret) => secret !== '')
  // No early exit: the duration must not reveal which secret matched.
  return usable.map((secret) => sameHex(hmac(algorithm, body, secret), given)).includes(true)
}

/**
 * Signs a body as Agora does, for emulators and tests.
 *
 * @example
 * const headers = signNotification('{"noticeId":"n1"}', 'secret')
 * headers['Agora-Signature'].length // => 40
 */
export const signNotification = (body: Uint8Array | string, secret: string): SignatureHeaders => ({
  'Agora-Signature': hmac('sha1', body, secret).toString('hex'),
  'Agora-Signature-V2': hmac('sha256', body, secret).toString('hex'),
})

const hmac = (algorithm: 'sha1' | 'sha256', body: Uint8Array | string, secret: string): Buffer =>
  createHmac(algorithm, secret).update(body).digest()

const sameHex = (digest: Buffer, given: string): boolean => {
  const bytes = Buffer.from(given, 'hex')
  // Buffer.from stops at the first character that is not hex, and ignores an odd last one; hence both lengths.
  return (
    given.length === digest.length * 2 && bytes.length === digest.length && timingSafeEqual(digest, bytes)
  )
}

const headerOf = (headers: NotificationHeaders | undefined, name: string): string | undefined => {
  if (headers === undefined) return undefined
  if (headers instanceof Headers) return headers.get(name) ?? undefined
  const lowerCaseName = name.toLowerCase()
  const values = Object.entries(headers)
    .filter(([key]) => key.toLowerCase() === lowerCaseName)
    .flatMap(([, value]) => value ?? [])
  // Repeated headers are joined, which gives no valid digest.
  return values.length === 0 ? undefined : values.join(', ')
}
