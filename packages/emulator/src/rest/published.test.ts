import { createCloudRecording, createQuota } from '@stillrolling/rest-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  ACQUIRES,
  channelStart,
  LAYOUTS,
  type PublishedMode,
  STARTS,
  STORAGE,
  UPDATES,
} from '../../../../test/publishedRequests.ts'
import { createInProcessEmulator } from '../createInProcessEmulator.ts'
import { CREDENTIALS } from '../testing/client.ts'
import { type FakeClock, fakeClock } from '../testing/fakeClock.ts'
import type { InProcessEmulator } from '../types.ts'

// The requests pass through rest-core, which checks them as well.

const identity = { cname: 'class42', uid: '527841' }

const CHANNEL_STARTS = STARTS.flatMap(([mode, what, request]) =>
  mode === 'web' ? [] : [[mode, what, request] as const],
)

/** The `scene` of the acquire before a start. */
const sceneOf = (mode: PublishedMode, clientRequest: object): 0 | 1 | 2 => {
  if (mode === 'web') return 1
  return 'appsCollection' in clientRequest ? 2 : 0
}

let emulator: InProcessEmulator
let clock: FakeClock
let client: ReturnType<typeof createCloudRecording>

beforeEach(() => {
  clock = fakeClock()
  emulator = createInProcessEmulator({ ...CREDENTIALS, browser: false, qps: null, clock })
  client = createCloudRecording({
    ...CREDENTIALS,
    quota: createQuota({ perSecond: 100 }),
    fetch: emulator.fetch,
  })
})
afterEach(() => emulator.close())

/** Lets a moment of the emulator's time pass as soon as the call has arrived. */
const meanwhile = async <Answer>(call: Promise<Answer>): Promise<Answer> => {
  const known = emulator.requests().length
  await expect.poll(() => emulator.requests().length).toBeGreaterThan(known)
  await clock.advance(1)
  return call
}

const start = async (mode: 'mix' | 'individual', clientRequest: object) => {
  const scene = sceneOf(mode, clientRequest)
  const { resourceId } = await client.acquire({ ...identity, clientRequest: { scene } })
  const { sid } = await client.start({ ...identity, resourceId, mode, clientRequest } as never)
  await clock.advance(0)
  return { ...identity, resourceId, sid, mode }
}

test.each(ACQUIRES)('acquire with %s is accepted', async (_, clientRequest) => {
  await client.acquire({ ...identity, clientRequest })
  expect(emulator.requests()).toMatchObject([{ call: 'acquire', status: 200 }])
})

test.each(CHANNEL_STARTS)(
  'mode %s: a start %s is accepted, queried and stopped',
  async (mode, _, clientRequest) => {
    emulator.runChannelCommand('class42', { do: 'users', uids: ['123'] })
    const task = await start(mode, clientRequest)
    await clock.advance(60)
    const { resourceId, sid } = task
    const { serverResponse } = await client.query({ resourceId, sid, mode })
    expect(serverResponse.status).toBe(5)
    expect(emulator.tasks()).toMatchObject([{ mode, state: 'recording' }])
    const { serverResponse: stopped } = await meanwhile(client.stop({ ...task, clientRequest: {} }))
    expect(stopped.uploadingStatus).toBe('uploaded')
    expect(stopped.fileList.length).toBe(emulator.tasks()[0]?.files.length)
  },
)

test.each(STARTS)(
  'mode %s: a start %s is accepted after an acquire with the same startParameter',
  async (mode, _, clientRequest) => {
    const scene = sceneOf(mode, clientRequest)
    const startParameter = clientRequest as never
    const { resourceId } = await client.acquire({ ...identity, clientRequest: { scene, startParameter } })
    const answer = await client.start({ ...identity, resourceId, mode, clientRequest } as never)
    expect(answer.sid).toBe(emulator.tasks()[0]?.sid)
  },
)

describe.each(['mix', 'individual'] as const)('mode %s', (mode) => {
  test.each(UPDATES)('the update %j is accepted', async (clientRequest) => {
    const task = await start(mode, channelStart({}))
    const answer = await meanwhile(client.update({ ...task, clientRequest } as never))
    expect(answer).toMatchObject({ sid: task.sid, resourceId: task.resourceId })
  })
})

test.each(LAYOUTS)('the layout %j is accepted', async (clientRequest) => {
  const task = await start('mix', channelStart({}))
  await meanwhile(client.updateLayout({ ...task, mode: 'mix', clientRequest }))
  expect(emulator.tasks()).toMatchObject([{ layout: clientRequest }])
})

test('fields that are not documented are accepted in every call', async () => {
  const send = { unknownFields: 'send' } as const
  const tomorrow = { retention: { days: 7 } }
  const acquired = await client.acquire(
    { ...identity, clientRequest: { scene: 0, ...tomorrow } } as never,
    send,
  )
  const clientRequest = { ...channelStart({ newCodec: 'av1' }), ...tomorrow }
  const request = { ...identity, resourceId: acquired.resourceId, mode: 'mix', clientRequest }
  const { sid } = await client.start(request as never, send)
  const task = { ...identity, resourceId: acquired.resourceId, sid, mode: 'mix' as const }
  await meanwhile(
    client.update({ ...task, clientRequest: { storageConfig: STORAGE, ...tomorrow } } as never, send),
  )
  await meanwhile(client.updateLayout({ ...task, clientRequest: { spacing: 4 } } as never, send))
  expect(emulator.requests().map(({ status }) => status)).toEqual([200, 200, 200, 200])
})
