import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { signNotification } from '@stillrolling/rest-core'
import { describe, expect, test } from 'vitest'
import { expectProblem } from '../testing/expectProblem.ts'
import { createHarness, notification, REQUEST, SECRETS } from '../testing/harness.ts'

const STOP = { eventType: 71, details: { code: 6, message: 'recorder_error' } }
const STOPPED = notification(STOP)

const expectOk = async (response: Response): Promise<void> => {
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toMatch(/^application\/json/)
  expect(await response.json()).toEqual({})
}

describe('a notification about one of our attempts', () => {
  test('starts the next attempt', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await expectOk(await harness.notify(STOPPED))
    await harness.drainEffects()
    expect(await harness.recording()).toMatchObject({
      attempts: [
        {
          state: 'ended',
          endReason: {
            code: 'stopped_by_agora',
            message: expect.stringContaining('code 6 (recorder_error)'),
            evidence: { eventType: 71, code: 6, detail: 'recorder_error', sid: 'sid1' },
          },
        },
        { number: 2, state: 'current', sid: 'sid2' },
      ],
    })
  })

  test('is verified over the raw bytes, however the JSON is formatted', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const odd = JSON.stringify(STOPPED, null, '\t')
      .replace('"productId": 3', '"productId" :\r\n 3.0')
      .replace('recorder_error', 'recorder\\u005ferror')
    await expectOk(await harness.notify(`\n ${odd} \n`))
    expect((await harness.recording()).attempts[0]?.endReason?.evidence).toMatchObject({
      detail: 'recorder_error',
    })
  })

  test('may have the SHA-1 signature alone', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const text = JSON.stringify(STOPPED)
    const sha1 = signNotification(text, SECRETS.notification)['Agora-Signature']
    await expectOk(await harness.notify(text, { 'agora-signature': sha1 }))
    expect((await harness.recording()).attempts).toHaveLength(2)
  })

  test('may be signed with any of several secrets', async () => {
    const harness = await createHarness({ notificationSecrets: ['SECRET-of-tomorrow', SECRETS.notification] })
    await harness.rolling()
    await expectOk(await harness.notify(STOPPED))
    expect((await harness.recording()).attempts).toHaveLength(2)
  })

  test('may have its uid as a number', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await expectOk(
      await harness.notify(notification({ eventType: 71, details: { code: 6 } }, { uid: 900001 })),
    )
    expect((await harness.recording()).attempts).toHaveLength(2)
  })

  test('may come under another uid after a failover', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await expectOk(await harness.notify(notification({ eventType: 71, details: { code: 6 } }, { uid: '77' })))
    expect((await harness.recording()).attempts).toHaveLength(2)
  })

  test('adds its files', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const fileList = [{ filename: 'sid1_class42.m3u8' }, { fileName: 'sid1_class42_0.mp4' }]
    await harness.notify(notification({ eventType: 71, details: { code: 0, fileList } }))
    expect(await harness.recording()).toMatchObject({
      state: 'stopped',
      files: ['sid1_class42.m3u8', 'sid1_class42_0.mp4'].map((name) => ({
        name,
        attempt: 1,
        upload: 'unknown',
      })),
    })
  })

  test('supplies the sid that a lost answer to start would have', async () => {
    const harness = await createHarness()
    harness.agora.answer('start', { status: 201, json: { code: 7, reason: 'already started' } })
    await harness.create()
    expect(await harness.recording()).toMatchObject({ state: 'starting', attempts: [{ sid: null }] })
    await expectOk(await harness.notify(notification({ eventType: 70 }, { sid: 'sid7' })))
    expect(await harness.recording()).toMatchObject({
      state: 'loading',
      attempts: [{ state: 'current', sid: 'sid7' }],
    })
  })
})

test('the path may end in a slash, over real HTTP', async () => {
  const harness = await createHarness()
  await harness.rolling()
  const handle = (request: Request) => harness.request(new URL(request.url).pathname, request)
  const server = serve({ fetch: handle, hostname: '127.0.0.1', port: 0 })
  try {
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const body = JSON.stringify(STOPPED)
    const headers = { 'content-type': 'application/json', ...signNotification(body, SECRETS.notification) }
    const address = `http://127.0.0.1:${port}/v1/notifications/`
    await expectOk(await fetch(address, { method: 'POST', headers, body }))
  } finally {
    server.close()
  }
  expect((await harness.recording()).attempts).toHaveLength(2)
})

describe('a repeated notification', () => {
  test('changes nothing: the same noticeId', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.notify(STOPPED)
    await harness.drainEffects()
    const before = await harness.dump()
    await expectOk(await harness.notify({ ...STOPPED, notifyMs: 1_767_225_700_000 }))
    expect(await harness.dump()).toEqual(before)
  })

  test('changes nothing: the same sequence number under another noticeId', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const reload = { eventType: 73, details: { reason: 'audio_silence' } }
    await harness.notify(notification({ ...reload, noticeId: 'one' }))
    const before = await harness.dump()
    await expectOk(await harness.notify(notification({ ...reload, noticeId: 'two' })))
    expect(await harness.dump()).toEqual(before)
    await expectOk(await harness.notify(notification({ ...reload, noticeId: 'three' }, { sequence: 2 })))
    expect((await harness.timeline()).filter(({ code }) => code === 'agora.reload')).toHaveLength(2)
  })

  test('is handled when the first could not be stored', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.db.schema.alterTable('timeline').renameTo('lost').execute()
    await expectProblem(await harness.notify(STOPPED), 500)
    await harness.db.schema.alterTable('lost').renameTo('timeline').execute()
    await expectOk(await harness.notify(STOPPED))
    expect((await harness.recording()).attempts).toHaveLength(2)
  })
})

