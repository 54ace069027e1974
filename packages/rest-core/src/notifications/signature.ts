import { createHmac, timingSafeEqual } from 'node:crypto'

/** Request headers as `fetch` or as Node's `http` has them. */
export type NotificationHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>

export interface SignatureCheck {
  /** The body exactly as it came over the wire. Parsing and printing it again breaks the signature. */
  body: Uint8Array | string
  /** The request's headers; or give the two signatures themselves. */
  headers?: NotificationHeaders
  /** `Agora-Signature`: hex HMAC-SHA1. Only looked at when there is no V2. */
  v1?: string
  /** `Agora-Signature-V2`: hex HMAC-SHA256. */
  v2?: string
  /** The project's secrets, any of which may have signed (key rotation). Empty ones never match. */
  secrets: readonly string[]
}

/** The two headers that Agora sends with a notification. */
export type SignatureHeaders = Record<'Agora-Signature' | 'Agora-Signature-V2', string>

/**
 * Whether one of the secrets signed this notification (Agora, message notification service, signature
 * verification). The comparison takes the same time wherever the digests differ. With a V2 header
 * only that one counts, so nobody can fall back to SHA-1 by adding a header.
 */
export const verifySignature = ({ body, headers, v1, v2, secrets }: SignatureCheck): boolean => {
  const sha256 = v2 ?? headerOf(headers, 'Agora-Signature-V2')
  const sha1 = v1 ?? headerOf(headers, 'Agora-Signature')
  const given = sha256 ?? sha1
  if (given === undefined) return false
  const algorithm = sha256 === undefined ? 'sha1' : 'sha256'
  const usable = secrets.filter((secret) => secret !== '')
  // Every secret is tried, so the time does not tell which one matched.
  return usable.map((secret) => sameHex(hmac(algorithm, body, secret), given)).includes(true)
}

/** Signs a body as Agora does: for emulators and tests. */
export const signNotification = (body: Uint8Array | string, secret: string): SignatureHeaders => ({
  'Agora-Signature': hmac('sha1', body, secret).toString('hex'),
  'Agora-Signature-V2': hmac('sha256', body, secret).toString('hex'),
})

const hmac = (algorithm: 'sha1' | 'sha256', body: Uint8Array | string, secret: string): Buffer =>
  createHmac(algorithm, secret).update(body).digest()

const sameHex = (digest: Buffer, given: string): boolean => {
  const bytes = Buffer.from(given, 'hex')
  // Buffer.from stops at the first character that is not hex, and ignores an odd last one.
  return (
    given.length === digest.length * 2 && bytes.length === digest.length && timingSafeEqual(digest, bytes)
  )
}

const headerOf = (headers: NotificationHeaders | undefined, name: string): string | undefined => {
  if (headers === undefined) return undefined
  if (headers instanceof Headers) return headers.get(name) ?? undefined
  const wanted = name.toLowerCase()
  const values = Object.entries(headers)
    .filter(([key]) => key.toLowerCase() === wanted)
    .flatMap(([, value]) => value ?? [])
  // Two different signatures are not a signature: joined, they have no digest's length.
  return values.length === 0 ? undefined : values.join(', ')
}
