import { describe, expect, test } from 'vitest'
import { openStage, type Stage } from './stage.ts'
import { record } from './story.ts'

/* Agora's best practices for cloud recording, numbers 1 (start) and 2 (uids). */

const failStarts = (
  { emulator }: Stage,
  times: number,
  then: { status: number; code: number; reason: string },
) => emulator.injectFault({ on: 'call', call: 'start', times, then })

const FAILURE = { status: 503, code: 501, reason: 'internal error' }
const NOT_COMPLETED = { status: 206, code: 65, reason: 'request not completed' }

test.each([
  { answer: FAILURE, times: 3, sentAt: [0, 3, 9, 18] },
  { answer: NOT_COMPLETED, times: 2, sentAt: [0, 3, 9] },
])('a start that is answered $answer.status $times times is sent again, as it was', async (row) => {
  const { answer, times, sentAt } = row
  const stage = await openStage({ emulator: { users: 1 } })
  failStarts(stage, times, answer)
  const lesson = await record(stage)
  await stage.pass(30)
  const starts = lesson.calls('start')
  expect(starts.map(({ at, uid, status }) => [at, uid, status])).toEqual(
    sentAt.map((at, index) => [at, '900001', index < times ? answer.status : 200]),
  )
  expect(new Set(starts.map(({ body }) => JSON.stringify(body))).size).toBe(1)
  expect(lesson.calls('acquire')).toHaveLength(1)
  expect(await lesson.view()).toMatchObject({
    state: 'rolling',
    attemptCount: 1,
    attempts: [{ uid: '900001' }],
  })
})

describe('a start that is answered 503', () => {
  test('four times: another uid, and one task', async () => {
    const stage = await openStage({ emulator: { users: 1 } })
    failStarts(stage, 4, FAILURE)
    const lesson = await record(stage)
    await stage.pass(60)
    expect(lesson.calls('start').map(({ uid }) => uid)).toEqual([
      ...['900001', '900001', '900001', '900001'],
      '900002',
    ])
    expect(lesson.running()).toEqual(['900002'])
    expect(await lesson.view()).toMatchObject({ state: 'rolling', attemptCount: 2 })
  })

  test('again and again: another uid each time, and ever slower', async () => {
    const stage = await openStage({ emulator: { users: 1 } })
    failStarts(stage, 1000, FAILURE)
    const lesson = await record(stage)
    await stage.pass(700)
    const starts = lesson.calls('start')
    const uids = [...new Set(starts.map(({ uid }) => uid))]
    expect(starts.map(({ uid }) => uid)).toEqual(uids.flatMap((uid) => [uid, uid, uid, uid]))
    expect(uids.length).toBeGreaterThan(3)
    expect(uids.length).toBeLessThan(7)
    expect((await lesson.view()).attention.map(({ code }) => code)).toContain('slow_retries')

    stage.emulator.clearFaults()
    await stage.pass(700)
    expect(await lesson.view()).toMatchObject({ state: 'rolling', attention: [] })
    expect(lesson.running()).toHaveLength(1)
  })
})

test('a start that is answered 206/65 three times is followed by a new resource', async () => {
  const stage = await openStage({ emulator: { users: 1 } })
  failStarts(stage, 3, NOT_COMPLETED)
  const lesson = await record(stage)
  await stage.pass(40)
  expect(lesson.calls('acquire')).toHaveLength(2)
  expect(lesson.running()).toHaveLength(1)
  expect(await lesson.view()).toMatchObject({ state: 'rolling' })
})

test('a start whose answer is lost is not made twice: a notification brings its sid', async () => {
  const stage = await openStage({ emulator: { users: 1 } })
  stage.emulator.injectFault({ on: 'call', call: 'start', then: { loseAnswer: true, how: 'reset' } })
  const lesson = await record(stage)
  await stage.pass(40)
  expect(lesson.uids()).toEqual(['900001'])
  expect(await lesson.view()).toMatchObject({ state: 'rolling', attemptCount: 1 })
})

describe('a task that has a sid', () => {
  test('is queried after 5, 10 and 15 s until Agora confirms that it records', async () => {
    const stage = await openStage({ emulator: { users: 1, openDelay: 25 } })
    const lesson = await record(stage)
    await stage.pass(24)
    expect(await lesson.view()).toMatchObject({ state: 'starting' })
    await stage.pass(12)
    expect(lesson.calls('query').map(({ at }) => at)).toEqual([5, 10, 20, 35])
    expect(await lesson.view()).toMatchObject({ state: 'rolling', attemptCount: 1 })
  })

  test('and whose status never becomes 4 or 5 is replaced after 90 s under another uid, and stopped', async () => {
    const stage = await openStage({ emulator: { users: 1 } })
    stage.emulator.injectFault({
      ...{ on: 'call', call: 'query', match: { uid: '900001' }, forSeconds: 300 },
      then: { status: 200, body: JSON.stringify({ serverResponse: { status: 2 } }) },
    })
    const lesson = await record(stage)
    await stage.pass(89)
    expect(lesson.uids()).toEqual(['900001'])
    await stage.pass(10)
    expect(lesson.uids()).toEqual(['900001', '900002'])
    expect(lesson.running()).toEqual(['900002'])
    const { attempts } = await lesson.view()
    expect(attempts[0]).toMatchObject({ uid: '900001', endReason: { code: 'lost_at_agora' } })
    expect(await lesson.view()).toMatchObject({ state: 'rolling' })
  })
})

test('uids alternate, and none is used twice, however often the recording is restarted', async () => {
  const stage = await openStage({ emulator: { users: 1 } })
  const lesson = await record(stage)
  for (let restarts = 0; restarts < 8; restarts += 1) {
    await stage.pass(15)
    await stage.api.restart('lesson')
  }
  await stage.pass(15)
  const uids = lesson.uids()
  expect(uids).toHaveLength(9)
  expect(new Set(uids).size).toBe(9)
  expect(lesson.running()).toEqual(uids.slice(-1))
})
