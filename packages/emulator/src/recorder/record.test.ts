import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../clock.ts'
import {
  createTestBench,
  pageTasks,
  type StartChanges,
  type StartedTask,
  type TestBench,
} from '../testing/client.ts'
import { colourAt, decode, FFMPEG } from '../testing/ffmpeg.ts'
import { type PageServer, servePages } from '../testing/pages.ts'
import { alive, chromiumBelow, descendants } from '../testing/processes.ts'
import { type Receiver, startReceiver } from '../testing/receiver.ts'
import { type S3Server, startS3Server } from '../testing/s3Server.ts'
import type { EmulatorLogEntry, PageTaskView } from '../types.ts'

// The whole way, from a page in Chromium to files in a bucket.

const PAGES = {
  '/blue': `<body style="margin:0;background:rgb(20,60,200)">
    <script>let n = 0; setInterval(() => { document.title = ++n; if (n === 5) report('shown') }, 50)</script>`,
  '/blinks': `<body><script>
    let n = 0
    setInterval(() => { document.body.style.background = ++n % 2 ? 'rgb(200,30,30)' : 'rgb(30,160,60)' }, 300)</script>`,
}

const KEYS = { bucket: 'lessons', accessKey: 'AKIDEXAMPLE', secretKey: 'wJalrXUtnFEMI-K7MDENG' }
const WAIT = { timeout: 20_000, interval: 20 }
const SLICE_SECONDS = 1

let pages: PageServer
let receiver: Receiver
let bucket: S3Server
let directory: string
let bench: TestBench
let log: EmulatorLogEntry[]

beforeAll(async () => {
  pages = await servePages(PAGES)
  receiver = await startReceiver()
})
afterAll(async () => {
  await pages.close()
  await receiver.close()
})
beforeEach(async () => {
  pages.reports.length = 0
  receiver.received.length = 0
  log = []
  bucket = await startS3Server(KEYS)
  directory = await mkdtemp(join(tmpdir(), 'record-'))
  bench = await createTestBench({
    browser: true,
    openDelay: 0,
    exitDelay: 0,
    clock: systemClock,
    notifications: { url: receiver.url, secret: 'secret' },
    record: { directory, ffmpeg: FFMPEG, sliceSeconds: SLICE_SECONDS },
    log: (entry) => log.push(entry),
  })
})
afterEach(async () => {
  await bench.emulator.close()
  expect(ffmpegs()).toEqual([])
  await bucket.close()
  await rm(directory, { recursive: true })
})

const ffmpegs = () =>
  descendants(process.pid)
    .filter(({ command }) => command.startsWith(FFMPEG))
    .map(({ pid }) => pid)

const run = (path: string, changes: StartChanges = {}) => {
  const extensionParams = { endpoint: bucket.endpoint }
  return bench.run({
    ...changes,
    web: { url: pages.url + path, videoWidth: 640, videoHeight: 360, ...changes.web },
    storage: { vendor: 11, ...KEYS, extensionParams, ...changes.storage },
  })
}

const view = (sid: string): PageTaskView => {
  const found = pageTasks(bench.emulator).find((task) => task.sid === sid)
  if (!found) throw new Error(`no task ${sid}`)
  return found
}
const events = () => receiver.received.map(({ eventType }) => eventType)
const details = (event: number) =>
  receiver.received.find(({ eventType }) => eventType === event)?.payload.details
const notified = (event: number) => expect.poll(events, WAIT).toContain(event)
const listed = (sid: string) => view(sid).files.map(({ filename }) => filename)
/** Reads again if a folder of unfinished files is removed meanwhile. */
const onDisk = async (): Promise<string[]> => {
  try {
    return (await readdir(directory, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(directory.length + 1))
      .toSorted()
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && path !== directory) return onDisk()
    throw error
  }
}
const uploadingStatus = ({ body }: { body: Record<string, unknown> }) =>
  JSON.stringify(body).match(/"uploadingStatus":"(\w+)"/)?.[1]

/** Records until the first slice is complete. */
const recordSlice = async (path: string, changes?: StartChanges): Promise<StartedTask> => {
  const task = await run(path, changes)
  await expect.poll(() => listed(task.sid), WAIT).toHaveLength(1)
  return task
}

