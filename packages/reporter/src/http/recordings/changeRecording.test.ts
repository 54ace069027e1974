import { describe, expect, test } from 'vitest'
import { expectProblem } from '../../testing/expectProblem.ts'
import { createHarness, type Harness, REQUEST } from '../../testing/harness.ts'
import type { RecordingView } from './recordingView.ts'

const CHANNEL = {
  id: 'lesson7',
  kind: 'channel',
  mode: 'mix',
  channel: 'lesson-7',
  recordingConfig: {
    ...{ channelType: 1, subscribeAudioUids: ['11'], subscribeVideoUids: ['11'] },
    transcodingConfig: { width: 640, height: 360, mixedVideoLayout: 0 },
  },
}
const LAYOUT = { mixedVideoLayout: 1, backgroundColor: '#112233' }
const SUBSCRIPTION = {
  audioUidList: { subscribeAudioUids: ['#allstream#'] },
  videoUidList: { subscribeVideoUids: ['12'] },
}

/** A recording of a channel that Agora has confirmed. */
const recorded = async (body: object = {}): Promise<Harness> => {
  const harness = await createHarness()
  const response = await harness.api('POST', '/v1/recordings', { ...CHANNEL, ...body })
  expect(response.status).toBe(201)
  await harness.drainEffects()
  await harness.pass(6)
  return harness
}

const patch = (harness: Harness, body: unknown, id = 'lesson7'): Promise<Response> =>
  harness.api('PATCH', `/v1/recordings/${id}`, body)

/** With which status the answer shows each change. */
const changesIn = async (response: Response): Promise<unknown> => {
  expect(response.status).toBe(200)
  const view = (await response.json()) as RecordingView
  return view.kind === 'channel' && view.changes
}
const changesOf = async (harness: Harness): Promise<unknown> => {
  const view = await harness.recording('lesson7')
  return view.kind === 'channel' && view.changes
}

const updates = ({ agora }: Harness) => agora.sent.filter(({ call }) => call.startsWith('update'))

