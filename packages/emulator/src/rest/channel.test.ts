import { afterEach, describe, expect, test } from 'vitest'
import { type ChannelBench, channelRequest, createChannelBench } from '../testing/channelClient.ts'
import { NO_TASK } from '../testing/client.ts'

let bench: ChannelBench
afterEach(() => bench.emulator.close())

const open = async (...options: Parameters<typeof createChannelBench>): Promise<ChannelBench> => {
  bench = await createChannelBench(...options)
  return bench
}

const NOW = Date.UTC(2026, 0, 1)
const HLS_MP4 = { recordingFileConfig: { avFileType: ['hls', 'mp4'] } }

describe('start', () => {
  test.each(['individual', 'mix'] as const)('200 in mode %s echoes the request', async (mode) => {
    const { acquire, start, view } = await open()
    const acquired = await acquire()
    const started = await start(String(acquired.body.resourceId), { mode })
    expect(started).toEqual({
      status: 200,
      body: { ...acquired.body, sid: expect.stringMatching(/^\w{32}$/) },
    })
    expect(view(started.body as never)).toMatchObject({ mode, cname: 'room', state: 'starting', status: 1 })
  })

  test('400/2 if acquire was for a web page', async () => {
    const { acquire, start, emulator } = await open()
    const acquired = await acquire({ acquire: { scene: 1 } })
    expect(await start(String(acquired.body.resourceId))).toEqual({
      status: 400,
      body: { code: 2, reason: 'Start: invalid mode value!' },
    })
    expect(emulator.requests().at(-1)?.detail).toContain('scene of acquire must be 0; it was 1')
  })

  test.each([
    ['a'.repeat(64), 'at most 63 bytes'],
    ['raum#ä', 'characters that a channel cannot have'],
  ])('400/1013 for the channel %s', async (cname, detail) => {
    const { acquire, start, emulator } = await open()
    const acquired = await acquire({ cname })
    expect(await start(String(acquired.body.resourceId), { cname })).toEqual({
      status: 400,
      body: { code: 1013, reason: 'invalid channel name' },
    })
    expect(emulator.requests().at(-1)?.detail).toContain(detail)
  })

  test('400/53 for the uid of another task in the channel, 200 for another uid and another channel', async () => {
    const { run, acquire, start } = await open()
    await run()
    const again = await acquire()
    expect((await start(String(again.body.resourceId), { mode: 'individual' })).body.code).toBe(53)
    await run({ uid: '900002', mode: 'individual' })
    await run({ cname: 'other' })
  })
})

