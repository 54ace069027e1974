import { describe, expect, test } from 'vitest'
import { openStage, type Stage } from './stage.ts'
import { LESSON, record, recordFor } from './story.ts'

/* Agora's best practices for cloud recording, number 6: a normal quit (31, 32, 11) may be followed by a new task. */

/** Every order of these, each of them twice. */
const ordersOfTwice = (events: readonly number[]): number[][] => {
  const orders = (left: Readonly<Record<number, number>>): number[][] => {
    const next = events.filter((event) => (left[event] ?? 0) > 0)
    if (next.length === 0) return [[]]
    return next.flatMap((event) =>
      orders({ ...left, [event]: (left[event] ?? 0) - 1 }).map((rest) => [event, ...rest]),
    )
  }
  return orders(Object.fromEntries(events.map((event) => [event, 2])))
}

const DETAILS: Readonly<Record<number, Record<string, unknown>>> = {
  11: { exitStatus: 0 },
  31: { status: 0, fileListMode: 'string', fileList: '' },
  32: { status: 0, fileListMode: 'string', fileList: '' },
}

test('31, 32 and 11, each twice and in every order: one new attempt, under another uid', async () => {
  const stage = await openStage()
  const { emulator } = stage
  // Agora ends the task; its own notifications are lost, and these come in their place.
  emulator.injectFault({ on: 'notification', forSeconds: 86_400, then: 'drop' })
  const orders = ordersOfTwice([31, 32, 11])
  expect(orders).toHaveLength(90)
  const lessons = []
  for (const index of orders.keys()) {
    lessons.push(await record(stage, { id: `lesson${index}`, channel: `room-${index}` }))
  }
  // The channels stay empty: each task ends after 300 s. The starts take 9 s, because of the quota.
  await stage.pass(320, 4)
  emulator.clearFaults()
  for (const [index, order] of orders.entries()) {
    const task = emulator.tasks().find(({ cname }) => cname === `room-${index}`)
    expect(task?.state, `room-${index}`).toBe('ended')
    for (const event of order) {
      await emulator.runCommand(task?.sid ?? '', { do: 'notify', event, details: DETAILS[event] })
    }
  }
  // 90 stops, starts and queries, at ten calls a second.
  await stage.pass(150, 2)
  for (const [index, lesson] of lessons.entries()) {
    const what = `${orders[index]}`
    expect(lesson.uids(), what).toEqual(['900001', '900002'])
    const view = await lesson.view()
    expect(view, what).toMatchObject({ state: 'rolling', attemptCount: 2, attention: [] })
    expect(
      view.attempts.map(({ endReason }) => endReason?.code),
      what,
    ).toEqual(['idle_exit', undefined])
    const codes = await lesson.codes()
    expect(
      codes.filter((code) => code === 'attempt.idle_exit'),
      what,
    ).toHaveLength(1)
    expect(codes, what).not.toContain('attempt.failed')
  }
})

/** A channel in which one user has been, whose recording Agora ends because that user has left. */
const emptied = async (policy: Record<string, unknown>, { redundant = false } = {}) => {
  const stage = await openStage({ emulator: { users: 1 } })
  if (redundant) stage.emulator.injectFault({ on: 'notification', forSeconds: 10_000, then: 'redundant' })
  const lesson = await record(stage, { policy })
  await stage.pass(100)
  await setUsers(stage, 0)
  await stage.pass(305)
  return { stage, lesson }
}

const setUsers = ({ emulator }: Stage, count: number) =>
  emulator.runChannelCommand(LESSON.channel, { do: 'users', count })

const join = (uid: number, changes: Record<string, unknown> = {}) => ({
  noticeId: `join-${uid}`,
  productId: 1,
  eventType: 103,
  notifyMs: 1_767_225_600_000,
  payload: { channelName: LESSON.channel, uid, platform: 1, clientSeq: 1, ts: 1_767_225_600, ...changes },
})

