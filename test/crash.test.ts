import { setTimeout as sleep } from 'node:timers/promises'
import { createDemoRun, DEMO_CASES, type DemoRun, idOf } from '@stillrolling/examples/demo'
import { openTestbed, type Testbed } from '@stillrolling/examples/testbed'
import { afterEach, expect, test } from 'vitest'

let testbed: Testbed | undefined

afterEach(async () => {
  await testbed?.close()
  testbed = undefined
})

/** Kills the reporter, and starts a new one on its database `downMs` later. */
const crash = async (on: Testbed, downMs: number): Promise<void> => {
  await on.reporter().kill()
  await sleep(downMs)
  await on.restartReporter()
}

/** All timelines, shown if an assertion fails. */
const timelines = ({ cases }: DemoRun): string =>
  cases
    .flatMap(({ demoCase: { page }, timeline }) =>
      timeline.map(({ at, attempt, code, message }) => `${at} ${page} #${attempt ?? '-'} ${code} ${message}`),
    )
    .sort()
    .join('\n')

/** Counts the tasks at the emulator, independently of the reporter's own records. */
const expectNoDuplicateTasks = (on: Testbed, attempts: Map<string, number>): void => {
  const tasks = on.emulator.tasks().map(({ cname, uid }) => `${cname}/${uid}`)
  expect(new Set(tasks).size, 'one task for each uid').toBe(tasks.length)
  for (const [id, number] of attempts) {
    expect(
      tasks.filter((task) => task.startsWith(`${id}/`)),
      `tasks of ${id}`,
    ).toHaveLength(number)
  }
}

test('when the reporter is killed (SIGKILL) during the demo, all recordings end as expected and none is started twice', async () => {
  // A page that opens while the reporter is down cannot load the probe from it.
  testbed = await openTestbed({ probe: 'own' })
  const run = createDemoRun(testbed, DEMO_CASES)
  await run.start()

  // Some starts are in flight; their answers are lost with the process.
  await crash(testbed, 500)
  // Pages have reported, and the first failures are being detected.
  await run.runUntilDone({ seconds: 8 })
  await crash(testbed, 2000)
  // Some recordings are being restarted.
  await run.runUntilDone({ seconds: 9 })
  await crash(testbed, 1000)

  const done = await run.runUntilDone({ seconds: 80 })
  const results = run.cases.map(({ demoCase, recording }) => ({
    page: demoCase.page,
    state: recording?.state,
    attempts: recording?.attemptCount,
  }))
  expect(results, timelines(run)).toEqual(
    DEMO_CASES.map(({ page, expected: { state, attempts } }) => ({ page, state, attempts })),
  )
  expect(done).toBe(true)
  expectNoDuplicateTasks(testbed, new Map(DEMO_CASES.map((each) => [idOf(each), each.expected.attempts])))

  expect(await run.stopAll(15), 'every recording can be stopped').toBe(true)
})

test('a reporter that was down for longer than every timeout restarts no healthy recording', async () => {
  testbed = await openTestbed()
  const healthy = DEMO_CASES.filter(({ page }) => page === 'healthy')
  const run = createDemoRun(testbed, healthy)
  await run.start()
  expect(await run.runUntilDone({ seconds: 60 })).toBe(true)

  // The demo's policy suspects a page after 8 s of silence and fails it after 4 s of failed checks.
  await crash(testbed, 12_000)
  await sleep(10_000)
  await run.poll()
  const recording = run.cases[0]?.recording
  expect(recording?.state, timelines(run)).toBe('rolling')
  expect(recording?.attempts).toHaveLength(1)
  expect(Date.parse(recording?.attempts[0]?.lastBeatAt ?? '')).toBeGreaterThan(Date.now() - 6000)
  const codes = run.cases[0]?.timeline.map(({ code }) => code)
  expect(codes).toContain('reporter.returned')
  expect(codes).not.toContain('attempt.failed')
  expectNoDuplicateTasks(testbed, new Map([['healthy', 1]]))
})