describe('query', () => {
  test('404 under another mode than the task has', async () => {
    const { run, on } = await open()
    const task = await run()
    expect(await on({ ...task, mode: 'individual' }, 'query')).toEqual(NO_TASK)
    expect((await on(task, 'query')).status).toBe(200)
  })

  test('names the playlist as a text in composite mode with HLS alone, 15 s after the first media', async () => {
    const { run, on, users, clock } = await open()
    const { mode, ...task } = await run()
    expect(await on({ mode, ...task }, 'query')).toEqual({
      status: 200,
      body: { ...task, serverResponse: { status: 5, fileListMode: 'string', fileList: '' } },
    })
    await clock.advance(10)
    users(2)
    await clock.advance(14)
    const answer = async () => (await on({ mode, ...task }, 'query')).body.serverResponse
    expect(await answer()).toEqual({
      status: 5,
      fileListMode: 'string',
      fileList: '',
      sliceStartTime: NOW + 10_000,
    })
    await clock.advance(1)
    expect(await answer()).toMatchObject({ fileList: `lessons/${task.sid}_room.m3u8` })
  })

  test('lists the files in composite mode with MP4, a new one every two hours', async () => {
    const { run, on, clock } = await open({ users: 1 })
    const task = await run({ request: HLS_MP4 })
    await clock.advance(2 * 3600)
    const file = {
      uid: '0',
      trackType: 'audio_and_video',
      mixedAllUser: true,
      isPlayable: true,
      sliceStartTime: NOW,
    }
    expect((await on(task, 'query')).body.serverResponse).toEqual({
      status: 5,
      fileListMode: 'json',
      fileList: [
        { fileName: `lessons/${task.sid}_room.m3u8`, ...file },
        { fileName: `lessons/${task.sid}_room_0.mp4`, ...file },
        { fileName: `lessons/${task.sid}_room_1.mp4`, ...file, sliceStartTime: NOW + 2 * 3600_000 },
      ],
      sliceStartTime: NOW,
    })
  })

  test('lists a file for the audio and the video of each user in individual mode, a minute after they came', async () => {
    const { run, on, users, clock } = await open()
    const task = await run({ mode: 'individual' })
    users(1)
    await clock.advance(30)
    users(2)
    await clock.advance(30)
    const answer = async () => (await on(task, 'query')).body.serverResponse as { fileList: unknown[] }
    const file = (uid: string, trackType: string, sliceStartTime: number) => ({
      fileName: `lessons/${task.sid}_room__uid_s_${uid}__uid_e_${trackType}.m3u8`,
      uid,
      trackType,
      mixedAllUser: false,
      isPlayable: true,
      sliceStartTime,
    })
    const first = [file('1', 'audio', NOW), file('1', 'video', NOW)]
    expect(await answer()).toEqual({
      status: 5,
      fileListMode: 'json',
      fileList: first,
      sliceStartTime: NOW,
    })
    await clock.advance(30)
    expect((await answer()).fileList).toEqual([
      ...first,
      file('2', 'audio', NOW + 30_000),
      file('2', 'video', NOW + 30_000),
    ])
  })

  test('has no files for screenshots alone', async () => {
    const { run, on, clock } = await open({ users: 1 })
    const task = await run({
      mode: 'individual',
      request: { snapshotConfig: { captureInterval: 5, fileType: ['jpg'] } },
    })
    await clock.advance(120)
    expect((await on(task, 'query')).body.serverResponse).toEqual({ status: 5 })
  })

  test('the time until files are named can be set', async () => {
    const { run, on, clock } = await open({ users: 1, fileDelay: 2 })
    const task = await run({ mode: 'individual', config: { streamTypes: 0 } })
    await clock.advance(2)
    expect((await on(task, 'query')).body.serverResponse).toMatchObject({
      fileList: [{ fileName: `lessons/${task.sid}_room__uid_s_1__uid_e_audio.m3u8` }],
    })
  })
})

describe('stop', () => {
  test('200 after the upload if synchronous, with the files', async () => {
    const { run, on, view, clock } = await open({ users: 1 })
    const { mode, ...task } = await run()
    await clock.advance(1)
    const answer = on({ mode, ...task }, 'stop')
    await expect.poll(() => view(task).state).toBe('exiting')
    await clock.advance(0.5)
    expect(await answer).toEqual({
      status: 200,
      body: {
        ...task,
        serverResponse: {
          fileListMode: 'string',
          fileList: `lessons/${task.sid}_room.m3u8`,
          uploadingStatus: 'uploaded',
        },
      },
    })
    expect(view(task)).toMatchObject({
      state: 'ended',
      exit: { leaveCode: 18, reason: 'stopped by the user' },
    })
  })

  test.each([
    ['backedUp', 'backuped'],
    ['failing', 'unknown'],
    ['credentialsExpired', 'unknown'],
  ] as const)('uploadingStatus after the upload of files that are %s: %s', async (as, uploadingStatus) => {
    const { run, on, view, clock, emulator } = await open({ users: 1 })
    const task = await run()
    await emulator.runCommand(task.sid, { do: 'uploads', as })
    const answer = on(task, 'stop')
    await expect.poll(() => view(task).state).toBe('exiting')
    await clock.advance(0.5)
    expect((await answer).body.serverResponse).toMatchObject({ uploadingStatus })
  })

  test('200 immediately if asynchronous, 400/49 for another one, and status 6', async () => {
    const { run, on } = await open({ users: 1 })
    const task = await run({ mode: 'individual' })
    expect((await on(task, 'stop', { async_stop: true })).body.serverResponse).toMatchObject({
      fileListMode: 'json',
      fileList: [{ trackType: 'audio' }, { trackType: 'video' }],
      uploadingStatus: 'unknown',
    })
    expect((await on(task, 'stop')).body.code).toBe(49)
    expect((await on(task, 'query')).body.serverResponse).toMatchObject({ status: 6 })
  })

  test('206/435 if nothing was recorded, and the task ends', async () => {
    const { run, on, view, clock } = await open()
    const task = await run()
    expect(await on(task, 'stop')).toEqual({ status: 206, body: { code: 435, reason: 'no recorded data' } })
    await clock.advance(1)
    expect(view(task)).toMatchObject({ state: 'ended', files: [] })
  })

  test('code 50 when the upload outlasts 20 s, 400/432 for another uid', async () => {
    const { run, on, view, clock } = await open({ users: 1, exitDelay: 30 })
    const task = await run()
    expect((await on({ ...task, uid: '7' }, 'stop')).body.code).toBe(432)
    const answer = on(task, 'stop')
    await expect.poll(() => view(task).state).toBe('exiting')
    await clock.advance(20)
    expect((await answer).body.code).toBe(50)
  })
})