test('the listed files are in the bucket byte for byte, and show the page', async () => {
  const task = await recordSlice('/blue')
  const answer = await bench.on(task, 'stop')
  expect([answer.status, uploadingStatus(answer)]).toEqual([200, 'uploaded'])
  await notified(11)
  expect(events()).toEqual([40, 70, 30, 71, 31, 11])
  expect(details(31)).toMatchObject({ msgName: 'uploaded', status: 0 })

  const name = `class42/a1/${task.sid}_class42`
  expect(details(71)?.fileList).toEqual(view(task.sid).files)
  expect(listed(task.sid).toSorted()).toEqual([`${name}.m3u8`, `${name}_0.mp4`])
  expect([...bucket.objects.keys()].toSorted()).toEqual(await onDisk())
  for (const [key, { body }] of bucket.objects) {
    expect(body.equals(await readFile(join(directory, key))), key).toBe(true)
  }
  for (const file of listed(task.sid)) {
    const decoded = decode(join(directory, file))
    expect(decoded).toMatchObject({ errors: '', width: 640, height: 360, hasSound: true })
    const recorded = Date.parse(view(task.sid).endedAt ?? '') - Date.parse(view(task.sid).recordingAt ?? '')
    expect(Math.abs(decoded.seconds - recorded / 1000)).toBeLessThan(1)
    const [red, green, blue] = colourAt(join(directory, file), decoded.seconds - 0.5)
    expect([Math.abs(red - 20) < 25, Math.abs(green - 60) < 25, Math.abs(blue - 200) < 25], file).toEqual([
      true,
      true,
      true,
    ])
  }
  const served = await fetch(`${bench.emulator.url}/_files/${name}_0.mp4`, {
    headers: { range: 'bytes=0-99' },
  })
  expect([served.status, served.headers.get('content-type')]).toEqual([206, 'video/mp4'])
  const bytes = bucket.objects.get(`${name}_0.mp4`)?.body.subarray(0, 100)
  expect(Buffer.from(await served.arrayBuffer()).equals(bytes ?? Buffer.alloc(0))).toBe(true)
})

test.each(['freezePage', 'killPage'] as const)(
  'after %s, the files show the last picture until the end',
  async (command) => {
    const task = await recordSlice('/blinks')
    await bench.emulator.runCommand(task.sid, { do: command })
    await new Promise((resolve) => setTimeout(resolve, 2500))
    await bench.on(task, 'stop')
    const file = join(directory, listed(task.sid)[1] ?? '')
    const { seconds, errors } = decode(file)
    expect(errors).toBe('')
    const isRed = (at: number): boolean => colourAt(file, at)[0] > 110
    // It blinked until 2.5 s before the end.
    const before = Array.from({ length: 8 }, (_, index) => ((index + 0.5) / 8) * (seconds - 2.7)).map(isRed)
    expect(new Set(before).size).toBe(2)
    const after = [1.8, 1.5, 1.2, 0.9, 0.6, 0.3].map((fromEnd) => isRed(seconds - fromEnd))
    expect(new Set(after).size).toBe(1)
  },
)

describe('a recorder that dies leaves the slices so far, and a playlist that has not ended', () => {
  const expectUnfinished = async ({ sid }: StartedTask): Promise<void> => {
    await notified(11)
    expect(view(sid).stop).toEqual({ code: 6, message: 'recorder_error' })
    expect(events()).not.toContain(31)
    await expect.poll(() => ffmpegs(), WAIT).toEqual([])
    const files = await onDisk()
    expect(files.filter((file) => file.endsWith('.ts')).length).toBeGreaterThan(0)
    expect(files.filter((file) => file.endsWith('.mp4'))).toEqual([])
    expect(await readFile(join(directory, listed(sid)[0] ?? ''), 'utf8')).not.toContain('ENDLIST')
  }

  test('its browser is killed', async () => {
    const task = await recordSlice('/blue')
    const main = chromiumBelow(process.pid).find(({ parent }) => parent === process.pid)
    process.kill(main?.pid ?? 0, 'SIGKILL')
    await expectUnfinished(task)
  })

  test('its ffmpeg is killed', async () => {
    const task = await recordSlice('/blue')
    process.kill(ffmpegs()[0] ?? 0, 'SIGKILL')
    await expectUnfinished(task)
  })

  test('its ffmpeg is killed while it completes the files', async () => {
    const task = await recordSlice('/blue')
    const [pid] = ffmpegs()
    if (!pid) throw new Error('no ffmpeg runs')
    process.kill(pid, 'SIGSTOP')
    const stopped = bench.on(task, 'stop')
    await expect.poll(() => view(task.sid).state, WAIT).toBe('exiting')
    process.kill(pid, 'SIGKILL')
    expect(uploadingStatus(await stopped)).toBe('unknown')
    await expectUnfinished(task)
    expect(details(11)).toMatchObject({ exitStatus: 1 })
  })

  test('by command', async () => {
    const task = await recordSlice('/blue')
    await bench.emulator.runCommand(task.sid, { do: 'stop', code: 6 })
    await expectUnfinished(task)
  })
})

