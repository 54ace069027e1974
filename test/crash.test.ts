import { setTimeout as sleep } from 'node:timers/promises'
import {
  createPerformance,
  idOf,
  openStage,
  type Performance,
  STORIES,
  type Stage,
} from '@stillrolling/examples/demo'
import { afterEach, expect, test } from 'vitest'

let stage: Stage | undefined

afterEach(async () => {
  await stage?.close()
  stage = undefined
})

/** Kills the reporter as a crash would, and starts a new one on its database a little later. */
const crash = async (on: Stage, awayMs: number): Promise<void> => {
  await on.reporter().kill()
  await sleep(awayMs)
  await on.restartReporter()
}

/** The timelines, for whoever has to find out what went wrong. */
const story = ({ acts }: Performance): string =>
  acts
    .flatMap(({ story: { page }, timeline }) =>
      timeline.map(({ at, attempt, code, message }) => `${at} ${page} #${attempt ?? '-'} ${code} ${message}`),
    )
    .sort()
    .join('\n')

/** What Agora was really asked to run, beside what the reporter knows of. */
const expectNoneTwice = (on: Stage, attempts: Map<string, number>): void => {
  const tasks = on.emulator.tasks().map(({ cname, uid }) => `${cname}/${uid}`)
  expect(new Set(tasks).size, 'a task for every uid, and no second one').toBe(tasks.length)
  for (const [id, number] of attempts) {
    expect(
      tasks.filter((task) => task.startsWith(`${id}/`)),
      `tasks of ${id}`,
    ).toHaveLength(number)
  }
}

test('kill -9 of the reporter in the middle of the stories: all end as said, none is started twice', async () => {
  // A page that opens while the reporter is down can have no probe from there, and then nobody could watch it.
  stage = await openStage({ probe: 'own' })
  const performance = createPerformance(stage, STORIES)
  await performance.begin()

  // At once: some starts are on their way, their answers are lost with the process.
  await crash(stage, 500)
  // Pages have reported, the first failures are being noticed.
  await performance.watch({ seconds: 8 })
  await crash(stage, 2000)
  // In the middle of recoveries.
  await performance.watch({ seconds: 9 })
  await crash(stage, 1000)

  const ended = await performance.watch({ seconds: 80 })
  const told = performance.acts.map(({ story, recording }) => ({
    page: story.page,
    state: recording?.state,
    attempts: recording?.attempts.length,
  }))
  expect(told, story(performance)).toEqual(
    STORIES.map(({ page, ending }) => ({ page, state: ending.state, attempts: ending.attempts })),
  )
  expect(ended).toBe(true)
  expectNoneTwice(stage, new Map(STORIES.map((story) => [idOf(story), story.ending.attempts])))

  expect(await performance.end(15), 'every recording can be stopped').toBe(true)
})

test('a reporter that was away for longer than every time-out restarts no healthy recording', async () => {
  stage = await openStage()
  const healthy = STORIES.filter(({ page }) => page === 'healthy')
  const performance = createPerformance(stage, healthy)
  await performance.begin()
  expect(await performance.watch({ seconds: 60 })).toBe(true)

  // The policy of the stories: 8 s of silence make a page suspect, 4 s of failed checks a failure.
  await crash(stage, 12_000)
  await sleep(10_000)
  await performance.look()
  const recording = performance.acts[0]?.recording
  expect(recording?.state, story(performance)).toBe('rolling')
  expect(recording?.attempts).toHaveLength(1)
  expect(Date.parse(recording?.attempts[0]?.lastBeatAt ?? '')).toBeGreaterThan(Date.now() - 6000)
  const codes = performance.acts[0]?.timeline.map(({ code }) => code)
  expect(codes).toContain('reporter.returned')
  expect(codes).not.toContain('attempt.failed')
  expectNoneTwice(stage, new Map([['healthy', 1]]))
})
