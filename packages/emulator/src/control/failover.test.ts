import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ChannelBench, type ChannelChanges, createChannelBench } from '../testing/channelClient.ts'
import { createTestBench, NO_TASK, type TestBench } from '../testing/client.ts'
import { type Receiver, startReceiver } from '../testing/receiver.ts'

let receiver: Receiver
let bench: Pick<TestBench, 'emulator' | 'clock'>
let outcomes: number

beforeEach(async () => {
  receiver = await startReceiver()
  outcomes = 0
})
afterEach(async () => {
  await bench.emulator.close()
  await receiver.close()
})

const options = () => ({
  notifications: { url: receiver.url, secret: 'secret' },
  log: ({ type }: { type: string }) => {
    if (type === 'notification') outcomes++
  },
})

const openChannel = async (changes: ChannelChanges = {}, users = 1) => {
  const opened: ChannelBench = await createChannelBench({ ...options(), users })
  bench = opened
  return { ...opened, task: await opened.run(changes) }
}

const openPage = async () => {
  const opened = await createTestBench(options())
  bench = opened
  return { ...opened, task: await opened.run() }
}

/** The events with the uids that they came from. */
const events = () => receiver.received.map(({ eventType, payload }) => [eventType, payload.uid])
/** Advances once this number of deliveries has been answered, so that none of them is repeated. */
const advanceAfter = async (deliveries: number, seconds: number): Promise<void> => {
  await expect.poll(() => outcomes).toBe(deliveries)
  await bench.clock.advance(seconds)
}

/** A notification after which all earlier ones of the task have arrived, so that nothing is overlooked. */
const LAST = { do: 'notify', event: 999 } as const

const UID = '900001'
const NEW_UID = '4000000001'
const FAILOVER = { do: 'failover', newUid: NEW_UID } as const
/** From the start until the first user is recorded. */
const STARTED = [40, 13, 43, 44, 42, 30].map((event) => [event, UID])

