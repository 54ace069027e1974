import { setTimeout as sleep } from 'node:timers/promises'
import { openTestbed, type Testbed } from '@stillrolling/examples/testbed'
import { afterEach, expect, test } from 'vitest'
import {
  record,
  sidOf,
  waitForSingleTask,
  waitForTimelineCode,
  waitUntilRolling,
  waitUntilState,
} from './recordings.ts'

let testbed: Testbed | undefined

afterEach(async () => {
  await testbed?.close()
  testbed = undefined
})

const tasksOf = ({ emulator }: Testbed, id: string) =>
  emulator
    .tasks()
    .filter((task) => task.mode === 'web')
    .filter(({ cname }) => cname === id)
    .map(({ state, onhold }) => ({ state, onhold }))

const updatesOf = ({ emulator }: Testbed, id: string): number =>
  emulator.requests().filter(({ call, cname }) => call === 'update' && cname === id).length

test('a pause survives a crash of the reporter, and the same task resumes afterwards', async () => {
  testbed = await openTestbed({ probe: 'own', emulator: { openDelay: 0 } })
  const { api, reporter } = testbed
  await record(testbed, 'lesson')
  await waitUntilRolling(testbed, 'lesson')
  await api.pause('lesson')
  await waitForTimelineCode(testbed, 'lesson', 'attempt.paused')
  expect(tasksOf(testbed, 'lesson')).toEqual([{ state: 'paused', onhold: true }])

  await reporter().kill()
  await testbed.restartReporter()
  // Longer than every timeout: the page is supervised, and the recording stays paused.
  await sleep(8000)
  expect(await api.get('lesson')).toMatchObject({ paused: true, state: 'paused', attempts: [{ number: 1 }] })
  expect(tasksOf(testbed, 'lesson')).toEqual([{ state: 'paused', onhold: true }])

  await api.resume('lesson')
  await waitForTimelineCode(testbed, 'lesson', 'attempt.resumed')
  expect(tasksOf(testbed, 'lesson')).toEqual([{ state: 'recording', onhold: false }])
  expect(updatesOf(testbed, 'lesson')).toBe(2)
  await waitForSingleTask(testbed, 'lesson')
})

test('a page that dies in a pause is restarted, and its new task writes nothing until the pause ends', async () => {
  testbed = await openTestbed({ probe: 'own', emulator: { openDelay: 0 } })
  const { api, emulator } = testbed
  await record(testbed, 'break')
  await waitUntilRolling(testbed, 'break')
  await api.pause('break')
  await waitForTimelineCode(testbed, 'break', 'attempt.paused')

  await emulator.runCommand(await sidOf(testbed, 'break'), { do: 'killPage' })
  await waitUntilState(testbed, 'break', { state: 'paused', attempts: 2 })
  await expect
    .poll(() => tasksOf(testbed as Testbed, 'break'), { timeout: 20_000 })
    .toEqual([
      { state: 'ended', onhold: true },
      { state: 'paused', onhold: true },
    ])

  await api.resume('break')
  await waitForTimelineCode(testbed, 'break', 'attempt.resumed')
  await waitForSingleTask(testbed, 'break', 2)
})
