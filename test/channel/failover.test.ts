import { describe, expect, test } from 'vitest'
import { openStage, type Stage } from './stage.ts'
import { record, recordFor, type Story } from './story.ts'

/* Agora's best practices for cloud recording, number 7: a failover keeps the task, and event 13 says that one is possible. */

const NEW_UID = '4000000001'

/** A recording whose task is moved to another server, which takes 30 s. */
const failOver = async (
  former: 'silent' | 'ends' | 'continues',
): Promise<{ stage: Stage; lesson: Story }> => {
  const { stage, lesson } = await recordFor(100)
  await lesson.run({ do: 'failover', seconds: 30, newUid: NEW_UID, former })
  await stage.pass(60)
  return { stage, lesson }
}

describe('a failover', () => {
  test.each(['silent', 'ends', 'continues'] as const)(
    'keeps the task, and notifications of both uids change nothing: the former session %s',
    async (former) => {
      const { stage, lesson } = await failOver(former)
      // Redundant notifications, and some that come late, of the former session and of the new one.
      const sid = await lesson.sid()
      for (const uid of ['900001', NEW_UID]) {
        for (const event of [13, 30, 42]) {
          await stage.emulator.runCommand(sid, { do: 'notify', event, uid, redundant: true })
        }
      }
      await stage.pass(200)
      expect(lesson.uids()).toEqual(['900001'])
      expect(await lesson.view()).toMatchObject({ state: 'rolling', attemptCount: 1, attention: [] })
      expect((await lesson.codes()).filter((code) => code === 'agora.failover')).toHaveLength(1)
      expect(await lesson.codes()).not.toContain('attempt.failed')
    },
  )

  test('during which queries are answered 404 is no loss', async () => {
    const { stage, lesson } = await recordFor(165)
    await lesson.run({ do: 'failover', seconds: 30, newUid: NEW_UID })
    await stage.pass(100)
    expect(lesson.calls('query').filter(({ status }) => status === 404)).not.toEqual([])
    expect(await lesson.view()).toMatchObject({ state: 'rolling', attemptCount: 1 })
  })

  test('the end of the former session, each event twice, only leads to queries; the end of the new one counts', async () => {
    const { stage, lesson } = await failOver('silent')
    const sid = await lesson.sid()
    const ends = async (uid: string) => {
      for (const event of [41, 31, 32, 11]) {
        const details = { 41: { leaveCode: 20 }, 11: { exitStatus: 0 } }[event] ?? { status: 0 }
        await stage.emulator.runCommand(sid, { do: 'notify', event, uid, details, redundant: true })
        await stage.settle()
      }
    }
    await ends('900001')
    await stage.pass(30)
    expect(await lesson.view()).toMatchObject({ state: 'rolling', attemptCount: 1 })
    await ends(NEW_UID)
    await stage.pass(30)
    expect(lesson.uids()).toEqual(['900001', '900002'])
    expect(await lesson.view()).toMatchObject({ state: 'rolling', attemptCount: 2 })
    expect((await lesson.view()).attempts[0]?.endReason?.code).toBe('idle_exit')
  })

  test('does not hinder the stop, and the files of both servers are listed', async () => {
    const { stage, lesson } = await failOver('ends')
    const sid = await lesson.sid()
    await stage.api.stop('lesson')
    await stage.pass(30)
    expect(await lesson.view()).toMatchObject({ state: 'stopped' })
    expect(lesson.running()).toEqual([])
    const files = (await lesson.view()).files.map(({ name, status }) => ({ name, status }))
    expect(files).toEqual([
      { name: `lesson/a1/${sid}_room-7.m3u8`, status: 'confirmed' },
      { name: `lesson/a1/bak0_${sid}_room-7.m3u8`, status: 'confirmed' },
    ])
  })
})

describe('with requireHa', () => {
  const Policy = { requireHa: true }

  test('event 13 within 10 s is enough', async () => {
    const stage = await openStage({ emulator: { users: 1 } })
    const lesson = await record(stage, { policy: Policy })
    await stage.pass(60)
    expect(lesson.uids()).toEqual(['900001'])
    expect(await lesson.codes()).toContain('attempt.ha_registered')
  })

  test('an attempt without it is replaced under another uid, and records until the next one is registered', async () => {
    const stage = await openStage({ emulator: { users: 1 } })
    stage.emulator.injectFault({
      ...{ on: 'notification', event: 13, match: { uid: '900001' }, forSeconds: 60 },
      then: 'drop',
    })
    const lesson = await record(stage, { policy: Policy })
    await stage.pass(10)
    expect(lesson.uids()).toEqual(['900001', '900002'])
    expect(lesson.running()).toEqual(['900001', '900002'])
    await stage.pass(20)
    expect(lesson.running()).toEqual(['900002'])
    const view = await lesson.view()
    expect(view).toMatchObject({ state: 'rolling', attemptCount: 2 })
    expect(view.attempts[0]?.endReason?.code).toBe('not_highly_available')
  })

  test('event 13 that never comes costs few tasks, and none of them is left behind', async () => {
    const stage = await openStage({ emulator: { users: 1 } })
    stage.emulator.injectFault({ on: 'notification', event: 13, forSeconds: 86_400, then: 'drop' })
    const lesson = await record(stage, { policy: Policy })
    await stage.pass(600)
    expect(lesson.uids().length).toBeLessThan(8)
    expect(lesson.running()[0]).toBe('900001')
    const { attention } = await lesson.view()
    expect(attention.map(({ code }) => code)).toContain('slow_retries')
    await stage.api.stop('lesson')
    await stage.pass(30)
    expect(lesson.running()).toEqual([])
  })
})
