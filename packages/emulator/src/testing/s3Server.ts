import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface StoredObject {
  body: Buffer
  contentType: string | undefined
}

/** An S3-like service with one bucket, which accepts path-style PUT requests with the right signature only. */
export interface S3Server {
  /** Host and port, as `extensionParams.endpoint`. */
  endpoint: string
  objects: Map<string, StoredObject>
  /** Keys of all requests, in order, also of those that were refused. */
  puts: string[]
  /** Answers to the next requests, in order; null carries the request out. */
  answers: ({ status: number; code: string; headers?: Record<string, string> } | null)[]
  /** While true, requests get no answer. */
  silent: boolean
  close(): Promise<void>
}

export interface S3ServerOptions {
  bucket: string
  accessKey: string
  secretKey: string
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')

/** Every byte but the unreserved characters, as the canonical request has it. */
const encodeStrictly = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})$/

const MUST_BE_SIGNED = ['host', 'x-amz-content-sha256', 'x-amz-date']

/**
 * Checks AWS Signature Version 4 by the book
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html), without the library that signs.
 *
 * @returns S3's error code; null if the signature is right
 */
const checkSignature = (
  request: IncomingMessage,
  body: Buffer,
  { accessKey, secretKey }: S3ServerOptions,
): string | null => {
  const { headers, method = '', url = '' } = request
  const match = AUTHORIZATION.exec(headers.authorization ?? '')
  if (!match) return 'AccessDenied'
  const [, key, day = '', region = '', signedHeaders = '', signature = ''] = match
  if (key !== accessKey) return 'InvalidAccessKeyId'
  const signed = signedHeaders.split(';')
  if (!MUST_BE_SIGNED.every((name) => signed.includes(name))) return 'AccessDenied'
  if (headers['x-amz-content-sha256'] !== sha256(body)) return 'XAmzContentSHA256Mismatch'

  const [path = '', query = ''] = url.split('?')
  const canonicalPath = path
    .split('/')
    .map((part) => encodeStrictly(decodeURIComponent(part)))
    .join('/')
  const canonicalHeaders = signed.map((name) => `${name}:${String(headers[name]).trim()}\n`).join('')
  const canonical = [method, canonicalPath, query, canonicalHeaders, signedHeaders, sha256(body)].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', String(headers['x-amz-date']), scope, sha256(canonical)].join('\n')
  const signingKey = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secretKey}`)
  const expected = hmac(signingKey, toSign)
  return timingSafeEqual(expected, Buffer.from(signature, 'hex')) ? null : 'SignatureDoesNotMatch'
}

const refuse = (
  response: ServerResponse,
  status: number,
  code: string,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/xml', ...headers })
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code></Error>`)
}

export const startS3Server = async (options: S3ServerOptions): Promise<S3Server> => {
  const objects: S3Server['objects'] = new Map()
  const puts: string[] = []
  const answers: S3Server['answers'] = []

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const [bucket, ...key] = decodeURIComponent((request.url ?? '').split('?')[0] ?? '')
      .slice(1)
      .split('/')
    puts.push(key.join('/'))
    if (server.silent) return
    const answer = answers.shift()
    if (answer) return refuse(response, answer.status, answer.code, answer.headers)
    if (request.headers['content-length'] === undefined) return refuse(response, 411, 'MissingContentLength')
    const wrong = checkSignature(request, body, options)
    if (wrong) return refuse(response, 403, wrong)
    if (bucket !== options.bucket) return refuse(response, 404, 'NoSuchBucket')
    objects.set(key.join('/'), { body, contentType: request.headers['content-type'] })
    response.end()
  }

  const http = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const server: S3Server = {
    endpoint: `127.0.0.1:${(http.address() as AddressInfo).port}`,
    objects,
    puts,
    answers,
    silent: false,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve())
        http.closeAllConnections()
      }),
  }
  return server
}
