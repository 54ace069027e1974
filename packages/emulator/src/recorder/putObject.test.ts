import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type S3Server, startS3Server } from '../testing/s3Server.ts'
import { putObject, UploadError } from './putObject.ts'
import type { S3Target } from './s3Target.ts'

const KEYS = {
  bucket: 'lessons',
  accessKey: 'AKIDEXAMPLE',
  secretKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
}

let server: S3Server
beforeEach(async () => {
  server = await startS3Server(KEYS)
})
afterEach(() => server.close())

const put = (changes: Partial<S3Target> = {}, key = 'class42/a1/file.ts', text = 'the file') =>
  putObject(
    { ...KEYS, endpoint: server.endpoint, ...changes },
    { key, body: new Blob([text]) },
    new AbortController().signal,
  )

const failure = async (changes?: Partial<S3Target>): Promise<UploadError> => {
  const error = await put(changes).catch((thrown: unknown) => thrown)
  if (!(error instanceof UploadError)) throw new Error(`expected an UploadError, got ${error}`)
  return error
}

test.each([
  ['class42/a1/file.m3u8', 'application/vnd.apple.mpegurl'],
  ['file.ts', 'video/mp2t'],
  ['a/file_0.mp4', 'video/mp4'],
  ['Klasse 5ä (Müller\'s) "x".ts', 'video/mp2t'],
])('%j is stored under its key, with its type', async (key, contentType) => {
  await put({}, key, 'bytes of ü')
  expect([...server.objects]).toEqual([[key, { body: Buffer.from('bytes of ü'), contentType }]])
})

test.each([
  ['a domain of this machine', (endpoint: string) => endpoint],
  ['a URL', (endpoint: string) => `http://${endpoint}`],
  ['a URL that ends in a slash', (endpoint: string) => `http://${endpoint}/`],
])('the endpoint is %s', async (_, endpointOf) => {
  await put({ endpoint: endpointOf(server.endpoint) })
  expect(server.objects.size).toBe(1)
})

describe('a request that the service refuses is code 32, wrong storage information', () => {
  test.each([
    ['secret', { secretKey: 'another secret' }, '403 SignatureDoesNotMatch'],
    ['access key', { accessKey: 'ANOTHER' }, '403 InvalidAccessKeyId'],
    ['bucket', { bucket: 'another' }, '404 NoSuchBucket'],
  ])('%s', async (_, changes, reason) => {
    expect(await failure(changes)).toMatchObject({ code: 32, message: `the bucket answered ${reason}` })
    expect(server.objects.size).toBe(0)
  })

  test('a redirection, which is not followed', async () => {
    const location = `http://${server.endpoint}/elsewhere`
    server.answers.push({ status: 307, code: 'TemporaryRedirect', headers: { location } })
    expect(await failure()).toMatchObject({ code: 32, message: 'the bucket answered 307 TemporaryRedirect' })
    expect(server.puts).toHaveLength(1)
  })

  test.each(['not a domain', 'http://user:pa55word@127.0.0.1'])('the endpoint %j', async (endpoint) => {
    const error = await failure({ endpoint })
    expect(error).toMatchObject({ code: 32, message: expect.stringContaining('extensionParams.endpoint') })
    expect(error.message).not.toContain('pa55word')
  })
})

describe('what may pass is code 47, upload failed', () => {
  test.each([500, 503, 429, 408])('status %i', async (status) => {
    server.answers.push({ status, code: 'SlowDown' })
    expect(await failure()).toMatchObject({ code: 47, message: `the bucket answered ${status} SlowDown` })
  })

  test('a service that cannot be reached', async () => {
    await server.close()
    expect(await failure()).toMatchObject({ code: 47, message: 'the bucket is unreachable (ECONNREFUSED)' })
  })
})

test('no key is in an error, whatever the service answers', async () => {
  server.answers.push({ status: 403, code: `${KEYS.accessKey}${KEYS.secretKey}` })
  const error = await failure()
  expect(`${error.stack} ${error.cause}`).not.toMatch(/AKIDEXAMPLE|wJalrXUtnFEMI/)
})