describe('update', () => {
  test('200 changes the subscription: a list for one medium ends the other', async () => {
    const { run, change, view } = await open({ users: 2 })
    const { mode, ...task } = await run({ mode: 'individual' })
    const answer = await change({ mode, ...task }, 'update', {
      streamSubscribe: { audioUidList: { subscribeAudioUids: ['2'] } },
    })
    expect(answer).toEqual({ status: 200, body: task })
    expect(view(task).subscription).toEqual({ audio: { only: ['2'] }, video: { only: [] } })
  })

  test('200 for new storage credentials, 206/65 while another one is carried out', async () => {
    const { run, on, change, clock } = await open()
    const task = await run()
    const { storageConfig } = channelRequest()
    expect((await change(task, 'update', { storageConfig })).status).toBe(200)
    const first = on(task, 'update', { storageConfig })
    await expect.poll(() => bench.emulator.requests().length).toBe(4)
    expect((await on(task, 'updateLayout', { mixedVideoLayout: 1 })).body.code).toBe(65)
    await clock.advance(1)
    expect((await first).status).toBe(200)
  })

  test.each([
    ['subscribeAudioUids', { audioUidList: { subscribeAudioUids: ['x'] } }],
    ['audioUidList', { audioUidList: {} }],
    ['streamSubscribe', {}],
  ])('400/2 names %s: %j', async (field, streamSubscribe) => {
    const { run, on } = await open()
    const task = await run()
    expect(await on(task, 'update', { streamSubscribe })).toEqual({
      status: 400,
      body: { code: 2, reason: `Update: invalid ${field} value!` },
    })
  })
})

describe('updateLayout', () => {
  test('200 in composite mode replaces the layout', async () => {
    const { run, change, view } = await open()
    const { mode, ...task } = await run({
      config: { transcodingConfig: { mixedVideoLayout: 1, width: 640 } },
    })
    expect(view(task).layout).toEqual({ mixedVideoLayout: 1, width: 640 })
    const layout = { mixedVideoLayout: 2, maxResolutionUid: '1', backgroundColor: '#FF0000' }
    expect(await change({ mode, ...task }, 'updateLayout', layout)).toEqual({ status: 200, body: task })
    expect(view(task).layout).toEqual(layout)
  })

  test('400/1028 for a layout that is not valid, 400/2 in individual mode, 400/432 for another uid', async () => {
    const { run, on } = await open()
    const task = await run()
    expect(await on(task, 'updateLayout', { mixedVideoLayout: 3 })).toEqual({
      status: 400,
      body: { code: 1028, reason: 'invalid layout' },
    })
    expect((await on({ ...task, uid: '7' }, 'updateLayout', {})).body.code).toBe(432)
    const individual = await run({ mode: 'individual', uid: '2' })
    expect((await on(individual, 'updateLayout', {})).body).toEqual({
      code: 2,
      reason: 'UpdateLayout: invalid mode value!',
    })
  })
})
