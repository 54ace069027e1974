import { describe, expect, test } from 'vitest'
import { createHarness, type Harness, SECRETS } from '../testing/harness.ts'
import { userWhoJoined } from './userWhoJoined.ts'

const JOIN = {
  name: 'otherProduct',
  noticeId: '2000001428:4330:107',
  productId: 1,
  eventType: 107,
  payload: { channelName: 'room', uid: 7, platform: 1, clientSeq: 1_625_051_030, ts: 1_560_408_533 },
} as const

const ofPayload = (changes: object) => ({ ...JOIN, payload: { ...JOIN.payload, ...changes } })

test.each([103, 107, 111])('event %i is a user who joined', (eventType) => {
  expect(userWhoJoined({ ...JOIN, eventType })).toEqual({ channel: 'room', uid: '7' })
})

test.each([
  ['the uid as text', { uid: '7' }],
  ['a platform that says what it is', { platform: 6, clientType: 8 }],
  ['unknown fields', { account: 'ada', reason: {} }],
])('may have %s', (_what, changes) => {
  expect(userWhoJoined(ofPayload(changes))).toEqual({ channel: 'room', uid: '7' })
})

test.each([
  ['another product', { ...JOIN, productId: 5 }],
  ['the audience', { ...JOIN, eventType: 105 }],
  ['a user who left', { ...JOIN, eventType: 108 }],
  ['the cloud recorder', ofPayload({ platform: 6, clientType: 10 })],
  ['an on-premise recorder', ofPayload({ platform: 6, clientType: 3 })],
  ['no channel', ofPayload({ channelName: undefined })],
  ['no uid', ofPayload({ uid: null })],
  ['text for the payload', { ...JOIN, payload: 'joined' }],
])('no user has joined: %s', (_what, notification) => {
  expect(userWhoJoined(notification)).toBeUndefined()
})

test('who joins an empty channel is recorded', async () => {
  const harness = await createHarness()
  await harness.create({
    ...{ id: 'mix1', url: undefined, kind: 'channel', mode: 'mix', channel: 'room' },
    ...{ recordingConfig: { channelType: 0 }, policy: { onIdleExit: 'wait' } },
  })
  const left = {
    noticeId: 'left',
    productId: 3,
    eventType: 41,
    payload: { cname: 'room', uid: '900001', sid: 'sid1', details: { leaveCode: 20 } },
  }
  expect((await harness.notify(left)).status).toBe(200)
  expect(await harness.recording('mix1')).toMatchObject({ state: 'paused', attempts: [{ number: 1 }] })

  const { name: _, ...join } = JOIN
  const refused = await harness.notify(join, { 'agora-signature-v2': SECRETS.notification })
  expect(refused.status).toBe(401)
  for (const other of [{ channelName: 'other room' }, { uid: 900_001 }, { clientType: 10 }]) {
    expect((await harness.notify({ ...join, payload: { ...join.payload, ...other } })).status).toBe(200)
  }
  expect(await harness.recording('mix1')).toMatchObject({ state: 'paused', attempts: [{ number: 1 }] })

  const twice = [await harness.notify(join), await harness.notify(join)]
  expect(twice.map(({ status }) => status)).toEqual([200, 200])
  await harness.drainEffects()
  const { attempts } = await harness.recording('mix1')
  expect(attempts.map(({ uid, sid }) => ({ uid, sid }))).toEqual([
    { uid: '900001', sid: 'sid1' },
    { uid: '900002', sid: 'sid2' },
  ])
})

describe('a recorder of a recording that has stopped', () => {
  const stoppedBesideWaiting = async (request: object): Promise<Harness> => {
    const harness = await createHarness()
    const channel = { url: undefined, kind: 'channel', mode: 'mix', channel: 'room' }
    const recordingConfig = { channelType: 0 }
    await harness.create({ ...channel, recordingConfig, id: 'stopped' })
    await harness.api('POST', '/v1/recordings/stopped/stop')
    await harness.drainEffects()
    expect((await harness.recording('stopped')).state).toBe('stopped')
    await harness.create({
      ...{ ...channel, recordingConfig, id: 'mix2' },
      ...{ policy: { onIdleExit: 'wait' }, ...request },
    })
    const { uid } = (await harness.recording('mix2')).attempts[0] ?? {}
    const left = { productId: 3, eventType: 41, noticeId: 'left' }
    const payload = { cname: 'room', uid, sid: 'sid2', details: { leaveCode: 20 } }
    await harness.notify({ ...left, payload })
    expect(await harness.recording('mix2')).toMatchObject({ state: 'paused', attempts: [{ number: 1 }] })
    return harness
  }
  const join = async (harness: Harness): Promise<number> => {
    const { name: _, ...event } = JOIN
    const joined = await harness.notify({ ...event, payload: { ...event.payload, uid: 900_001 } })
    expect(joined.status).toBe(200)
    return (await harness.recording('mix2')).attempts.length
  }

  test('is no user, although it is said to have joined after the end', async () => {
    expect(await join(await stoppedBesideWaiting({}))).toBe(1)
  })

  test('is a user if the uid is in the range that a request names', async () => {
    const uidRange = { from: 900_001, to: 900_010 }
    expect(await join(await stoppedBesideWaiting({ uidRange }))).toBe(2)
  })
})
