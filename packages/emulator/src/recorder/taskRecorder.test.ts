import { mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FakeClock, fakeClock } from '../testing/fakeClock.ts'
import { colourAt, decode, FFMPEG, jpeg } from '../testing/ffmpeg.ts'
import { descendants } from '../testing/processes.ts'
import type { RecordedTask, RecorderSignal } from './recorder.ts'
import { type ClosableTaskRecorder, createTaskRecorder } from './taskRecorder.ts'

// The clock is a fake one, so hours of recording take seconds; ffmpeg and its files are real.

const START = Date.UTC(2026, 0, 1, 12)
const RED = jpeg('red')
const GREEN = jpeg('0x00a000')
const WAIT = { timeout: 15_000, interval: 20 }

let directory: string
let clock: FakeClock
let signals: RecorderSignal[]
let recorder: ClosableTaskRecorder

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'task-recorder-'))
  clock = fakeClock(START)
  signals = []
})
afterEach(async () => {
  await recorder.close()
  expect(ffmpegs()).toEqual([])
  await rm(directory, { recursive: true })
})

const ffmpegs = () => descendants(process.pid).filter(({ command }) => command.startsWith(FFMPEG))

const create = (changes: Partial<RecordedTask> = {}, finishTimeoutMs = 60_000): ClosableTaskRecorder => {
  const task = {
    sid: 'sid1',
    width: 64,
    height: 48,
    audioProfile: 0,
    mp4: true,
    maxVideoMs: 7_200_000,
    baseName: 'class42/a1/sid1_lesson',
    target: null,
    ...changes,
  }
  const settings = {
    directory,
    ffmpeg: FFMPEG,
    fps: 10,
    longestSide: 640,
    sliceSeconds: 15,
    finishTimeoutMs,
    clock,
  }
  recorder = createTaskRecorder(settings, task, {
    onSignal: (signal) => signals.push(signal),
    onEnded: () => {},
  })
  return recorder
}

const show = (picture: Buffer) => recorder.screencast.onPicture(picture)

/** Records `seconds` of a picture. */
const record = async (picture: Buffer, seconds: number): Promise<void> => {
  show(picture)
  recorder.start()
  await clock.advance(seconds)
}

const signalled = (type: RecorderSignal['type']) =>
  expect.poll(() => signals.map((signal) => signal.type), WAIT).toContain(type)

const finish = async (): Promise<void> => {
  recorder.finish()
  await signalled('recorderFinished')
}

const listed = () => signals.flatMap((signal) => (signal.type === 'fileWritten' ? [signal.file] : []))
const path = (name: string) => join(directory, 'class42/a1', name)
const playlist = () => readFile(path('sid1_lesson.m3u8'), 'utf8')
const names = async () => (await readdir(join(directory, 'class42/a1'))).toSorted()
/** None if nothing was ever recorded. */
const unfinished = () =>
  readdir(join(directory, '.unfinished')).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return []
    throw error
  })

