import { afterEach, describe, expect, test } from 'vitest'
import { type ChannelBench, createChannelBench } from '../testing/channelClient.ts'
import { NO_TASK } from '../testing/client.ts'

let bench: ChannelBench
afterEach(() => bench.emulator.close())

const open = async (...options: Parameters<typeof createChannelBench>): Promise<ChannelBench> => {
  bench = await createChannelBench(...options)
  return bench
}

const NOW = Date.UTC(2026, 0, 1)

describe('a channel without users', () => {
  const idle = async () => {
    const opened = await open()
    return { ...opened, task: await opened.run() }
  }

  test('ends the task after maxIdleTime from the start: status 8 for 30 s, then 404', async () => {
    const { task, on, view, clock } = await idle()
    await clock.advance(299)
    expect(view(task)).toMatchObject({ state: 'idle', status: 5, idleSince: new Date(NOW).toISOString() })
    await clock.advance(1)
    expect(view(task)).toMatchObject({ state: 'exiting', status: 6 })
    await clock.advance(1)
    expect(view(task)).toMatchObject({
      state: 'ended',
      exit: { exitStatus: 0, leaveCode: 20, reason: 'no user in the channel for 300 s' },
    })
    expect((await on(task, 'query')).body.serverResponse).toMatchObject({ status: 8 })
    for (const call of ['update', 'stop'] as const) expect(await on(task, call)).toEqual(NO_TASK)
    await clock.advance(30)
    expect(await on(task, 'query')).toEqual(NO_TASK)
  })

  test('ends it after maxIdleTime from when the last user left', async () => {
    const { task, users, view, clock } = await idle()
    await clock.advance(299)
    users(1)
    await clock.advance(3600)
    users(0)
    await clock.advance(299)
    users(1)
    await clock.advance(10)
    users(0)
    await clock.advance(299)
    expect(view(task).state).toBe('idle')
    await clock.advance(1)
    expect(view(task).state).toBe('exiting')
  })

  test('does not count anew when no user comes', async () => {
    const { task, users, view, clock } = await idle()
    await clock.advance(200)
    users(0)
    await clock.advance(101)
    expect(view(task).state).toBe('ended')
  })

  test('counts those who were there before the start, and those of this channel only', async () => {
    const { run, users, view, clock, emulator } = await open()
    users(2)
    emulator.runChannelCommand('other', { do: 'users', count: 0 })
    const task = await run()
    const other = await run({ cname: 'other' })
    await clock.advance(301)
    expect(view(task)).toMatchObject({ state: 'recording', users: ['1', '2'] })
    expect(view(other)).toMatchObject({ state: 'ended' })
  })

  test('counts users whom the task does not record', async () => {
    const { run, view, clock } = await open({ users: 1 })
    const task = await run({ config: { subscribeAudioUids: ['7'], subscribeVideoUids: ['7'] } })
    await clock.advance(3600)
    expect(view(task)).toMatchObject({ state: 'idle', users: ['1'], idleSince: null })
  })
})

test('an MP4 file does not begin at the moment of the stop', async () => {
  const { run, on, view, clock } = await open({ users: 1 })
  const task = await run({ request: { recordingFileConfig: { avFileType: ['hls', 'mp4'] } } })
  await clock.advance(2 * 3600)
  await on(task, 'stop', { async_stop: true })
  await clock.advance(1)
  expect(view(task).files.map(({ filename }) => filename)).toEqual([
    `lessons/${task.sid}_room.m3u8`,
    `lessons/${task.sid}_room_0.mp4`,
  ])
})

test('after resourceExpiredHour every call is answered 404, and the task goes on', async () => {
  const { run, on, view, clock } = await open({ users: 1, hourSeconds: 10 })
  const task = await run({ acquire: { resourceExpiredHour: 2 } })
  await clock.advance(19)
  expect((await on(task, 'query')).status).toBe(200)
  await clock.advance(1)
  for (const call of ['query', 'update', 'updateLayout', 'stop'] as const) {
    expect(await on(task, call)).toEqual(NO_TASK)
  }
  await clock.advance(3600)
  expect(view(task)).toMatchObject({ state: 'recording', status: 5 })
})
