import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, openTestbed, type Testbed } from '@stillrolling/examples/testbed'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { colourAt, decode, FFMPEG } from '../../packages/emulator/src/testing/ffmpeg.ts'
import { type S3Server, startS3Server } from '../../packages/emulator/src/testing/s3Server.ts'
import { record, sidOf, waitForTimelineCode, waitUntilRolling, waitUntilState } from './recordings.ts'

// What the reporter says about files, beside the files themselves: the emulator records, and uploads to a bucket.

const KEYS = { bucket: 'lessons', accessKey: 'AKIDEXAMPLE', secretKey: 'wJalrXUtnFEMI-K7MDENG' }
const POLL = { timeout: 30_000, interval: 50 }

let bucket: S3Server
let directory: string
let testbed: Testbed | undefined

beforeEach(async () => {
  bucket = await startS3Server(KEYS)
  directory = await mkdtemp(join(tmpdir(), 'recorded-files-'))
})
afterEach(async () => {
  await testbed?.close()
  testbed = undefined
  await bucket.close()
  await rm(directory, { recursive: true })
})

interface Setup {
  endpoint?: string
  secretKey?: string
  sliceSeconds?: number
}

const open = async ({ endpoint = bucket.endpoint, secretKey, sliceSeconds = 1 }: Setup): Promise<Testbed> => {
  const keys = secretKey === undefined ? KEYS : { ...KEYS, secretKey }
  const profile = { vendor: 11, region: 0, ...keys, extensionParams: { endpoint } }
  testbed = await openTestbed({
    probe: 'own',
    emulator: { openDelay: 0, record: { directory, ffmpeg: FFMPEG, sliceSeconds } },
    environment: { STORAGE_PROFILES: JSON.stringify({ default: profile }) },
  })
  return testbed
}

const waitForAttention = ({ api }: Testbed, codes: string[]): Promise<void> =>
  vi.waitFor(async () => {
    const { attention } = await api.get('lesson')
    expect(attention.map(({ code }) => code).toSorted()).toEqual(codes)
  }, POLL)

const stop = async (opened: Testbed): Promise<void> => {
  await opened.api.stop('lesson')
  await waitUntilState(opened, 'lesson', { state: 'stopped', attempts: 1 })
}

/** The names of the recording's files, and the state of their upload. */
const filesOf = async ({ api }: Testbed) => {
  const { files } = await api.get('lesson')
  return { names: files.map(({ name }) => name), uploads: [...new Set(files.map(({ upload }) => upload))] }
}

test('the files of a recording are in the bucket, byte for byte, and show its page', async () => {
  const opened = await open({})
  await record(opened, 'lesson')
  await waitUntilRolling(opened, 'lesson')
  await vi.waitFor(async () => expect((await filesOf(opened)).names).toHaveLength(1), POLL)
  await stop(opened)
  await vi.waitFor(async () => expect((await filesOf(opened)).uploads).toEqual(['uploaded']), POLL)
  expect((await opened.api.get('lesson')).attention).toEqual([])

  const { names } = await filesOf(opened)
  const sid = await sidOf(opened, 'lesson')
  expect(names).toEqual([expect.stringContaining(`${sid}_lesson.m3u8`)])
  const [playlist = ''] = names
  const folder = playlist.slice(0, playlist.lastIndexOf('/') + 1)
  const slices =
    bucket.objects
      .get(playlist)
      ?.body.toString()
      .match(/^.+\.ts$/gm) ?? []
  expect([...bucket.objects.keys()].toSorted()).toEqual(
    [playlist, ...slices.map((slice) => folder + slice)].toSorted(),
  )
  for (const [key, { body }] of bucket.objects) {
    expect(body.equals(await readFile(join(directory, key))), key).toBe(true)
  }
  const { errors, seconds, width, height } = decode(join(directory, playlist))
  expect([errors, width, height]).toEqual(['', 320, 240])
  // The page is white.
  expect(Math.min(...colourAt(join(directory, playlist), seconds - 0.3))).toBeGreaterThan(240)
})

test.each([
  ['refuses the keys', async () => ({ secretKey: 'theWrongSecret' })],
  ['cannot be reached', async () => ({ endpoint: `127.0.0.1:${await freePort()}` })],
])('a bucket that %s raises attention, and its files count as backed up', async (_, setup) => {
  const opened = await open(await setup())
  await record(opened, 'lesson')
  await waitForAttention(opened, ['upload_failing'])
  await stop(opened)
  await waitForAttention(opened, ['uploads_backuped'])
  expect((await filesOf(opened)).uploads).toEqual(['backed_up'])
  expect(bucket.objects.size).toBe(0)
})

test('a bucket that recovers ends the attention', async () => {
  const opened = await open({})
  bucket.answers.push({ status: 503, code: 'SlowDown' })
  await record(opened, 'lesson')
  await waitForAttention(opened, ['upload_failing'])
  await waitForAttention(opened, [])
  await stop(opened)
  await vi.waitFor(async () => expect((await filesOf(opened)).uploads).toEqual(['uploaded']), POLL)
})

test('a recorder that writes no file raises attention, until it does', async () => {
  const opened = await open({ sliceSeconds: 12 })
  await record(opened, 'lesson', { fileTimeout: 3 })
  await waitForAttention(opened, ['no_files'])
  expect(bucket.objects.size).toBe(0)
  await waitForAttention(opened, [])
  expect((await filesOf(opened)).names).toHaveLength(1)
  await waitForTimelineCode(opened, 'lesson', 'attempt.no_files')
})
