import { describe, expect, test } from 'vitest'
import type { Readiness } from '../runtime/health.ts'
import { createHarness, notification, REQUEST } from '../testing/harness.ts'

const STOP = { eventType: 71, details: { code: 6, message: 'recorder_error' } }
const STOPPED = notification(STOP)

const expectOk = async (response: Response): Promise<void> => {
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({})
}

describe('a notification in another form than documented', () => {
  const ended = 'stopped_by_agora'
  const { noticeId: _, ...withoutId } = STOPPED
  const odd: [string, Record<string, unknown>, string, Record<string, unknown>][] = [
    ['71 without code', notification({ eventType: 71 }), ended, {}],
    ['71 with code in text', notification({ eventType: 71, details: { code: '6' } }), ended, { code: 6 }],
    ['71 with the text of a code', notification({ eventType: 71, details: { code: 'six' } }), ended, {}],
    [
      '71 with objects for text',
      notification({ eventType: 71, details: { code: 6, message: { text: 'm' }, details: ['d'] } }),
      ended,
      { code: 6, detail: '{"text":"m"}' },
    ],
    [
      '71 whose details are text',
      { ...STOPPED, payload: { ...(STOPPED.payload as object), details: 'recorder_error' } },
      ended,
      {},
    ],
    ['numbers in text', { ...STOPPED, productId: '3', eventType: '71' }, ended, { code: 6 }],
    ['notificationId', { ...withoutId, notificationId: 'older' }, ended, { code: 6 }],
    ['no id', withoutId, ended, { code: 6 }],
    ['no productId', { ...STOPPED, productId: undefined }, ended, { code: 6 }],
    ['a known sid without uid', notification(STOP, { uid: undefined }), ended, { code: 6 }],
    ['a known sid without cname', notification(STOP, { cname: undefined }), ended, { code: 6 }],
    ['a known uid without sid', notification(STOP, { sid: undefined }), ended, { code: 6, sid: 'sid1' }],
  ]
  test.each(odd)('is acted on: %s', async (_what, body, code, evidence) => {
    const harness = await createHarness()
    await harness.rolling()
    await expectOk(await harness.notify(body))
    await expectOk(await harness.notify(body))
    const { attempts } = await harness.recording()
    expect(attempts).toHaveLength(2)
    expect(attempts[0]).toMatchObject({ state: 'ended', endReason: { code, evidence } })
  })

  test.each([
    ['11 without exitStatus', notification({ eventType: 11 })],
    ['12 without newUid', notification({ eventType: 12 })],
    ['1 without errorLevel', notification({ eventType: 1, details: { errorMsg: 'x' } })],
  ])('causes a query where it says too little: %s', async (_what, body) => {
    const harness = await createHarness()
    await harness.rolling()
    const queries = (): number => harness.agora.sent.filter(({ call }) => call === 'query').length
    await harness.drainEffects()
    const before = queries()
    await expectOk(await harness.notify(body))
    await harness.drainEffects()
    expect(queries()).toBe(before + 1)
    expect(await harness.recording()).toMatchObject({ state: 'rolling' })
  })
})

describe('a well-signed notification that is not about our attempts', () => {
  const useless: [string, Record<string, unknown>][] = [
    ['about an unknown sid', notification({ eventType: 71, details: { code: 6 } }, { sid: 'sid9' })],
    ['about an unknown recording', notification({ eventType: 70 }, { cname: 'x', sid: 'sid9' })],
    ['about nothing', { noticeId: 'n', eventType: 10, productId: 1, notifyMs: 1, payload: {} }],
    ['with no more than an event', { eventType: 71 }],
    ['with no event', { noticeId: 'n', payload: {} }],
    [
      'about Media Pull',
      {
        noticeId: 'n',
        productId: 4,
        eventType: 3,
        notifyMs: 1,
        payload: {
          lts: 1,
          player: { id: '2a78', channelName: REQUEST.id, uid: 900001 },
          fields: 'player.id',
        },
      },
    ],
    ['about RTC, with the sid of a task of ours', { ...STOPPED, productId: 1 }],
    [
      'from the console’s check',
      notification({ eventType: 10 }, { cname: 'test_webhook', sid: 'fake', uid: 123 }),
    ],
  ]
  test.each(useless)('is answered 200 and changes nothing: %s', async (_what, body) => {
    const harness = await createHarness()
    await harness.rolling()
    const before = await harness.dump()
    await expectOk(await harness.notify(body))
    expect(await harness.dump()).toEqual(before)
  })

  test('is counted in /readyz', async () => {
    const harness = await createHarness()
    for (const [, body] of useless) await harness.notify(body)
    const { checks } = (await (await harness.request('/readyz')).json()) as Readiness
    expect(checks.notifications.ok).toBe(true)
    expect(checks.notifications.detail).toContain(
      'ignored: 4 (a task of others), 3 (another product), 1 (no event)',
    )
  })

  const noted: [string, Record<string, unknown>, Record<string, unknown>, string][] = [
    ['a failover', { eventType: 12, details: { newUid: 77 } }, {}, 'agora.failover'],
    ['a fatal error', { eventType: 1, details: { errorLevel: 5, errorMsg: 'x' } }, {}, 'agora.fatal_error'],
    ['a gap in the sequence', { eventType: 70 }, { sequence: 4 }, 'agora.notifications_missed'],
  ]
  test.each(noted)('adds a timeline entry: %s', async (_, event, payload, code) => {
    const harness = await createHarness()
    await harness.rolling()
    await expectOk(await harness.notify(notification(event as { eventType: number }, payload)))
    expect((await harness.timeline()).at(-1)).toMatchObject({ code })
  })

  test('is stored and changes nothing else: an unknown event', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const { notifications: _, ...before } = await harness.dump()
    const unknown = { eventType: 4711, details: { list: [{}] } }
    await expectOk(await harness.notify(notification(unknown, { sequence: undefined })))
    const { notifications, ...after } = await harness.dump()
    expect(after).toEqual(before)
    expect(notifications).toHaveLength(1)
  })
})
