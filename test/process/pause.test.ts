import { setTimeout as sleep } from 'node:timers/promises'
import { openStage, type Stage } from '@stillrolling/examples/demo'
import { afterEach, expect, test } from 'vitest'
import { record, rolls, runsOne, sidOf, tells } from './recordings.ts'

let stage: Stage | undefined

afterEach(async () => {
  await stage?.close()
  stage = undefined
})

const tasksOf = ({ emulator }: Stage, id: string) =>
  emulator
    .tasks()
    .filter(({ cname }) => cname === id)
    .map(({ state, onhold }) => ({ state, onhold }))

const updatesOf = ({ emulator }: Stage, id: string): number =>
  emulator.requests().filter(({ call, cname }) => call === 'update' && cname === id).length

test('a pause outlives the reporter, and Agora goes on to write in the same task', async () => {
  stage = await openStage({ probe: 'own', emulator: { openDelay: 0 } })
  const { api, reporter } = stage
  await record(stage, 'lesson')
  await rolls(stage, 'lesson')
  await api.pause('lesson')
  await tells(stage, 'lesson', 'attempt.paused')
  expect(tasksOf(stage, 'lesson')).toEqual([{ state: 'paused', onhold: true }])

  await reporter().kill()
  await stage.restartReporter()
  // Longer than every time-out: the page is asked for, and its recording is not asked to go on.
  await sleep(8000)
  expect(await api.get('lesson')).toMatchObject({ paused: true, state: 'rolling', attempts: [{ number: 1 }] })
  expect(tasksOf(stage, 'lesson')).toEqual([{ state: 'paused', onhold: true }])

  await api.resume('lesson')
  await tells(stage, 'lesson', 'attempt.resumed')
  expect(tasksOf(stage, 'lesson')).toEqual([{ state: 'recording', onhold: false }])
  expect(updatesOf(stage, 'lesson')).toBe(2)
  await runsOne(stage, 'lesson')
})

test('a page that dies in a pause is recorded again, and writes nothing until the pause ends', async () => {
  stage = await openStage({ probe: 'own', emulator: { openDelay: 0 } })
  const { api, emulator } = stage
  await record(stage, 'break')
  await rolls(stage, 'break')
  await api.pause('break')
  await tells(stage, 'break', 'attempt.paused')

  await emulator.runCommand(await sidOf(stage, 'break'), { do: 'killPage' })
  await rolls(stage, 'break', 2)
  await expect
    .poll(() => tasksOf(stage as Stage, 'break'), { timeout: 20_000 })
    .toEqual([
      { state: 'ended', onhold: true },
      { state: 'paused', onhold: true },
    ])

  await api.resume('break')
  await tells(stage, 'break', 'attempt.resumed')
  await runsOne(stage, 'break', 2)
})
