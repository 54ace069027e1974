import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ChannelBench, type ChannelChanges, createChannelBench } from '../testing/channelClient.ts'
import type { StartedTask } from '../testing/client.ts'
import { type Receiver, startReceiver } from '../testing/receiver.ts'
import type { EmulatorOptions } from '../types.ts'

let receiver: Receiver
let bench: ChannelBench
let outcomes: number

beforeEach(async () => {
  receiver = await startReceiver()
  outcomes = 0
})
afterEach(async () => {
  await bench.emulator.close()
  await receiver.close()
})

const run = async (
  changes: ChannelChanges & { users?: number } = {},
  options: Partial<EmulatorOptions> = {},
) => {
  const { users = 0, ...request } = changes
  bench = await createChannelBench({
    notifications: { url: receiver.url, secret: 'secret' },
    users,
    log: ({ type }) => {
      if (type === 'notification') outcomes++
    },
    ...options,
  })
  return bench.run(request)
}

const types = () => receiver.received.map(({ eventType }) => eventType)
/** Advances once this number of deliveries has been answered, so that none of them is repeated. */
const advanceAfter = async (deliveries: number, seconds: number): Promise<void> => {
  await expect.poll(() => outcomes).toBe(deliveries)
  await bench.clock.advance(seconds)
}
const receive = (...expected: number[]) => expect.poll(types).toEqual(expected)
/** Sends a last notification, before which all others of the task arrive: there are no more than these. */
const receiveOnly = async ({ sid }: StartedTask, ...expected: number[]) => {
  await bench.emulator.runCommand(sid, { do: 'notify', event: 999 })
  await receive(...expected, 999)
}
const last = () => receiver.received.at(-1)?.payload
const details = (event: number) =>
  receiver.received.filter(({ eventType }) => eventType === event).map(({ payload }) => payload.details)
const NOW = Date.UTC(2026, 0, 1)
const SNAPSHOTS = { snapshotConfig: { captureInterval: 5, fileType: ['jpg'] } }
const playlist = ({ sid }: StartedTask) => `lessons/${sid}_room.m3u8`

