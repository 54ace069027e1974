import { describe, expect, test } from 'vitest'
import { openStage, type Stage } from './stage.ts'
import { LESSON, record } from './story.ts'

/* Changes of layout and subscription reach Agora until it confirms them, and every later attempt starts with them. */

const LAYOUT = { mixedVideoLayout: 1, backgroundColor: '#112233' }
const SUBSCRIPTION = {
  videoUidList: { subscribeVideoUids: ['1'] },
  audioUidList: { subscribeAudioUids: ['1', '2'] },
}
const CANVAS = { width: 640, height: 480, fps: 15, bitrate: 600 }

/** Three users, and a layout with a canvas. */
const openLesson = async () => {
  const stage = await openStage({ emulator: { users: 3 } })
  const recordingConfig = { channelType: 1, transcodingConfig: { ...CANVAS, mixedVideoLayout: 0 } }
  const lesson = await record(stage, { recordingConfig })
  return { stage, lesson }
}

/** What Agora's newest task has. */
const taskOf = ({ emulator }: Stage) => {
  const task = emulator.tasks().findLast(({ cname }) => cname === LESSON.channel)
  return task?.mode === 'web' ? undefined : { layout: task?.layout, subscription: task?.subscription }
}

const SUBSCRIBED = { video: { only: ['1'] }, audio: { only: ['1', '2'] } }

describe('a change of layout and subscription', () => {
  test('reaches the running task, without a new attempt', async () => {
    const { stage, lesson } = await openLesson()
    await stage.pass(20)
    await stage.api.change('lesson', { layout: LAYOUT, subscription: SUBSCRIPTION })
    await stage.pass(5)
    expect(taskOf(stage)).toMatchObject({ layout: LAYOUT, subscription: SUBSCRIBED })
    expect(lesson.calls('updateLayout')).toMatchObject([{ status: 200, body: { clientRequest: LAYOUT } }])
    expect(lesson.calls('update')).toMatchObject([
      { status: 200, body: { clientRequest: { streamSubscribe: SUBSCRIPTION } } },
    ])
    expect(await lesson.view()).toMatchObject({
      state: 'rolling',
      attemptCount: 1,
      changes: { layout: { status: 'applied' }, subscription: { status: 'applied' } },
    })
  })

  test('is what the next attempt starts with; the canvas stays', async () => {
    const { stage, lesson } = await openLesson()
    await stage.pass(20)
    await stage.api.change('lesson', { layout: LAYOUT, subscription: SUBSCRIPTION })
    await stage.pass(5)
    await stage.api.restart('lesson')
    await stage.pass(20)
    expect(lesson.uids()).toEqual(['900001', '900002'])
    expect(taskOf(stage)).toMatchObject({ layout: { ...CANVAS, ...LAYOUT }, subscription: SUBSCRIBED })
    expect(lesson.calls('updateLayout')).toHaveLength(1)
    expect(lesson.calls('update')).toHaveLength(1)
  })

  test('is sent again until Agora confirms it, and only the newest one', async () => {
    const { stage, lesson } = await openLesson()
    await stage.pass(20)
    stage.emulator.injectFault({
      ...{ on: 'call', call: 'updateLayout', forSeconds: 40 },
      then: { status: 504, code: 62, reason: 'request timeout' },
    })
    await stage.api.change('lesson', { layout: { mixedVideoLayout: 2 } })
    await stage.pass(10)
    await stage.api.change('lesson', { layout: LAYOUT })
    await stage.pass(20)
    expect(await lesson.view()).toMatchObject({ changes: { layout: { status: 'requested', revision: 2 } } })
    await stage.pass(60)
    expect(taskOf(stage)?.layout).toMatchObject(LAYOUT)
    expect(await lesson.view()).toMatchObject({
      state: 'rolling',
      attemptCount: 1,
      changes: { layout: { status: 'applied' } },
    })
  })

  test('that Agora refuses raises attention, and the recording goes on', async () => {
    const { stage, lesson } = await openLesson()
    await stage.pass(20)
    stage.emulator.injectFault({
      ...{ on: 'call', call: 'updateLayout' },
      then: { status: 400, code: 1028, reason: 'invalid layout' },
    })
    await stage.api.change('lesson', { layout: LAYOUT })
    await stage.pass(60)
    expect(lesson.calls('updateLayout')).toHaveLength(1)
    const view = await lesson.view()
    expect(view).toMatchObject({ state: 'rolling', changes: { layout: { status: 'refused' } } })
    expect(view.attention.map(({ code }) => code)).toEqual(['change_refused'])
    await stage.api.change('lesson', { layout: { mixedVideoLayout: 2 } })
    await stage.pass(5)
    expect(await lesson.view()).toMatchObject({ attention: [], changes: { layout: { status: 'applied' } } })
  })
})
