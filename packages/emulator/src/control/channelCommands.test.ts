import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ChannelBench, createChannelBench } from '../testing/channelClient.ts'
import { startTask } from '../testing/client.ts'
import { type Receiver, startReceiver } from '../testing/receiver.ts'

let receiver: Receiver
let bench: ChannelBench

beforeEach(async () => {
  receiver = await startReceiver()
  bench = await createChannelBench({ notifications: { url: receiver.url, secret: 'secret' } })
})
afterEach(async () => {
  await bench.emulator.close()
  await receiver.close()
})

const post = async (path: string, body: unknown) => {
  const response = await fetch(bench.emulator.controlUrl + path, {
    method: 'POST',
    body: JSON.stringify(body),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? null : JSON.parse(text) }
}
const channels = async () => (await fetch(`${bench.emulator.controlUrl}/channels`)).json()
const types = () => receiver.received.map(({ eventType }) => eventType)

describe('the users of a channel', () => {
  test('are set before it is recorded, also of one with an odd name, and listed with its tasks', async () => {
    const path = `/channels/${encodeURIComponent('a/b c')}/commands`
    expect(await post(path, { do: 'users', count: 2 })).toEqual({ status: 204, body: null })
    const { sid } = await bench.run({ cname: 'room' })
    expect(await channels()).toEqual([
      { cname: 'a/b c', users: ['1', '2'], tasks: [] },
      { cname: 'room', users: [], tasks: [sid] },
    ])
  })

  test('come with the lowest free uids, and the last ones leave', () => {
    const { emulator } = bench
    const users = () => emulator.channels()[0]?.users
    const change = (command: { count: number } | { uids: string[] }) => {
      emulator.runChannelCommand('room', { do: 'users', ...command })
      return users()
    }
    expect(change({ uids: ['2', '900001'] })).toEqual(['2', '900001'])
    expect(change({ count: 4 })).toEqual(['2', '900001', '1', '3'])
    expect(change({ count: 1 })).toEqual(['2'])
    expect(change({ count: 0 })).toEqual([])
  })

  test('are those of every task of the channel, and can be set by one of them', async () => {
    const one = await bench.run()
    const two = await bench.run({ uid: '2', mode: 'individual' })
    const other = await bench.run({ cname: 'other' })
    expect((await post(`/tasks/${one.sid}/commands`, { do: 'users', uids: ['7'] })).status).toBe(204)
    expect([one, two, other].map((task) => bench.view(task).users)).toEqual([['7'], ['7'], []])
  })

  test.each([
    ['count', { do: 'users' }],
    ['count', { do: 'users', count: 1, uids: ['1'] }],
    ['count', { do: 'users', count: -1 }],
    ['uids.0', { do: 'users', uids: ['0'] }],
    ['uids.0', { do: 'users', uids: ['4294967296'] }],
    ['uids', { do: 'users', uids: ['1', '1'] }],
    ['do', { do: 'killPage' }],
  ])('400 names %s: %j', async (path, command) => {
    expect(await post('/channels/room/commands', command)).toMatchObject({
      status: 400,
      body: { fields: [{ path }] },
    })
    expect(await channels()).toEqual([])
  })

  test('are not those of a page: 409', async () => {
    await startTask(bench.emulator.url, {})
    const sid = bench.emulator.tasks()[0]?.sid
    expect(await post(`/tasks/${sid}/commands`, { do: 'users', count: 1 })).toMatchObject({
      status: 409,
      body: { error: `Task ${sid} records a page, which has no users` },
    })
  })

  test('that have the uid of the recorder are reported in the log', async () => {
    const messages: string[] = []
    const other = await createChannelBench({
      log: (entry) => {
        if (entry.type === 'task') messages.push(entry.message)
      },
    })
    other.emulator.runChannelCommand('room', { do: 'users', uids: ['900001'] })
    await other.run()
    await other.emulator.close()
    expect(messages).toContain('uid 900001 is a user of the channel, too: they would push each other out')
  })
})

test.each([
  { do: 'killPage' },
  { do: 'freezePage' },
  { do: 'cutOffPage' },
  { do: 'notifyReady' },
  { do: 'capabilityLimit', limitType: 'WebGL' },
  { do: 'stop', code: 4 },
] as const)('the command %j is answered 409 for a channel', async (command) => {
  const { sid } = await bench.run()
  await expect(bench.emulator.runCommand(sid, command)).rejects.toMatchObject({ status: 409 })
  expect(bench.view({ sid } as never).state).toBe('idle')
})

describe('the command notify', () => {
  test('sends any event of a channel or a page, numbered after the others', async () => {
    await startTask(bench.emulator.url, {})
    await bench.clock.advance(0)
    await expect.poll(types).toEqual([40, 70])
    const sid = bench.emulator.tasks()[0]?.sid ?? ''
    await post(`/tasks/${sid}/commands`, { do: 'notify', event: 2, details: { module: 0, warnCode: 5 } })
    await post(`/tasks/${sid}/commands`, { do: 'notify', event: 999, uid: '7' })
    await expect.poll(types).toEqual([40, 70, 2, 999])
    const [known, unknown] = receiver.received.slice(2)
    expect(known?.payload).toEqual({
      cname: 'class42',
      uid: '1',
      sid,
      sequence: 2,
      sendts: Date.UTC(2026, 0, 1),
      serviceType: 0,
      serviceScene: 'web_record',
      details: { msgName: 'cloud_recording_warning', module: 0, warnCode: 5 },
    })
    expect(unknown?.payload).toMatchObject({ uid: '7', sequence: 3, serviceType: 0, details: {} })
  })

  test('works after the end, and sends twice with different noticeIds', async () => {
    const { sid } = await bench.run()
    await bench.emulator.runCommand(sid, { do: 'stop', code: 0 })
    await bench.clock.advance(1)
    await expect.poll(types).toEqual([40, 13, 41, 11])
    await bench.emulator.runCommand(sid, {
      do: 'notify',
      event: 11,
      details: { exitStatus: 0 },
      redundant: true,
    })
    await expect.poll(types).toEqual([40, 13, 41, 11, 11, 11])
    const [first, second] = receiver.received.slice(4)
    expect(first?.noticeId).not.toBe(second?.noticeId)
    expect(first?.payload).toEqual(second?.payload)
  })

  test('overrides msgName, and is 404 for an unknown task', async () => {
    const { sid } = await bench.run()
    await bench.emulator.runCommand(sid, { do: 'notify', event: 71, details: { msgName: 'odd' } })
    await expect.poll(() => receiver.received.at(-1)?.payload.details).toEqual({ msgName: 'odd' })
    expect((await post('/tasks/unknown/commands', { do: 'notify', event: 1 })).status).toBe(404)
  })

  test.each([
    ['event', { do: 'notify' }],
    ['event', { do: 'notify', event: '11' }],
    ['details', { do: 'notify', event: 11, details: 'x' }],
    ['uid', { do: 'notify', event: 11, uid: 7 }],
  ])('400 names %s: %j', async (path, command) => {
    const { sid } = await bench.run()
    expect(await post(`/tasks/${sid}/commands`, command)).toMatchObject({
      status: 400,
      body: { fields: [{ path }] },
    })
  })
})

test('a notification with the fault redundant is sent twice, with different noticeIds', async () => {
  bench.emulator.injectFault({ on: 'notification', forSeconds: 86_400, then: 'redundant' })
  await bench.run()
  await expect.poll(types).toEqual([40, 40, 13, 13])
  const ids = receiver.received.map(({ noticeId }) => noticeId)
  expect(new Set(ids).size).toBe(4)
  expect(receiver.received.map(({ payload }) => payload.sequence)).toEqual([0, 0, 1, 1])
})
