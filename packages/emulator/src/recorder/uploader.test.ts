import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FakeClock, fakeClock } from '../testing/fakeClock.ts'
import { type S3Server, startS3Server } from '../testing/s3Server.ts'
import type { RecorderSignal } from './recorder.ts'
import { createUploader, RETRY_MS, type Uploader } from './uploader.ts'

const KEYS = { bucket: 'lessons', accessKey: 'key', secretKey: 'the secret' }
const BUSY = { status: 503, code: 'SlowDown' }
const FAILED = { type: 'uploadFailed', errorCode: 47, detail: 'the bucket answered 503 SlowDown' }

let folder: string
let server: S3Server
let clock: FakeClock
let signals: RecorderSignal[]
let uploader: Uploader

const target = () => ({ ...KEYS, endpoint: server.endpoint })

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'uploader-'))
  server = await startS3Server(KEYS)
  clock = fakeClock()
  signals = []
  uploader = createUploader({ target: target(), clock, onSignal: (signal) => signals.push(signal) })
})
afterEach(async () => {
  uploader.close()
  await server.close()
  await rm(folder, { recursive: true })
})

const addFile = async (key: string): Promise<void> => {
  const path = join(folder, key.replaceAll('/', '_'))
  await writeFile(path, `bytes of ${key}`)
  uploader.add({ key, path })
}
const addText = (text: string) => uploader.add({ key: 'list.m3u8', text })
const stored = () => [...server.objects].map(([key, { body }]) => `${key}: ${body}`)
const types = () => signals.map(({ type }) => type)
const waitForPuts = (count: number) => expect.poll(() => server.puts.length).toBe(count)

/** Finishes while the clock passes the delays between the tries. */
const finish = async (): Promise<void> => {
  let finished = false
  const done = uploader.finish().then(() => {
    finished = true
  })
  await expect
    .poll(async () => {
      await clock.advance(1)
      return finished
    })
    .toBe(true)
  await done
}

test('files are uploaded in their order, and a playlist that has changed since is uploaded once', async () => {
  uploader.hold(true)
  await addFile('a/1.ts')
  addText('one')
  await addFile('a/2.ts')
  addText('two')
  uploader.hold(false)
  await finish()
  expect(server.puts).toEqual(['a/1.ts', 'a/2.ts', 'list.m3u8'])
  expect(stored()).toEqual(['a/1.ts: bytes of a/1.ts', 'a/2.ts: bytes of a/2.ts', 'list.m3u8: two'])
  expect(types()).toEqual(['uploadStarted'])
})

describe('a failing bucket', () => {
  test('is reported once, tried again after a while, and reported when every file is in it', async () => {
    server.answers.push(BUSY, BUSY)
    await addFile('1.ts')
    await expect.poll(types).toEqual(['uploadStarted', 'uploadFailed'])
    expect(signals[1]).toEqual(FAILED)
    await addFile('2.ts')
    await clock.advance(RETRY_MS / 1000)
    await waitForPuts(2)
    await expect
      .poll(async () => {
        await clock.advance(RETRY_MS / 1000)
        return types()
      })
      .toEqual(['uploadStarted', 'uploadFailed', 'uploadRecovered'])
    expect(server.puts).toEqual(['1.ts', '1.ts', '1.ts', '2.ts'])
    expect(stored()).toHaveLength(2)
  })

  test('is given up after three tries at the end', async () => {
    server.answers.push(...Array(9).fill(BUSY))
    await addFile('1.ts')
    await addFile('2.ts')
    await expect.poll(types).toContain('uploadFailed')
    const before = server.puts.length
    await finish()
    expect(server.puts.length - before).toBe(3)
    expect(types()).toEqual(['uploadStarted', 'uploadFailed'])
    await clock.advance(600)
    expect(server.puts.length - before).toBe(3)
  })

  test('gets the files after all when the keys are replaced', async () => {
    uploader.setTarget({ ...target(), secretKey: 'outdated' })
    await addFile('1.ts')
    await expect.poll(types).toContain('uploadFailed')
    expect(signals[1]).toMatchObject({
      errorCode: 32,
      detail: 'the bucket answered 403 SignatureDoesNotMatch',
    })
    uploader.setTarget(target())
    await expect.poll(types).toContain('uploadRecovered')
    expect(stored()).toHaveLength(1)
  })
})

test('a file that cannot be read is a failed upload', async () => {
  uploader.add({ key: '1.ts', path: join(folder, 'missing') })
  await expect.poll(() => signals[1]).toMatchObject({ errorCode: 47, detail: 'the file could not be read' })
})

test('an unexpected error is a failed upload, and is not said to be the file', async () => {
  await addFile('half \ud83d')
  await expect.poll(() => signals[1]).toMatchObject({ errorCode: 47, detail: 'the upload failed (URIError)' })
})

test('the progress is reported once a minute', async () => {
  await addFile('1.ts')
  await waitForPuts(1)
  await expect.poll(stored).toHaveLength(1)
  uploader.hold(true)
  await addFile('2.ts')
  await clock.advance(60)
  await addFile('3.ts')
  await clock.advance(60)
  const progress = signals.flatMap((signal) => (signal.type === 'uploadProgress' ? [signal.progress] : []))
  expect(progress).toEqual([5000, 3333])
})

test('without a bucket, or while it is held, nothing is uploaded', async () => {
  uploader.setTarget(null)
  await addFile('1.ts')
  await finish()
  uploader.hold(true)
  uploader.setTarget(target())
  await addFile('2.ts')
  await finish()
  expect(server.puts).toEqual([])
  expect(signals).toEqual([])
})

test('close ends an upload that hangs, without a signal', async () => {
  server.silent = true
  await addFile('1.ts')
  await waitForPuts(1)
  const finished = uploader.finish()
  uploader.close()
  await finished
  expect(types()).toEqual(['uploadStarted'])
})