describe('a failover of a channel', () => {
  test('answers 404 for 30 s, then the task goes on under newUid with new files', async () => {
    const { task, on, view, emulator } = await openChannel()
    await advanceAfter(6, 15)
    await emulator.runCommand(task.sid, FAILOVER)
    for (const call of ['query', 'update', 'updateLayout', 'stop'] as const) {
      expect(await on(task, call)).toEqual(NO_TASK)
    }
    await advanceAfter(7, 29)
    expect(await on(task, 'query')).toEqual(NO_TASK)
    await bench.clock.advance(1)
    await expect
      .poll(events)
      .toEqual([
        ...STARTED,
        [4, UID],
        [12, UID],
        ...[40, 13, 43, 44, 42, 30].map((event) => [event, NEW_UID]),
      ])
    expect(receiver.received.find(({ eventType }) => eventType === 12)?.payload).toMatchObject({
      sid: task.sid,
      serviceType: 0,
      details: { msgName: 'session_failover', newUid: NEW_UID },
    })
    await advanceAfter(14, 15)
    const { body } = await on(task, 'query')
    const backup = `lessons/bak0_${task.sid}_room.m3u8`
    expect(body).toMatchObject({ uid: UID, sid: task.sid, serverResponse: { status: 5, fileList: backup } })
    expect(view(task).files.map(({ filename }) => filename)).toEqual([
      `lessons/${task.sid}_room.m3u8`,
      backup,
    ])
    await expect.poll(() => events().at(-1)).toEqual([4, NEW_UID])
  })

  test('begins new files for each user, and again after each further failover', async () => {
    const { task, view, emulator, clock } = await openChannel({
      mode: 'individual',
      config: { streamTypes: 0 },
    })
    for (let n = 0; n < 2; n++) {
      await emulator.runCommand(task.sid, { do: 'failover', seconds: 1 })
      await clock.advance(2)
    }
    await clock.advance(60)
    const name = `${task.sid}_room__uid_s_1__uid_e_audio.m3u8`
    expect(view(task).files.map(({ filename }) => filename)).toEqual([
      `lessons/${name}`,
      `lessons/bak0_${name}`,
      `lessons/bak1_${name}`,
    ])
    expect(view(task).failovers).toBe(2)
  })

  test('before the first files were announced: the next server announces its own', async () => {
    const { task, emulator } = await openChannel()
    await advanceAfter(6, 5)
    await emulator.runCommand(task.sid, { ...FAILOVER, seconds: 1 })
    await advanceAfter(6, 1)
    await advanceAfter(13, 15)
    await expect.poll(() => events().filter(([event]) => event === 4)).toEqual([[4, NEW_UID]])
  })

  test('sees who came and left meanwhile, and counts idleness from the takeover', async () => {
    const { task, users, view, emulator, clock } = await openChannel()
    await emulator.runCommand(task.sid, { ...FAILOVER, seconds: 20 })
    users(0)
    await clock.advance(20)
    expect(view(task)).toMatchObject({ state: 'idle', idleSince: '2026-01-01T00:00:20.000Z' })
    await clock.advance(299)
    expect(view(task).state).toBe('idle')
    await clock.advance(2)
    expect(view(task)).toMatchObject({ state: 'ended', exit: { leaveCode: 20 } })
  })

  test('outlasts maxIdleTime: without a server nothing ends the task', async () => {
    const { task, users, view, emulator, clock } = await openChannel()
    await emulator.runCommand(task.sid, { ...FAILOVER, seconds: 400 })
    users(0)
    await clock.advance(399)
    expect(view(task)).toMatchObject({ state: 'starting', idleSince: null })
    await clock.advance(300)
    expect(view(task).state).toBe('idle')
  })

  test.each([
    ['silent', []],
    [
      'ends',
      [
        [31, UID],
        [11, UID],
      ],
    ],
  ] as const)('after which the former session is %s', async (former, expected) => {
    const { task, view, emulator } = await openChannel()
    await advanceAfter(6, 0)
    await emulator.runCommand(task.sid, { ...FAILOVER, seconds: 1, former })
    await advanceAfter(6, 1)
    await advanceAfter(13, 1)
    await emulator.runCommand(task.sid, LAST)
    await expect.poll(() => events().slice(13)).toEqual([...expected, [999, NEW_UID]])
    expect(view(task).state).toBe('recording')
  })

  test('after which the former session ends before the task is stopped, or the next server fails', async () => {
    const { task, emulator } = await openChannel()
    const failOver = (newUid: string) =>
      emulator.runCommand(task.sid, { do: 'failover', newUid, seconds: 1, former: 'ends' })
    await failOver('7')
    await advanceAfter(6, 1)
    await failOver('8')
    await advanceAfter(15, 1)
    await emulator.runCommand(task.sid, { do: 'stop', code: 0 })
    await advanceAfter(25, 1)
    await emulator.runCommand(task.sid, LAST)
    await expect.poll(() => events().at(-1)).toEqual([999, '8'])
    expect(events().filter(([event]) => event === 31 || event === 11 || event === 41)).toEqual([
      [31, UID],
      [11, UID],
      [31, '7'],
      [11, '7'],
      [41, '8'],
      [31, '8'],
      [11, '8'],
    ])
  })

  test('after which the former session continues: every event comes under both uids', async () => {
    const { task, emulator } = await openChannel()
    await advanceAfter(6, 0)
    await emulator.runCommand(task.sid, { ...FAILOVER, seconds: 1, former: 'continues' })
    await advanceAfter(6, 1)
    await advanceAfter(19, 0)
    await emulator.runCommand(task.sid, { do: 'stop', code: 0 })
    await advanceAfter(21, 1)
    const both = (event: number) => [
      [event, UID],
      [event, NEW_UID],
    ]
    await expect.poll(() => events().slice(-8)).toEqual([...both(41), ...both(33), ...both(31), ...both(11)])
    const sequences = receiver.received.map(({ payload }) => payload.sequence)
    expect(new Set(sequences).size).toBe(sequences.length)
  })

  test('is over when the task is stopped meanwhile', async () => {
    const { task, view, emulator } = await openChannel()
    await emulator.runCommand(task.sid, { ...FAILOVER, seconds: 20 })
    await emulator.runCommand(task.sid, { do: 'stop', code: 0 })
    await advanceAfter(7, 1)
    await advanceAfter(10, 60)
    expect(view(task)).toMatchObject({ state: 'ended', failovers: 0 })
    await emulator.runCommand(task.sid, LAST)
    await expect.poll(events).toEqual([...STARTED, ...[41, 33, 31, 11, 999].map((event) => [event, UID])])
  })

  test('409 while another server is taking over already; each has a newUid of its own', async () => {
    const { task, run, emulator } = await openChannel()
    const other = await run({ uid: '900002' })
    await emulator.runCommand(task.sid, { do: 'failover' })
    await emulator.runCommand(other.sid, { do: 'failover' })
    await expect(emulator.runCommand(task.sid, FAILOVER)).rejects.toMatchObject({ status: 409 })
    await advanceAfter(12, 30)
    await expect.poll(() => events().filter(([event]) => event === 12)).toHaveLength(2)
    const uids = receiver.received.flatMap(({ payload }) => payload.details.newUid ?? [])
    expect(uids).toEqual(['4000900001', '4000900002'])
  })
})