describe('a bucket', () => {
  test('that refuses: event 1 of the uploader, and its files are backed up', async () => {
    const task = await recordSlice('/blue', { storage: { secretKey: 'the wrong secret' } })
    await notified(1)
    const answer = await bench.on(task, 'stop')
    expect(uploadingStatus(answer)).toBe('backuped')
    await notified(11)
    expect(events()).toEqual([40, 70, 30, 1, 71, 32, 11])
    expect(details(1)).toMatchObject({
      module: 1,
      errorLevel: 4,
      errorCode: 32,
      errorMsg: 'the bucket answered 403 SignatureDoesNotMatch',
    })
    expect(bucket.objects.size).toBe(0)
    expect(decode(join(directory, listed(task.sid)[1] ?? '')).errors).toBe('')
  })

  test('whose keys are replaced gets all files: event 33', async () => {
    const task = await recordSlice('/blue', { storage: { secretKey: 'outdated' } })
    await notified(1)
    const extensionParams = { endpoint: bucket.endpoint }
    const storageConfig = { vendor: 11, region: 0, ...KEYS, extensionParams }
    expect((await bench.on(task, 'update', { storageConfig })).status).toBe(200)
    await notified(33)
    expect(uploadingStatus(await bench.on(task, 'stop'))).toBe('uploaded')
    expect([...bucket.objects.keys()].toSorted()).toEqual(await onDisk())
  })

  test('of another vendor gets nothing, and its upload is emulated', async () => {
    const task = await recordSlice('/blue', { storage: { vendor: 1, extensionParams: undefined } })
    expect(uploadingStatus(await bench.on(task, 'stop'))).toBe('uploaded')
    expect(bucket.puts).toEqual([])
  })
})

test('the command uploads: failing keeps the files out of the bucket until it is ok', async () => {
  const task = await run('/blue')
  await bench.emulator.runCommand(task.sid, { do: 'uploads', as: 'failing' })
  await expect.poll(() => listed(task.sid), WAIT).toHaveLength(1)
  expect(bucket.puts).toEqual([])
  await bench.emulator.runCommand(task.sid, { do: 'uploads', as: 'ok' })
  await expect.poll(() => bucket.objects.size, WAIT).toBeGreaterThan(1)
})

test('a recording without a slice or a picture lists no file: 206/435', async () => {
  const task = await run('', { web: { url: `${pages.url}/blue`, onhold: true } })
  await expect.poll(() => view(task.sid).state, WAIT).toBe('paused')
  const stopped = await bench.on(task, 'stop')
  expect([stopped.status, stopped.body.code]).toEqual([206, 435])
  expect(await onDisk()).toEqual([])
})

test('no storage key is in a log entry, a view, a notification or an answer', async () => {
  const task = await recordSlice('/blue', { storage: { accessKey: 'WRONGACCESSKEY' } })
  await notified(1)
  const query = await bench.on(task, 'query')
  const stopped = await bench.on(task, 'stop')
  const control = await fetch(`${bench.emulator.controlUrl}/tasks`).then((answer) => answer.text())
  const everything = JSON.stringify([
    log,
    bench.emulator.tasks(),
    bench.emulator.requests(),
    receiver.received,
    query,
    stopped,
    control,
  ])
  expect(everything).toContain('InvalidAccessKeyId')
  for (const secret of ['WRONGACCESSKEY', KEYS.secretKey]) expect(everything).not.toContain(secret)
})

test('close completes the files, and ends ffmpeg', async () => {
  const { sid } = await recordSlice('/blue')
  const before = ffmpegs()
  expect(before).toHaveLength(1)
  await bench.emulator.close()
  expect(alive(before)).toEqual([])
  const playlist = (await onDisk()).find((file) => file.endsWith('.m3u8')) ?? ''
  expect(playlist).toContain(sid)
  expect(await readFile(join(directory, playlist), 'utf8')).toContain('ENDLIST')
})
