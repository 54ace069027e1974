import type { DeliveryBodies } from './generated/schemas.ts'
import { DELIVERY_TYPES } from './generated/tables.ts'

/** The body of a delivery, by its `type`. */
export type KnownDelivery = DeliveryBodies[keyof DeliveryBodies]

/** Of a type that this version does not know. */
export interface UnknownDelivery {
  type: 'unknown'
  id: string
  /** As it was sent. */
  body: Record<string, unknown>
}

export type ReceivedDelivery = KnownDelivery | UnknownDelivery

/** A request of which a server has read the body: its bytes, or its text exactly as it came. */
export interface ReceivedRequest {
  headers: Headers | Readonly<Record<string, string | string[] | undefined>>
  body: string | Uint8Array
}

export interface ReceiveOptions {
  /** Seconds between the clocks of the reporter and this machine. @default 300 */
  tolerance?: number
  /** Milliseconds since the epoch. @default Date.now */
  now?: () => number
}

/** Why a request is no delivery. */
export type ReceiveErrorCode =
  | 'headers_missing'
  | 'timestamp_not_tolerated'
  | 'signature_wrong'
  | 'body_too_large'
  | 'body_malformed'

/**
 * A request that is not to be trusted, or is no delivery.
 * @example
 * const error = new ReceiveError('signature_wrong', 'No secret has made a signature of the request.')
 * error.status // => 401
 */
export class ReceiveError extends Error {
  override readonly name = 'ReceiveError'
  readonly code: ReceiveErrorCode
  /** To be answered. */
  readonly status: 400 | 401 | 413

  constructor(code: ReceiveErrorCode, message: string) {
    super(message)
    this.code = code
    this.status = code === 'body_malformed' ? 400 : code === 'body_too_large' ? 413 : 401
  }
}

const TOLERANCE = 300
/** A body is smaller than 20 kB. */
const MAX_BODY_BYTES = 64 * 1024
/** The reporter sends two at most. Each costs a computation. */
const MAX_SIGNATURES = 10

/**
 * Verifies a delivery (Standard Webhooks), and returns its body. The same delivery may come twice, with the same `id`.
 * @param request a web `Request`, or what a server has read
 * @param secrets those of the destination, `whsec_…`; several during a rotation
 * @throws {ReceiveError} whose `status` is to be answered
 * @throws {TypeError} if a secret is none
 * @example
 * const delivery = await receive(request, secrets)
 * if (delivery.type === 'recording.failed') console.log(delivery.recording.id)
 * delivery.type // => 'recording.failed'
 */
export const receive = async (
  request: Request | ReceivedRequest,
  secrets: string | readonly string[],
  { tolerance = TOLERANCE, now = Date.now }: ReceiveOptions = {},
): Promise<ReceivedDelivery> => {
  const keys = await Promise.all([secrets].flat().map(importKey))
  const [id, timestamp, signatures] = NAMES.map((name) => headerOf(request.headers, name))
  if (!id || !timestamp || !signatures) {
    throw new ReceiveError('headers_missing', `The request has not all of the headers ${NAMES.join(', ')}.`)
  }
  const seconds = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : Number.NaN
  if (!(Math.abs(now() / 1000 - seconds) <= tolerance)) {
    const message = `The request was sent more than ${tolerance} s ago, or one of the clocks is wrong.`
    throw new ReceiveError('timestamp_not_tolerated', message)
  }
  const body = await bytesOf(request)
  const signed = concat(new TextEncoder().encode(`${id}.${timestamp}.`), body)
  if (!(await isSigned(signed, signatures, keys))) {
    throw new ReceiveError('signature_wrong', 'No secret has made a signature of the request.')
  }
  return deliveryOf(body)
}

const NAMES = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const

const headerOf = (headers: ReceivedRequest['headers'], name: string): string | undefined => {
  if (headers instanceof Headers) return headers.get(name) ?? undefined
  const value = Object.entries(headers).find(([each]) => each.toLowerCase() === name)?.[1]
  return typeof value === 'string' ? value : value?.[0]
}

const importKey = (secret: string) => {
  const bytes = fromBase64(secret.replace(/^whsec_/, ''))
  if (!bytes || bytes.length === 0) throw new TypeError('A secret must be whsec_ and base64.')
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
}

/** All are compared, each in constant time, so that the time taken does not reveal which one matched. */
const isSigned = async (
  signed: Uint8Array<ArrayBuffer>,
  signatures: string,
  keys: readonly Awaited<ReturnType<typeof importKey>>[],
): Promise<boolean> => {
  const given = signatures
    .split(' ')
    .filter((each) => each.startsWith('v1,'))
    .slice(0, MAX_SIGNATURES)
    .flatMap((each) => fromBase64(each.slice(3)) ?? [])
  const verified = await Promise.all(
    keys.flatMap((key) => given.map((signature) => crypto.subtle.verify('HMAC', key, signature, signed))),
  )
  return verified.includes(true)
}

const fromBase64 = (text: string): Uint8Array<ArrayBuffer> | undefined => {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    return undefined
  }
}

const concat = (...parts: Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const bytesOf = async ({ body }: Request | ReceivedRequest): Promise<Uint8Array> => {
  if (typeof body === 'string') return new TextEncoder().encode(body)
  if (body instanceof Uint8Array) return body
  const chunks: Uint8Array[] = []
  const reader = body?.getReader()
  for (let size = 0; reader; ) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.length
    chunks.push(value)
    if (size <= MAX_BODY_BYTES) continue
    await reader.cancel()
    throw new ReceiveError('body_too_large', `The body exceeds ${MAX_BODY_BYTES} bytes.`)
  }
  return concat(...chunks)
}

/** What is signed is as the reporter wrote it: only a later version may have written more. */
const deliveryOf = (bytes: Uint8Array): ReceivedDelivery => {
  const body = parse(bytes)
  if (typeof body?.type !== 'string' || typeof body.id !== 'string') {
    throw new ReceiveError('body_malformed', 'The body is no delivery.')
  }
  const isKnown = (DELIVERY_TYPES as readonly string[]).includes(body.type)
  return isKnown ? (body as unknown as KnownDelivery) : { type: 'unknown', id: body.id, body }
}

const parse = (bytes: Uint8Array): Record<string, unknown> | undefined => {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
  } catch {
    return undefined
  }
}