describe('the events of a composite recording are', () => {
  test('40 and 13 when the recorder is in the channel, and nothing while no user is', async () => {
    const task = await run()
    await advanceAfter(2, 200)
    await receiveOnly(task, 40, 13)
    expect(receiver.received[0]?.payload).toMatchObject({
      cname: 'room',
      uid: task.uid,
      sid: task.sid,
      sequence: 0,
      serviceType: 1,
      serviceScene: 'rtc_record',
      details: { msgName: 'recorder_started', status: 0 },
    })
    expect(receiver.received[1]?.payload).toMatchObject({
      serviceType: 0,
      details: { msgName: 'high_availability_registered' },
    })
  })

  test('43, 44, 42 and 30 when the first user comes, 4 when the playlist is uploaded, 33 once a minute', async () => {
    const task = await run()
    bench.users(2)
    await advanceAfter(6, 15)
    await receive(40, 13, 43, 44, 42, 30, 4)
    const stream = { streamUid: '0', state: 0, UtcMs: NOW }
    expect(details(43)).toEqual([{ msgName: 'recorder_audio_stream_state_changed', ...stream }])
    expect(details(44)).toEqual([{ msgName: 'recorder_video_stream_state_changed', ...stream }])
    expect(details(42)).toEqual([
      {
        msgName: 'recorder_slice_start',
        startUtcMs: NOW,
        discontinueUtcMs: NOW,
        mixedAllUser: true,
        streamUid: '0',
        trackType: 'audio_and_video',
      },
    ])
    expect(details(30)).toEqual([{ msgName: 'uploader_started', status: 0 }])
    expect(details(4)).toEqual([
      { msgName: 'cloud_recording_file_infos', fileListMode: 'string', fileList: playlist(task) },
    ])
    await advanceAfter(7, 45)
    await receive(40, 13, 43, 44, 42, 30, 4, 33)
    expect(details(33)).toEqual([{ msgName: 'uploading_progress', progress: 10_000 }])
  })

  test('43 and 44 with state 1 when the last user leaves; 42 says how long it was interrupted', async () => {
    await run({ users: 2 })
    bench.users(1)
    await bench.clock.advance(1)
    bench.users(0)
    await bench.clock.advance(4)
    bench.users(1)
    await receive(40, 13, 43, 44, 42, 30, 43, 44, 43, 44, 42)
    expect(details(43).map(({ state }) => state)).toEqual([0, 1, 0])
    expect(details(42)[1]).toMatchObject({ startUtcMs: NOW + 5000, discontinueUtcMs: NOW + 1000 })
  })

  test('41 without users, then 33, 31 with the files and 11 with exitStatus 0', async () => {
    const task = await run({ users: 1 })
    await advanceAfter(6, 20)
    bench.users(0)
    await advanceAfter(9, 300.5)
    await expect.poll(() => types().slice(-4)).toEqual([41, 33, 31, 11])
    expect(details(41)).toEqual([{ msgName: 'recorder_leave', leaveCode: 4 | 16 }])
    expect(details(31)).toEqual([
      { msgName: 'uploaded', status: 0, fileListMode: 'string', fileList: playlist(task) },
    ])
    expect(details(11)).toEqual([{ msgName: 'session_exit', exitStatus: 0 }])
  })

  test('41 and 11 alone if no user ever came', async () => {
    const task = await run()
    await advanceAfter(2, 301)
    await receiveOnly(task, 40, 13, 41, 11)
  })

  test('41 with another leave code at a stop', async () => {
    const task = await run({ users: 1 })
    await bench.on(task, 'stop', { async_stop: true })
    await bench.clock.advance(1)
    await receive(40, 13, 43, 44, 42, 30, 41, 33, 31, 11)
    expect(details(41)).toEqual([{ msgName: 'recorder_leave', leaveCode: 2 | 16 }])
    expect(receiver.received.map(({ payload }) => payload.sequence)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  test('1, level 5, and 11 with exitStatus 1 when the recorder dies', async () => {
    const { sid } = await run({ users: 1 })
    await bench.emulator.runCommand(sid, { do: 'stop', code: 6 })
    await bench.clock.advance(1)
    await receive(40, 13, 43, 44, 42, 30, 1, 11)
    expect(receiver.received[6]?.payload).toMatchObject({
      serviceType: 1,
      details: { module: 0, errorLevel: 5 },
    })
    expect(details(11)).toMatchObject([{ exitStatus: 1 }])
    expect(bench.emulator.tasks()).toMatchObject([{ status: 20, exit: { exitStatus: 1, leaveCode: null } }])
  })

  test.each([
    ['backedUp', [32], { status: 0 }],
    ['failing', [1, 31], { status: 3 }],
    ['credentialsExpired', [34, 31], { status: 3 }],
  ] as const)('%s: %j instead of 31 and its progress', async (as, events, expected) => {
    const { sid } = await run({ users: 1 })
    await receive(40, 13, 43, 44, 42, 30)
    await bench.emulator.runCommand(sid, { do: 'uploads', as })
    await bench.emulator.runCommand(sid, { do: 'stop', code: 0 })
    await bench.clock.advance(1)
    await expect.poll(() => types().at(-1)).toBe(11)
    expect(
      types()
        .slice(6, -1)
        .filter((event) => event !== 41),
    ).toEqual(events)
    expect(details(events.at(-1) ?? 0)[0]).toMatchObject({ ...expected, fileList: expect.any(String) })
  })
})

test('4 comes with the first media if files are named immediately', async () => {
  const task = await run({ users: 1 }, { fileDelay: 0 })
  await bench.clock.advance(0)
  await receive(40, 13, 43, 44, 42, 30, 4)
  expect(details(4)).toMatchObject([{ fileList: playlist(task) }])
})

describe('the events of an individual recording are', () => {
  test('43, 44 and 42 for each user', async () => {
    await run({ mode: 'individual', users: 1 })
    bench.emulator.runChannelCommand('room', { do: 'users', uids: ['8'] })
    await receive(40, 13, 43, 44, 42, 42, 30, 43, 44, 43, 44, 42, 42)
    expect(details(43).map(({ streamUid, state }) => [streamUid, state])).toEqual([
      ['1', 0],
      ['1', 1],
      ['8', 0],
    ])
    expect(
      details(42).map(({ streamUid, trackType, mixedAllUser }) => [streamUid, trackType, mixedAllUser]),
    ).toEqual([
      ['1', 'audio', false],
      ['1', 'video', false],
      ['8', 'audio', false],
      ['8', 'video', false],
    ])
  })

  test('4 again for the files of a further user', async () => {
    const { sid } = await run({ mode: 'individual', users: 1, config: { streamTypes: 0 } }, { fileDelay: 9 })
    await bench.clock.advance(5)
    bench.users(2)
    await receive(40, 13, 43, 42, 30, 43, 42)
    await advanceAfter(7, 9)
    await receive(40, 13, 43, 42, 30, 43, 42, 4, 4)
    const name = (uid: number) => `lessons/${sid}_room__uid_s_${uid}__uid_e_audio.m3u8`
    expect(details(4)).toMatchObject([
      { fileListMode: 'json', fileList: [{ fileName: name(1), uid: '1', trackType: 'audio' }] },
      { fileListMode: 'json', fileList: [{ fileName: name(1) }, { fileName: name(2) }] },
    ])
  })

  test('of the media that are recorded, and of the users who are subscribed to', async () => {
    const config = { streamTypes: 0, unsubscribeAudioUids: ['2'] }
    const task = await run({ mode: 'individual', users: 3, config })
    await receiveOnly(task, 40, 13, 43, 43, 42, 42, 30)
    expect(details(42).map(({ streamUid }) => streamUid)).toEqual(['1', '3'])
  })

  test('follow an update of the subscription', async () => {
    const task = await run({ mode: 'individual', users: 2, config: { streamTypes: 0 } })
    await bench.change(task, 'update', {
      streamSubscribe: { audioUidList: { subscribeAudioUids: ['2'] } },
    })
    await receive(40, 13, 43, 43, 42, 42, 30, 43)
    expect(last()?.details).toMatchObject({ streamUid: '1', state: 1 })
  })

  test('45 for each screenshot of each user; without files, in the scene of screenshots', async () => {
    const { sid } = await run({ mode: 'individual', users: 2, request: SNAPSHOTS })
    await bench.clock.advance(5)
    await expect.poll(() => types().slice(-2)).toEqual([45, 45])
    expect(details(45).map(({ fileName }) => fileName)).toEqual([
      `lessons/${sid}_room__uid_s_1__uid_e_video_20260101000005000.jpg`,
      `lessons/${sid}_room__uid_s_2__uid_e_video_20260101000005000.jpg`,
    ])
    expect(last()).toMatchObject({ serviceScene: 'rtc_snapshot' })
    await bench.emulator.runCommand(sid, { do: 'stop', code: 0 })
    await bench.clock.advance(1)
    await expect.poll(() => types().slice(-4)).toEqual([41, 33, 31, 11])
    expect(details(31)).toEqual([{ msgName: 'uploaded', status: 0 }])
  })
})
