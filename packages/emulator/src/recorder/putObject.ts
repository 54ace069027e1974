import { createHash } from 'node:crypto'
import { AwsClient } from 'aws4fetch'
import type { UploadErrorCode } from './recorder.ts'
import type { S3Target } from './s3Target.ts'

export interface S3Object {
  /** Path in the bucket, with `/` between folders. */
  key: string
  body: Blob
}

/** An upload that failed. Its message contains no key, and nothing of what the endpoint's URL may contain. */
export class UploadError extends Error {
  override name = 'UploadError'
  readonly code: UploadErrorCode

  constructor(code: UploadErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** `errorCode` of event 1 (https://docs.agora.io/en/cloud-recording/reference/common-errors). */
const WRONG_STORAGE = 32
const UPLOAD_FAILED = 47

export const unreadableFile = (): UploadError => new UploadError(UPLOAD_FAILED, 'the file could not be read')

/** A service that answers with them may take the same request later. */
const TEMPORARY_STATUSES = [408, 429]

const MAX_ERROR_BODY = 4000

const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  ['m3u8', 'application/vnd.apple.mpegurl'],
  ['ts', 'video/mp2t'],
  ['mp4', 'video/mp4'],
])

/** The type that files with this name are stored and served with; undefined for other extensions. */
export const contentTypeOf = (name: string): string | undefined =>
  CONTENT_TYPES.get(name.slice(name.lastIndexOf('.') + 1))

const isLoopback = (host: string): boolean => /^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/i.test(host)

/**
 * Agora documents `endpoint` as a domain, which stands for https. Only here may it be a URL as well, and a domain of this
 * machine stands for http, so that a service on this machine needs no certificate.
 */
const endpointUrl = (endpoint: string): URL => {
  const hasScheme = /^https?:\/\//i.test(endpoint)
  const text = hasScheme ? endpoint : `${isLoopback(endpoint) ? 'http' : 'https'}://${endpoint}`
  if (!URL.canParse(text)) throw new UploadError(WRONG_STORAGE, 'extensionParams.endpoint is not a domain')
  const url = new URL(text)
  if (url.username || url.password) {
    throw new UploadError(WRONG_STORAGE, 'extensionParams.endpoint must not contain a user name or password')
  }
  return url
}

const objectUrl = ({ endpoint, bucket }: S3Target, key: string): URL => {
  const url = endpointUrl(endpoint)
  const path = [bucket, ...key.split('/')].map(encodeURIComponent).join('/')
  return new URL(`${url.pathname.replace(/\/$/, '')}/${path}`, url.origin)
}

/** @throws {UploadError} if the file behind the body cannot be read */
const sha256 = async (body: Blob): Promise<string> => {
  const hash = createHash('sha256')
  try {
    for await (const chunk of body.stream()) hash.update(chunk)
  } catch {
    throw unreadableFile()
  }
  return hash.digest('hex')
}

/** A slow line takes a second for a megabyte. */
const timeoutMs = ({ size }: Blob): number => 30_000 + Math.ceil(size / 1000)

/** S3's own code, such as AccessDenied. */
const s3Code = async (response: Response): Promise<string> => {
  const text = await response.text().catch(() => '')
  const [, code] = /<Code>([A-Za-z]{1,64})<\/Code>/.exec(text.slice(0, MAX_ERROR_BODY)) ?? []
  return code ? ` ${code}` : ''
}

const describeNetworkError = (error: unknown): string => {
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return 'the bucket did not answer in time'
  const cause = error instanceof Error ? error.cause : undefined
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
  return `the bucket is unreachable${code}`
}

const send = async (target: S3Target, { key, body }: S3Object, signal: AbortSignal): Promise<Response> => {
  const url = objectUrl(target, key)
  const client = new AwsClient({
    accessKeyId: target.accessKey,
    secretAccessKey: target.secretKey,
    service: 's3',
  })
  const request = await client.sign(url, {
    method: 'PUT',
    body,
    headers: {
      'content-type': contentTypeOf(key) ?? 'application/octet-stream',
      'x-amz-content-sha256': await sha256(body),
    },
  })
  const timeout = AbortSignal.timeout(timeoutMs(body))
  try {
    return await fetch(request, { redirect: 'manual', signal: AbortSignal.any([signal, timeout]) })
  } catch (error) {
    throw new UploadError(UPLOAD_FAILED, describeNetworkError(error))
  }
}

/**
 * Uploads an object with a path-style URL, signed with AWS Signature Version 4.
 *
 * @throws {UploadError} 32 if the service refuses the request, 47 if it fails or cannot be reached
 */
export const putObject = async (target: S3Target, object: S3Object, signal: AbortSignal): Promise<void> => {
  const response = await send(target, object, signal)
  if (response.ok) {
    await response.body?.cancel()
    return
  }
  const { status } = response
  const isWrong = status < 500 && !TEMPORARY_STATUSES.includes(status)
  const message = `the bucket answered ${status}${await s3Code(response)}`
  throw new UploadError(isWrong ? WRONG_STORAGE : UPLOAD_FAILED, message)
}
