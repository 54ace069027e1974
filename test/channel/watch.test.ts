import { expect, test } from 'vitest'
import { openStage } from './stage.ts'
import { record, recordFor } from './story.ts'

/* Agora's best practices for cloud recording, number 3: query, and believe a 404 only after its back-off. */

test('a recording is queried every two minutes once its file is listed, below maxIdleTime', async () => {
  const { stage, lesson } = await recordFor(500)
  const times = lesson.calls('query').map(({ at }) => at)
  expect(times.slice(0, 2)).toEqual([5, 15])
  const waits = times.slice(2).map((at, index) => at - (times[index + 1] ?? 0))
  expect(Math.max(...waits)).toBeLessThanOrEqual(120)
  expect(times.length).toBeLessThan(8)

  const short = await record(stage, {
    id: 'short',
    channel: 'room-8',
    recordingConfig: { channelType: 1, maxIdleTime: 40 },
  })
  await stage.pass(200)
  const [first = 0, ...later] = short.calls('query').map(({ at }) => at)
  const gaps = later.map((at, index) => at - (later[index - 1] ?? first))
  expect(Math.max(...gaps)).toBeLessThan(40)
})

test('404s for less than the back-off are no loss', async () => {
  const { stage, lesson } = await recordFor(178)
  await lesson.run({ do: 'notFound', seconds: 25 })
  await stage.pass(60)
  const answers = lesson.calls('query').map(({ at, status }) => [at, status])
  expect(answers.slice(-4)).toEqual([
    [180, 404],
    [185, 404],
    [195, 404],
    [210, 200],
  ])
  expect(await lesson.view()).toMatchObject({ state: 'rolling', attemptCount: 1 })
  expect(lesson.uids()).toEqual(['900001'])
})

test('404 after 5, 10 and 15 s: a new attempt under another uid, and the former is stopped until confirmed', async () => {
  const { stage, lesson } = await recordFor(178)
  // The task goes on all the while, as one that fails over: it must not be left behind.
  await lesson.run({ do: 'notFound', seconds: 90 })
  await stage.pass(60)
  const lost = lesson.calls('query').filter(({ status }) => status === 404)
  const [first = 0, ...others] = lost.map(({ at }) => at)
  expect(others.map((at) => at - first)).toEqual([5, 15, 30])
  expect(lesson.uids()).toEqual(['900001', '900002'])
  const view = await lesson.view()
  expect(view).toMatchObject({ state: 'rolling', attemptCount: 2 })
  expect(view.attempts[0]?.endReason?.code).toBe('lost_at_agora')

  await stage.pass(100)
  expect(lesson.running()).toEqual(['900002'])
  expect(lesson.calls('stop').at(-1)).toMatchObject({ uid: '900001', status: 200 })
})

test('a recorder that dies is replaced, and the failure is counted once', async () => {
  const { stage, lesson } = await recordFor(60)
  await lesson.run({ do: 'stop', code: 6 })
  await stage.pass(20)
  expect(lesson.running()).toEqual(['900002'])
  expect((await lesson.codes()).filter((code) => code === 'attempt.failed')).toHaveLength(1)
  expect(await lesson.view()).toMatchObject({ state: 'rolling', attemptCount: 2 })
})

test('without notifications, queries alone find that a task has ended', async () => {
  const stage = await openStage({ emulator: { users: 1 } })
  stage.emulator.setNotificationTarget(null)
  const lesson = await record(stage)
  await stage.pass(60)
  await lesson.run({ do: 'stop', code: 6 })
  await stage.pass(200)
  expect(lesson.running()).toEqual(['900002'])
  expect(await lesson.view()).toMatchObject({ state: 'rolling', attemptCount: 2 })
})
