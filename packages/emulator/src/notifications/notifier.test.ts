import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestBench, type StartChanges, type TestBench } from '../testing/client.ts'
import { type Receiver, startReceiver } from '../testing/receiver.ts'
import type { EmulatorLogEntry, EmulatorOptions, FaultRequest } from '../types.ts'

const SECRET = 'notification secret'

let receiver: Receiver
let bench: TestBench
let entries: EmulatorLogEntry[]

beforeEach(async () => {
  receiver = await startReceiver()
  entries = []
})
afterEach(async () => {
  await bench.emulator.close()
  await receiver.close()
})

const open = async (options: Partial<EmulatorOptions> = {}) => {
  const notifications = { url: receiver.url, secret: SECRET }
  bench = await createTestBench({ notifications, log: (entry) => entries.push(entry), ...options })
  return bench
}

const outcomes = () => entries.flatMap((entry) => (entry.type === 'notification' ? [entry.outcome] : []))
const types = () => receiver.received.map(({ eventType }) => eventType)
const receive = (...expected: number[]) => expect.poll(types).toEqual(expected)
/** Waits until the emulator has logged this number of outcomes. */
const waitForOutcomes = (count: number) => expect.poll(() => outcomes().length).toBe(count)

describe('the events of a task are', () => {
  const runTask = async (act: (sid: string) => Promise<unknown>, changes?: StartChanges) => {
    const { run, clock } = await open()
    const task = await run(changes)
    await act(task.sid)
    await clock.advance(1)
    return task
  }

  test('40 and 70 at the start, and 71 with code 0, 31 and 11 at a stop', async () => {
    const { run, on, clock } = await open()
    const task = await run()
    await on(task, 'stop', { async_stop: true })
    await clock.advance(1)
    await receive(40, 70, 71, 31, 11)
    const { cname, uid, sid } = task
    const [first, started, stopped, uploaded, exited] = receiver.received
    expect(receiver.received.map(({ payload }) => payload.sequence)).toEqual([0, 1, 2, 3, 4])
    expect(receiver.received.map(({ payload }) => payload.serviceType)).toEqual([1, 6, 6, 2, 0])
    expect(first).toMatchObject({
      productId: 3,
      payload: { cname, uid, sid, details: { msgName: 'recorder_started', status: 0 } },
    })
    expect(started?.payload.details).toEqual({
      msgName: 'web_recorder_started',
      recorderStartTime: Date.UTC(2026, 0, 1),
    })
    expect(stopped?.payload.details).toMatchObject({
      msgName: 'web_recorder_stopped',
      code: 0,
      message: 'ok',
      details: 'stopped by the user',
      fileList: [
        { filename: `class42/a1/${sid}_class42.m3u8`, sliceStartTime: Date.UTC(2026, 0, 1) },
        { filename: `class42/a1/${sid}_class42_0.mp4` },
      ],
    })
    expect(uploaded?.payload.details).toEqual({ msgName: 'uploaded', status: 0 })
    expect(exited?.payload.details).toEqual({ msgName: 'session_exit', exitStatus: 0 })
  })

  test('71 with the code and 11 with exitStatus 1 when the recorder fails', async () => {
    await runTask((sid) => bench.emulator.runCommand(sid, { do: 'stop', code: 6 }))
    await receive(40, 70, 71, 11)
    expect(receiver.received[2]?.payload.details).toMatchObject({ code: 6, message: 'recorder_error' })
    expect(receiver.received[3]?.payload.details).toMatchObject({ exitStatus: 1 })
  })

  test('71 with code 1 when maxRecordingHour is reached', async () => {
    await runTask(
      async () => {
        await waitForOutcomes(2)
        await bench.clock.advance(2 * 3600)
      },
      { web: { maxRecordingHour: 2 } },
    )
    await receive(40, 70, 71, 31, 11)
    expect(receiver.received[2]?.payload.details).toMatchObject({
      code: 1,
      details: 'max recording hour is 2',
    })
  })

  test('72 and then 71 with code 2 at a capability limit', async () => {
    await runTask((sid) => bench.emulator.runCommand(sid, { do: 'capabilityLimit', limitType: 'WebGL' }))
    await receive(40, 70, 72, 71, 11)
    expect(receiver.received[2]?.payload.details).toEqual({
      msgName: 'web_recorder_capability_limit',
      limitType: 'WebGL',
    })
    expect(receiver.received[3]?.payload.details).toMatchObject({ code: 2, message: 'capability_limit' })
  })

  test('73 after the first ready timeout, and 71 with code 4 after the second', async () => {
    await runTask(
      async () => {
        await waitForOutcomes(1)
        await bench.clock.advance(30)
        await waitForOutcomes(2)
        await bench.clock.advance(30)
      },
      { web: { readyTimeout: 30 } },
    )
    await receive(40, 73, 71, 11)
    expect(receiver.received[1]?.payload.details).toEqual({
      msgName: 'web_recorder_reload',
      reason: 'page_load_timeout',
    })
    expect(receiver.received[2]?.payload.details).toMatchObject({ code: 4, fileList: [] })
    expect(bench.emulator.tasks()).toMatchObject([{ reloads: 1, stop: { code: 4 } }])
  })

  test('70 only after the page called notifyReady', async () => {
    await runTask((sid) => bench.emulator.runCommand(sid, { do: 'notifyReady' }), {
      web: { readyTimeout: 30 },
    })
    await receive(40, 70)
    await waitForOutcomes(2)
    await bench.clock.advance(100)
    expect(types()).toEqual([40, 70])
  })

  test('without 31 if nothing was recorded', async () => {
    const { run, on, clock } = await open()
    const task = await run({ web: { onhold: true } })
    await on(task, 'stop')
    await clock.advance(1)
    await receive(40, 70, 71, 11)
  })
})