describe('a failover of a page', () => {
  test('opens the page anew under newUid, with new files after the old ones', async () => {
    const { task, on, emulator } = await openPage()
    await emulator.runCommand(task.sid, { ...FAILOVER, seconds: 8 })
    expect(emulator.tasks()).toMatchObject([{ state: 'starting', page: 'none' }])
    expect(await on(task, 'query')).toEqual(NO_TASK)
    await advanceAfter(2, 8)
    await expect.poll(events).toEqual([
      [40, UID],
      [70, UID],
      [12, UID],
      [13, NEW_UID],
      [40, NEW_UID],
      [70, NEW_UID],
    ])
    expect(emulator.tasks()).toMatchObject([{ state: 'recording', page: 'open', failovers: 1 }])
    const { body } = await on(task, 'query')
    const names = ['', 'bak0_'].flatMap((backup) => [
      { filename: `class42/a1/${backup}${task.sid}_class42.m3u8` },
      { filename: `class42/a1/${backup}${task.sid}_class42_0.mp4` },
    ])
    expect(body.serverResponse).toMatchObject({
      status: 5,
      extensionServiceState: [{ payload: { fileList: names } }],
    })
  })

  test('does not give it more time than maxRecordingHour', async () => {
    const { task, emulator, clock } = await openPage()
    await clock.advance(3600)
    await emulator.runCommand(task.sid, { ...FAILOVER, seconds: 10 })
    await clock.advance(2 * 3600 - 1)
    expect(emulator.tasks()).toMatchObject([{ state: 'recording' }])
    await clock.advance(2)
    expect(emulator.tasks()).toMatchObject([{ state: 'ended', stop: { code: 1 } }])
  })

  test('in which the page was never recorded again keeps the files of the first server', async () => {
    const { task, on, emulator } = await openPage()
    await emulator.runCommand(task.sid, { ...FAILOVER, seconds: 1 })
    await emulator.runCommand(task.sid, { do: 'stop', code: 0 })
    await advanceAfter(3, 1)
    await expect
      .poll(() =>
        events()
          .slice(-3)
          .map(([event]) => event),
      )
      .toEqual([71, 31, 11])
    expect(emulator.tasks()[0]?.files).toHaveLength(2)
    expect(await on(task, 'query')).toEqual(NO_TASK)
  })
})