describe('PATCH /v1/recordings/:id', () => {
  test('sends a layout to Agora, and says when Agora has confirmed it', async () => {
    const harness = await recorded()
    const change = { values: LAYOUT, revision: 1 }
    expect(await changesIn(await patch(harness, { layout: LAYOUT }))).toEqual({
      layout: { ...change, status: 'requested' },
      subscription: null,
    })
    await harness.drainEffects()
    expect(updates(harness)).toMatchObject([
      {
        ...{ call: 'updateLayout', mode: 'mix', sid: 'sid1', resourceId: 'resource1' },
        body: { cname: 'lesson-7', uid: '900001', clientRequest: LAYOUT },
      },
    ])
    expect(await changesOf(harness)).toMatchObject({ layout: { ...change, status: 'applied' } })
  })

  test('sends a layout and a subscription one after the other', async () => {
    const harness = await recorded()
    await patch(harness, { layout: LAYOUT, subscription: SUBSCRIPTION })
    await harness.drainEffects()
    expect(updates(harness)).toMatchObject([
      { call: 'updateLayout', body: { clientRequest: LAYOUT } },
      { call: 'update', mode: 'mix', body: { clientRequest: { streamSubscribe: SUBSCRIPTION } } },
    ])
    expect(await changesOf(harness)).toMatchObject({
      layout: { revision: 1, status: 'applied' },
      subscription: { values: SUBSCRIPTION, revision: 1, status: 'applied' },
    })
  })

  test('changes nothing with the same values, and sends the newest ones if they change while one is sent', async () => {
    const harness = await recorded()
    const answer = harness.agora.delayAnswer('updateLayout')
    await patch(harness, { layout: LAYOUT })
    harness.parts.runner.poke()
    await answer.arrived
    await patch(harness, { layout: { mixedVideoLayout: 0 } })
    await patch(harness, { layout: { mixedVideoLayout: 2 } })
    answer.release()
    await harness.drainEffects()
    expect(updates(harness)).toMatchObject([
      { body: { clientRequest: LAYOUT } },
      { body: { clientRequest: { mixedVideoLayout: 2 } } },
    ])
    const before = await harness.dump()
    expect(await changesIn(await patch(harness, { layout: { mixedVideoLayout: 2 } }))).toMatchObject({
      layout: { revision: 3, status: 'applied' },
    })
    expect(await harness.dump()).toEqual(before)
  })

  test('is retried until Agora answers', async () => {
    const harness = await recorded()
    const failure = { status: 500, json: { code: 500, reason: 'internal error' } }
    harness.agora.answer('update', failure)
    await patch(harness, { subscription: SUBSCRIPTION })
    await harness.drainEffects()
    expect(await changesOf(harness)).toMatchObject({ subscription: { status: 'requested' } })
    await harness.pass(10)
    expect(updates(harness)).toHaveLength(2)
    expect(await changesOf(harness)).toMatchObject({ subscription: { status: 'applied' } })
  })

  test('says if Agora refuses it, with attention, and goes on', async () => {
    const harness = await recorded()
    harness.agora.always('updateLayout', { status: 400, json: { code: 2, reason: 'layout is invalid' } })
    await patch(harness, { layout: LAYOUT })
    await harness.drainEffects()
    await harness.pass(120)
    expect(updates(harness)).toHaveLength(1)
    expect(await changesOf(harness)).toMatchObject({ layout: { revision: 1, status: 'refused' } })
    const { attention, state } = await harness.recording('lesson7')
    expect({ codes: attention.map(({ code }) => code), state }).toEqual({
      codes: ['change_refused'],
      state: 'rolling',
    })
  })

  test('is what the next attempt starts with, also after a crash', async () => {
    const harness = await recorded()
    await patch(harness, { layout: LAYOUT, subscription: { videoUidList: SUBSCRIPTION.videoUidList } })
    await harness.drainEffects()
    await harness.crash()
    await harness.api('POST', '/v1/recordings/lesson7/restart')
    await harness.pass(6)
    const start = harness.agora.sent.filter(({ call }) => call === 'start')[1]
    expect(start?.body).toMatchObject({ uid: '900002' })
    expect(start?.body).toHaveProperty('clientRequest.recordingConfig', {
      ...{ channelType: 1, maxIdleTime: 300, subscribeVideoUids: ['12'] },
      transcodingConfig: { width: 640, height: 360, ...LAYOUT },
    })
    expect(updates(harness)).toHaveLength(2)
    expect(await changesOf(harness)).toMatchObject({ layout: { status: 'applied' } })
  })

  test('keeps its status while nothing runs, and after the end: that of the attempt that ran last', async () => {
    const harness = await recorded()
    await patch(harness, { layout: LAYOUT })
    await harness.drainEffects()
    const start = harness.agora.delayAnswer('start')
    await harness.api('POST', '/v1/recordings/lesson7/restart')
    harness.parts.runner.poke()
    await start.arrived
    await patch(harness, { subscription: SUBSCRIPTION })
    const status = { layout: { status: 'applied' }, subscription: { status: 'requested' } }
    expect(await changesOf(harness)).toMatchObject(status)
    await harness.api('POST', '/v1/recordings/lesson7/stop')
    start.release()
    await harness.pass(30)
    expect(await harness.recording('lesson7')).toMatchObject({ state: 'stopped' })
    expect(await changesOf(harness)).toMatchObject(status)
  })

  test('reaches the standby as well', async () => {
    const harness = await recorded({ standby: true })
    await patch(harness, { layout: LAYOUT })
    await harness.drainEffects()
    const sent = updates(harness).map(({ body }) => body as { uid: string; clientRequest: unknown })
    expect(sent.map(({ clientRequest }) => clientRequest)).toEqual([LAYOUT, LAYOUT])
    expect(new Set(sent.map(({ uid }) => uid)).size).toBe(2)
    await expectProblem(await patch(harness, { layout: { mixedVideoLayout: 0 } }, 'lesson7~standby'), 409)
  })

  test('leaves the request to start as it was: sent again, it is the same', async () => {
    const harness = await recorded()
    await patch(harness, { layout: LAYOUT })
    const again = await harness.api('POST', '/v1/recordings', CHANNEL)
    expect(again.status).toBe(200)
    expect(await again.json()).toMatchObject({
      recordingConfig: { transcodingConfig: { mixedVideoLayout: 0 } },
      changes: { layout: { values: LAYOUT } },
    })
  })

  test('of the subscription works in individual mode, which has no layout', async () => {
    const recordingConfig = { channelType: 1 }
    const harness = await recorded({ mode: 'individual', recordingConfig })
    const { detail } = await expectProblem(
      await patch(harness, { layout: LAYOUT }),
      409,
      'change_unsupported',
    )
    expect(detail).toContain('individual mode, which has no layout')
    await patch(harness, { subscription: SUBSCRIPTION })
    await harness.drainEffects()
    expect(updates(harness)).toMatchObject([{ call: 'update', mode: 'individual' }])
  })

  test('is refused for pages, and after a stop', async () => {
    const harness = await recorded()
    await harness.create()
    const ofPage = await expectProblem(await patch(harness, { layout: LAYOUT }, REQUEST.id), 409)
    expect(ofPage.detail).toContain('records a page, which has no layout and no subscription')
    const ofChannel = await expectProblem(await patch(harness, { expect: ['#board'] }), 409)
    expect(ofChannel.detail).toContain('records a channel, which has no expect and no media')
    await harness.api('POST', '/v1/recordings/lesson7/stop')
    const stopped = await expectProblem(await patch(harness, { layout: LAYOUT }), 409)
    expect(stopped.detail).toContain('was stopped')
    await expectProblem(await patch(harness, { layout: LAYOUT }, 'unknown'), 404)
  })

  test.each<[object, string[]]>([
    [{}, ['']],
    [{ colour: 'red' }, ['colour', '']],
    [{ layout: { mixedVideoLayout: 3 } }, ['layout.layoutConfig']],
    [{ layout: { width: 640 } }, ['layout.width']],
    [{ subscription: {} }, ['subscription']],
    [
      { subscription: { audioUidList: { subscribeAudioUids: ['x'] } } },
      ['subscription.audioUidList.subscribeAudioUids.0'],
    ],
  ])('answers 422 to %j', async (body, paths) => {
    const harness = await recorded()
    const { errors = [] } = await expectProblem(await patch(harness, body), 422)
    expect(errors.map(({ path }) => path)).toEqual(paths)
    expect(updates(harness)).toEqual([])
  })

  test('answers 422 to what does not go with the request', async () => {
    const harness = await recorded({ recordingConfig: { channelType: 1, streamTypes: 0 } })
    const { errors = [] } = await expectProblem(await patch(harness, { subscription: SUBSCRIPTION }), 422)
    expect(errors).toEqual([
      {
        path: 'subscription',
        message: expect.stringContaining('is 0 (audio only), so there must be no list'),
      },
    ])
    expect(await changesOf(harness)).toMatchObject({ subscription: null })
  })
})