test('a notification is signed over the raw body with both digests', async () => {
  const { run } = await open()
  await run()
  await receive(40, 70)
  for (const { raw, headers } of receiver.received) {
    expect(headers['agora-signature']).toBe(createHmac('sha1', SECRET).update(raw).digest('hex'))
    expect(headers['agora-signature-v2']).toBe(createHmac('sha256', SECRET).update(raw).digest('hex'))
  }
})

test('setNotificationTarget changes where further notifications are sent', async () => {
  const { run, emulator } = await open({ notifications: undefined })
  await run()
  await waitForOutcomes(2)
  expect(outcomes()).toEqual(['noReceiver', 'noReceiver'])
  emulator.setNotificationTarget({ url: receiver.url, secret: SECRET })
  await run({ uid: '2' })
  await receive(40, 70)
})

describe('delivery', () => {
  const NotReady = { web: { readyTimeout: 60 } }

  test.each([
    ['another status', { status: 204, body: '' }],
    ['a body that is not JSON', { status: 200, body: 'ok' }],
    ['an empty body', { status: 200, body: '' }],
  ])('is retried after %s, with the same noticeId and a new notifyMs', async (_, answer) => {
    const { run, clock } = await open()
    receiver.answers.push(answer)
    await run(NotReady)
    await waitForOutcomes(1)
    await clock.advance(5)
    await receive(40, 40)
    const [first, second] = receiver.received
    expect(second?.noticeId).toBe(first?.noticeId)
    expect(second?.payload).toEqual(first?.payload)
    expect(second?.notifyMs).toBe((first?.notifyMs ?? 0) + 5000)
    await waitForOutcomes(2)
    expect(outcomes()).toEqual(['failed', 'delivered'])
  })

  test('is retried if there is no answer within 10 s', async () => {
    const { run, clock } = await open()
    receiver.answers.push(null)
    await run(NotReady)
    await receive(40)
    await clock.advance(10)
    await waitForOutcomes(1)
    await clock.advance(5)
    await receive(40, 40)
  })

  test('is given up after three retries', async () => {
    const { run, clock } = await open()
    for (let n = 0; n < 9; n++) receiver.answers.push({ status: 500, body: '{}' })
    await run({ web: { readyTimeout: 0, onhold: true } })
    await waitForOutcomes(2)
    for (const [index, seconds] of [5, 15, 45].entries()) {
      await clock.advance(seconds)
      await waitForOutcomes(2 * (index + 2))
    }
    await clock.advance(600)
    expect(types()).toHaveLength(8)
    expect(outcomes().slice(-2)).toEqual(['givenUp', 'givenUp'])
  })

  test('is retried if the receiver is unreachable, and close does not wait for the retry', async () => {
    const { run, emulator } = await open({ notifications: { url: 'http://127.0.0.1:9', secret: SECRET } })
    await run(NotReady)
    await waitForOutcomes(1)
    expect(outcomes()).toEqual(['failed'])
    await emulator.close()
  })
})

describe('a notification with the fault', () => {
  const withFault = async (fault: FaultRequest) => {
    const { run, emulator } = await open()
    emulator.injectFault(fault)
    return run()
  }

  test('drop: is not sent', async () => {
    await withFault({ on: 'notification', event: 40, then: 'drop' })
    await receive(70)
    expect(receiver.received[0]?.payload.sequence).toBe(1)
  })

  test('double: is sent twice with the same noticeId', async () => {
    await withFault({ on: 'notification', event: 40, then: 'double' })
    await receive(40, 40, 70)
    expect(receiver.received[0]?.noticeId).toBe(receiver.received[1]?.noticeId)
  })

  test('delay: is sent after the delay, with the time of the event', async () => {
    await withFault({ on: 'notification', event: 40, then: { delay: 30 } })
    await receive(70)
    await bench.clock.advance(30)
    await receive(70, 40)
    const [, late] = receiver.received
    expect(late?.payload.sendts).toBe(Date.UTC(2026, 0, 1))
    expect(late?.notifyMs).toBe(Date.UTC(2026, 0, 1) + 30_000)
  })

  test('reorder: is sent after the next one', async () => {
    await withFault({ on: 'notification', event: 40, then: 'reorder' })
    await receive(70, 40)
  })

  test('reorder without a next one: is sent after 5 s', async () => {
    await withFault({ on: 'notification', event: 70, then: 'reorder' })
    await receive(40)
    await bench.clock.advance(5)
    await receive(40, 70)
  })

  test('a fault applies to any event of a matching recording for the given time', async () => {
    const { run, emulator, clock } = await open()
    emulator.injectFault({ on: 'notification', match: { uid: '1' }, forSeconds: 60, then: 'drop' })
    await run({ uid: '1' })
    await run({ uid: '2' })
    await receive(40, 70)
    expect(receiver.received.every(({ payload }) => payload.uid === '2')).toBe(true)
    await clock.advance(60)
    await emulator.runCommand(emulator.tasks()[0]?.sid ?? '', { do: 'stop', code: 6 })
    await receive(40, 70, 71)
  })
})