describe('a recording of 40 s', () => {
  beforeEach(async () => {
    create()
    await record(RED, 20)
    await record(GREEN, 20)
    await finish()
  })

  test('has slices of 15 s, named after the time they began, in a playlist that has ended', async () => {
    expect(await names()).toEqual([
      'sid1_lesson.m3u8',
      'sid1_lesson_0.mp4',
      expect.stringMatching(/^sid1_lesson_20260101120000000\.ts$/),
      expect.stringMatching(/^sid1_lesson_20260101120015\d{3}\.ts$/),
      expect.stringMatching(/^sid1_lesson_20260101120030\d{3}\.ts$/),
    ])
    const text = await playlist()
    const lengths = [...text.matchAll(/#EXTINF:([\d.]+),/g)].map(([, seconds]) => Math.round(Number(seconds)))
    expect(lengths).toEqual([15, 15, 10])
    expect(text.trim().endsWith('#EXT-X-ENDLIST')).toBe(true)
    expect(await unfinished()).toEqual([])
  })

  test.each(['sid1_lesson.m3u8', 'sid1_lesson_0.mp4'])('%s plays: all of it, with its colours', (name) => {
    const { seconds, ...decoded } = decode(path(name))
    expect(decoded).toEqual({ errors: '', frames: 400, width: 64, height: 48, hasSound: true })
    expect(seconds).toBeCloseTo(40, 0)
    const [[red, , blue], [otherRed, green]] = [colourAt(path(name), 10), colourAt(path(name), 30)]
    expect([red > 220, blue < 40]).toEqual([true, true])
    expect([otherRed < 40, green > 120]).toEqual([true, true])
  })

  test('lists the playlist once, and the MP4 file when it is complete', () => {
    expect(listed()).toEqual([
      { filename: 'class42/a1/sid1_lesson.m3u8', sliceStartTime: START },
      { filename: 'class42/a1/sid1_lesson_0.mp4', sliceStartTime: START },
    ])
  })
})

test('while it records, the playlist lists the slices so far', async () => {
  create()
  await record(RED, 31)
  await expect.poll(() => playlist().catch(() => ''), WAIT).toMatch(/(\.ts\n.*){2}/s)
  expect(await playlist()).not.toContain('ENDLIST')
  const slices = (await playlist()).split('\n').filter((line) => line.endsWith('.ts'))
  const decoded = slices.map((slice) => decode(path(slice)))
  expect(decoded.map(({ errors, frames }) => [errors, frames])).toEqual([
    ['', 150],
    ['', 150],
  ])
})

test('an MP4 file ends after maxVideoDuration, and the next one begins', async () => {
  create({ maxVideoMs: 30_000 })
  await record(RED, 70)
  await finish()
  const videos = listed().filter(({ filename }) => filename.endsWith('.mp4'))
  expect(videos.map(({ filename }) => filename.slice(-6))).toEqual(['_0.mp4', '_1.mp4', '_2.mp4'])
  const begun = videos.map(({ sliceStartTime }) => Math.round((sliceStartTime - START) / 1000))
  expect(begun).toEqual([0, 30, 60])
  const lengths = videos.map(({ filename }) => decode(join(directory, filename)))
  expect(lengths.map(({ errors, frames }) => [errors, frames])).toEqual([
    ['', 300],
    ['', 300],
    ['', 100],
  ])
})

test('a pause is not in the files', async () => {
  create()
  await record(RED, 10)
  recorder.pause()
  await clock.advance(3600)
  await record(RED, 10)
  await finish()
  expect(decode(path('sid1_lesson_0.mp4'))).toMatchObject({ errors: '', frames: 200 })
  expect((await names()).at(-1)).toMatch(/_20260101130015\d{3}\.ts$/)
})

test('without mp4 there are slices only; a large page is scaled down; stereo', async () => {
  create({ mp4: false, width: 1920, height: 1080, audioProfile: 2 })
  expect(recorder.screencast).toMatchObject({ maxWidth: 640, maxHeight: 360, intervalMs: 100 })
  await record(jpeg('red', '640x360'), 2)
  await finish()
  expect(listed().map(({ filename }) => filename)).toEqual(['class42/a1/sid1_lesson.m3u8'])
  expect(decode(path('sid1_lesson.m3u8'))).toMatchObject({ errors: '', width: 640, height: 360 })
})

test('pictures of another size, as after a reload, are scaled', async () => {
  create()
  await record(RED, 2)
  await record(jpeg('red', '32x24'), 2)
  await finish()
  expect(decode(path('sid1_lesson_0.mp4'))).toMatchObject({ errors: '', frames: 40, width: 64, height: 48 })
})

test.each([
  ['that was never started', async () => {}],
  ['whose page never had a picture', async () => recorder.start()],
])('a recording %s has no file', async (_, begin) => {
  create()
  await begin()
  await clock.advance(30)
  await finish()
  expect(listed()).toEqual([])
  expect(await unfinished()).toEqual([])
})

describe('a recorder that is killed leaves the slices so far, in a playlist that has not ended', () => {
  beforeEach(async () => {
    create()
    await record(RED, 20)
    await signalled('fileWritten')
  })
  afterEach(async () => {
    expect(await names()).toEqual(['sid1_lesson.m3u8', 'sid1_lesson_20260101120000000.ts'])
    expect(await playlist()).not.toContain('ENDLIST')
    expect(decode(path('sid1_lesson_20260101120000000.ts'))).toMatchObject({ errors: '', frames: 150 })
    await expect.poll(unfinished, WAIT).toEqual([])
  })

  test('by abort', async () => {
    recorder.abort()
    await expect.poll(ffmpegs, WAIT).toEqual([])
    expect(signals.map(({ type }) => type)).toEqual(['fileWritten'])
  })

  test('because its ffmpeg died, which it reports', async () => {
    process.kill(ffmpegs()[0]?.pid ?? 0, 'SIGKILL')
    await signalled('recorderFailed')
    expect(signals[1]).toEqual({ type: 'recorderFailed', detail: 'ffmpeg ended: ffmpeg ended with SIGKILL' })
  })
})

describe('a failure while the files are completed is reported instead of the end', () => {
  const expectFailed = async (detail: string): Promise<void> => {
    await signalled('recorderFailed')
    await recorder.close()
    expect(signals).toEqual([{ type: 'recorderFailed', detail: expect.stringContaining(detail) }])
    expect(await unfinished()).toEqual([])
  }

  /** Finishes while ffmpeg reads nothing, with more frames due than fit into its pipe. */
  const finishWhileFfmpegHangs = async (): Promise<number> => {
    await record(RED, 1)
    const [hung] = ffmpegs()
    if (!hung) throw new Error('no ffmpeg runs')
    process.kill(hung.pid, 'SIGSTOP')
    await clock.advance(600)
    recorder.finish()
    return hung.pid
  }

  test('ffmpeg is killed', async () => {
    create()
    process.kill(await finishWhileFfmpegHangs(), 'SIGKILL')
    await expectFailed('ffmpeg did not complete the last files: ffmpeg ended with SIGKILL')
  })

  test('ffmpeg hangs, and is killed after a while', async () => {
    create({}, 100)
    await finishWhileFfmpegHangs()
    await expectFailed('ffmpeg did not complete the last files: it did not end within 0.1 s')
    expect(ffmpegs()).toEqual([])
  })

  test('the folder of the files is gone', async () => {
    create()
    await record(RED, 5)
    await rm(join(directory, 'class42'), { recursive: true })
    recorder.finish()
    await expectFailed('a file could not be written: ENOENT')
  })

  test('ffmpeg had failed before, which is reported once', async () => {
    await writeFile(join(directory, 'class42'), 'a file where the folder should be')
    create()
    recorder.start()
    recorder.finish()
    await expectFailed('the recorder could not start')
  })
})

test('close ends an ffmpeg that hangs', async () => {
  create({}, 100)
  await record(RED, 1)
  process.kill(ffmpegs()[0]?.pid ?? 0, 'SIGSTOP')
  await clock.advance(600)
  await recorder.close()
  expect(ffmpegs()).toEqual([])
})

test('a folder that cannot be removed does not end this process', async () => {
  create()
  await record(RED, 1)
  await rename(join(directory, '.unfinished'), join(directory, '.moved'))
  // A symbolic link to itself.
  await symlink('.unfinished', join(directory, '.unfinished'))
  process.kill(ffmpegs()[0]?.pid ?? 0, 'SIGKILL')
  await signalled('recorderFailed')
  await recorder.close()
})

test('close waits for files that are being completed', async () => {
  create()
  await record(RED, 30)
  recorder.finish()
  await recorder.close()
  expect(decode(path('sid1_lesson_0.mp4'))).toMatchObject({ errors: '', frames: 300 })
  expect(await playlist()).toContain('ENDLIST')
})

test('a folder that cannot be created is reported', async () => {
  await writeFile(join(directory, 'class42'), 'a file where the folder should be')
  create()
  recorder.start()
  expect(signals).toEqual([
    { type: 'recorderFailed', detail: expect.stringContaining('the recorder could not start') },
  ])
})

test('close completes the files, and ends ffmpeg', async () => {
  create()
  await record(RED, 5)
  await recorder.close()
  expect(ffmpegs()).toEqual([])
  expect(decode(path('sid1_lesson_0.mp4'))).toMatchObject({ errors: '', frames: 50 })
  expect(await playlist()).toContain('ENDLIST')
})