describe('the commands to a channel', () => {
  test('do not include a pause', async () => {
    const harness = await recorded()
    const { detail } = await expectProblem(await harness.api('POST', '/v1/recordings/lesson7/pause'), 409)
    expect(detail).toContain('which Agora cannot pause')
    expect(updates(harness)).toEqual([])
    expect(await harness.recording('lesson7')).toMatchObject({ paused: false, state: 'rolling' })
  })

  test('end its wait after it was empty', async () => {
    const harness = await recorded({ policy: { onIdleExit: 'wait' } })
    const payload = { cname: 'lesson-7', uid: '900001', sid: 'sid1', sequence: 3, serviceType: 0 }
    const details = { msgName: 'recorder_leave', leaveCode: 4 }
    await harness.notify({ noticeId: 'n1', productId: 3, eventType: 41, payload: { ...payload, details } })
    await harness.pass(10)
    expect(await harness.recording('lesson7')).toMatchObject({
      state: 'paused',
      waitingSince: expect.any(String),
    })
    expect((await harness.api('POST', '/v1/recordings/lesson7/resume')).status).toBe(200)
    await harness.pass(6)
    expect(await harness.recording('lesson7')).toMatchObject({ state: 'rolling', waitingSince: null })
    expect((await harness.api('POST', '/v1/recordings/lesson7/resume')).status).toBe(200)
    expect(harness.agora.calls().filter((call) => call === 'start')).toHaveLength(2)
  })
})
