import { expect, test } from 'vitest'
import { openStage } from './stage.ts'
import { record } from './story.ts'

/* After `resourceExpiredHour` Agora can neither be asked about a task nor stop it, and the task runs on. */

const HOUR = 3600

test.each(['overlap', 'replace'] as const)(
  'a task is replaced ahead of resourceExpiredHour, and stopped while that is possible: hand over by %s',
  async (handOver) => {
    const stage = await openStage({ emulator: { users: 1 } })
    const lesson = await record(stage, { resourceExpiredHour: 1, policy: { handOver } })
    await stage.pass(HOUR - 130, 4)
    expect(lesson.uids()).toEqual(['900001'])
    await stage.pass(100)
    expect(lesson.uids()).toEqual(['900001', '900002'])
    expect(lesson.running()).toEqual(['900002'])

    await stage.pass(HOUR, 4)
    expect(await lesson.view()).toMatchObject({ state: 'rolling', attemptCount: 3, attention: [] })
    expect(lesson.uids()).toEqual(['900001', '900002', '900003'])
    expect(lesson.running()).toEqual(['900003'])
    const codes = await lesson.codes()
    expect(codes.filter((code) => code === 'attempt.rolled_over')).toHaveLength(2)
    expect(codes).not.toContain('attempt.failed')
    // Agora has served each request.
    expect(stage.emulator.requests().filter(({ status }) => status !== 200)).toEqual([])
  },
)

test('two recordings of one channel never have the same uid, and the end of one leaves the other alone', async () => {
  const stage = await openStage({ emulator: { users: 2 } })
  const mix = await record(stage, { uidRange: { from: 1, to: 900_500 } })
  const individual = await record(stage, {
    id: 'each',
    mode: 'individual',
    recordingConfig: { channelType: 1, subscribeUidGroup: 0 },
  })
  await stage.pass(20)
  for (const id of ['lesson', 'each', 'lesson']) {
    await stage.api.restart(id)
    await stage.pass(20)
  }
  const uids = mix.uids()
  expect(uids).toHaveLength(5)
  expect(new Set(uids).size).toBe(5)
  expect(Math.min(...uids.map(Number))).toBeGreaterThan(900_500)
  expect(mix.running()).toHaveLength(2)

  await stage.api.stop('lesson')
  await stage.pass(30)
  expect(await mix.view()).toMatchObject({ state: 'stopped' })
  expect(await individual.view()).toMatchObject({ state: 'rolling', attemptCount: 2 })
  expect(mix.running()).toEqual([(await individual.view()).attempts.at(-1)?.uid])
})