describe('a notification that is refused changes nothing', () => {
  const text = JSON.stringify(STOPPED)
  const good = { ...signNotification(text, SECRETS.notification) }
  const signed = (body: string): Record<string, string> => ({
    ...signNotification(body, SECRETS.notification),
  })
  const large = JSON.stringify({ ...STOPPED, filler: 'x'.repeat(256 * 1024) })
  const refused: [number, string, string, Record<string, string>][] = [
    [401, 'unsigned', text, {}],
    [401, 'signed with nothing', text, { 'agora-signature-v2': '' }],
    [401, 'signed with another secret', text, { ...signNotification(text, 'SECRET-of-others') }],
    [401, 'signed with an empty secret', text, { ...signNotification(text, '') }],
    [401, 'changed after it was signed', text.replace('"code":6', '"code":0'), good],
    [401, 'written anew after it was signed', JSON.stringify(STOPPED, null, 1), good],
    [401, 'half a signature', text, { 'agora-signature-v2': good['Agora-Signature-V2'].slice(0, 32) }],
    [401, 'a wrong V2 beside a right V1', text, { ...good, 'Agora-Signature-V2': 'ab'.repeat(32) }],
    [401, 'unsigned and no JSON', 'hello', {}],
    [400, 'no JSON', 'hello', signed('hello')],
    [400, 'nothing', '', signed('')],
    [400, 'a list', '[]', signed('[]')],
    [413, 'too much', large, signed(large)],
  ]
  test.each(refused)('%i: %s', async (status, _what, body, headers) => {
    const harness = await createHarness()
    await harness.rolling()
    const before = await harness.dump()
    await expectProblem(await harness.notify(body, headers), status)
    expect(await harness.dump()).toEqual(before)
    await expectOk(await harness.notify(STOPPED))
  })

  test('400: bytes that are no UTF-8, although well signed', async () => {
    const harness = await createHarness()
    const body = new Uint8Array([0x7b, 0xff, 0x7d])
    const response = await harness.request('/v1/notifications', {
      method: 'POST',
      headers: { ...signNotification(body, SECRETS.notification) },
      body,
    })
    await expectProblem(response, 400)
  })

  test('404 without a secret: the route is off', async () => {
    const harness = await createHarness({ notificationSecrets: [] })
    await harness.rolling()
    const before = await harness.dump()
    await expectProblem(await harness.notify(STOPPED), 404)
    await expectProblem(await harness.notify(STOPPED, { ...signNotification(text, '') }), 404)
    expect(await harness.dump()).toEqual(before)
  })
})

test.each([
  ['its own uid', '900001'],
  ['the uid that a failover gave it', '77'],
])('stops an orphan as soon as its sid is known: by %s', async (_, uid) => {
  const harness = await createHarness()
  harness.agora.answer('start', { status: 201, json: { code: 7, reason: 'already started' } })
  await harness.create()
  await harness.pass(31)
  expect(await harness.recording()).toMatchObject({
    attempts: [
      { state: 'orphaned', sid: null },
      { state: 'current', sid: 'sid2' },
    ],
  })
  await expectOk(await harness.notify(notification({ eventType: 70 }, { sid: 'sid7', uid })))
  await harness.drainEffects()
  expect(harness.agora.sent.at(-1)).toMatchObject({ call: 'stop', resourceId: 'resource1', sid: 'sid7' })
  expect(await harness.recording(REQUEST.id)).toMatchObject({ attempts: [{ state: 'ended' }, {}] })
})

describe('a notification during a start cancels its retries', () => {
  const during = async (...notifications: Parameters<typeof notification>[]) => {
    const harness = await createHarness()
    const lost = { status: 504, json: {} }
    // The resource is used up, and the start with the fresh one has no answer.
    harness.agora.answer('start', lost, { status: 400, json: { code: 433 } }, lost)
    let starts = 0
    harness.agora.onRequest(async ({ call }) => {
      if (call !== 'start' || ++starts !== 3) return
      for (const each of notifications) await expectOk(await harness.notify(notification(...each)))
    })
    await harness.create()
    await harness.drainEffects()
    const { attempts } = await harness.recording()
    const sent = harness.agora.sent.filter(
      ({ call, body }) => call === 'start' && (body as { uid: string }).uid === attempts[0]?.uid,
    )
    return { attempts, sent }
  }

  test('the task is named', async () => {
    const { attempts, sent } = await during([{ eventType: 70 }, { sid: 'sid7' }])
    expect(sent).toHaveLength(3)
    expect(attempts[0]).toMatchObject({ state: 'current', sid: 'sid7' })
  })

  test('and has ended already', async () => {
    const { attempts, sent } = await during(
      [{ eventType: 70 }, { sid: 'sid7' }],
      [
        { eventType: 71, details: { code: 6 } },
        { sid: 'sid7', sequence: 1 },
      ],
    )
    expect(sent).toHaveLength(3)
    expect(attempts[0]).toMatchObject({ state: 'orphaned', sid: null })
  })
})