describe('when the channel is empty for maxIdleTime', () => {
  test.each([false, true])('a new attempt waits in it (redundant notifications: %s)', async (redundant) => {
    const { stage, lesson } = await emptied({}, { redundant })
    expect(lesson.uids()).toEqual(['900001', '900002'])
    expect(lesson.running()).toEqual(['900002'])
    await setUsers(stage, 1)
    await stage.pass(20)
    const view = await lesson.view()
    expect(view).toMatchObject({ state: 'rolling', attemptCount: 2, attention: [] })
    expect(view.attempts[0]?.endReason).toMatchObject({ code: 'idle_exit', evidence: { leaveCode: 20 } })
    expect(await lesson.codes()).not.toContain('attempt.failed')
  })

  test('a recording that waits goes on once a user joins, by the console’s webhook', async () => {
    const { stage, lesson } = await emptied({ onIdleExit: 'wait' })
    expect(await lesson.view()).toMatchObject({ state: 'paused', waitingSince: expect.any(String) })
    await stage.pass(600)
    expect(lesson.uids()).toEqual(['900001'])
    expect(lesson.running()).toEqual([])

    // Agora's own recorders join as well, and the audience sends nothing.
    expect(await stage.notify(join(900_001))).toBe(200)
    expect(await stage.notify(join(7, { platform: 6, clientType: 10 }))).toBe(200)
    expect(await stage.notify({ ...join(8), eventType: 105 })).toBe(200)
    await stage.pass(10)
    expect(lesson.uids()).toEqual(['900001'])

    await setUsers(stage, 1)
    expect(await stage.notify(join(42))).toBe(200)
    expect(await stage.notify(join(42))).toBe(200)
    await stage.pass(10)
    expect(lesson.running()).toEqual(['900002'])
    expect(await lesson.view()).toMatchObject({ state: 'rolling', waitingSince: null, attemptCount: 2 })
    expect(await lesson.codes()).toContain('channel.joined')
  })

  test('a recording that waits goes on once it is resumed', async () => {
    const { stage, lesson } = await emptied({ onIdleExit: 'wait' })
    await stage.api.resume('lesson')
    await stage.pass(10)
    expect(lesson.running()).toEqual(['900002'])
    expect(await lesson.view()).toMatchObject({ state: 'rolling', waitingSince: null })
  })

  test('a recording ends if its policy says so', async () => {
    const { stage, lesson } = await emptied({ onIdleExit: 'end' })
    await stage.pass(60)
    expect(await lesson.view()).toMatchObject({ state: 'stopped', reason: { code: 'idle_exit' } })
    expect(lesson.uids()).toEqual(['900001'])
  })
})

test('a host who comes and goes, with a maxIdleTime of 5 s: attention, few restarts, and no uid twice', async () => {
  const stage = await openStage()
  const lesson = await record(stage, { recordingConfig: { channelType: 1, maxIdleTime: 5 } })
  const attention = async () => (await lesson.view()).attention.map(({ code }) => code)
  expect(await attention()).toEqual(['short_idle_time'])
  for (let visit = 0; visit < 60; visit += 1) {
    await setUsers(stage, 1)
    await stage.pass(5)
    await setUsers(stage, 0)
    await stage.pass(10)
  }
  const uids = lesson.uids()
  expect(new Set(uids).size).toBe(uids.length)
  // In 900 s: the seven delays of the policy (137 s in all), then one start a minute.
  expect(uids.length).toBeGreaterThan(8)
  expect(uids.length).toBeLessThan(24)
  expect(lesson.running().length).toBeLessThanOrEqual(1)
  expect(await attention()).toEqual(['short_idle_time', 'frequent_idle_exits'])

  await setUsers(stage, 1)
  await stage.pass(700)
  expect(await lesson.view()).toMatchObject({ state: 'rolling' })
  expect(await attention()).toEqual(['short_idle_time'])
})

test('a stop by a user at Agora ends the recording, and is no failure', async () => {
  const { stage, lesson } = await recordFor(60)
  // As if another client of the account had stopped the task: leave code 18.
  await lesson.run({ do: 'stop', code: 0 })
  await stage.pass(120)
  expect(await lesson.view()).toMatchObject({
    state: 'stopped',
    reason: { code: 'stopped', evidence: { leaveCode: 18 } },
    attemptCount: 1,
  })
  expect(await lesson.codes()).not.toContain('attempt.failed')
  expect(lesson.uids()).toEqual(['900001'])
})
