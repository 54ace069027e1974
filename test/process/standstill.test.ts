import { setTimeout as sleep } from 'node:timers/promises'
import { openStage, type Stage } from '@stillrolling/examples/demo'
import { afterEach, expect, test } from 'vitest'
import { record, rolls, runsOne, sidOf, tells } from './recordings.ts'

let stage: Stage | undefined

afterEach(async () => {
  await stage?.close()
  stage = undefined
})

/** The least that policies allow, so that a test can outlast them all. */
const SHORT = { confirmTimeout: 10, loadTimeout: 10, reloadGrace: 10, failoverWindow: 10 }

/** Longer than all of them, in milliseconds. */
const STANDSTILL_MS = 12_000

test('a reporter that stood still for longer than every time-out restarts what is dead, and nothing else', async () => {
  stage = await openStage({ probe: 'own', emulator: { openDelay: 0 } })
  for (const id of ['well', 'dying']) await record(stage, id, SHORT)
  for (const id of ['well', 'dying']) await rolls(stage, id)
  // Its start is answered, and its page opens, while nobody listens.
  stage.emulator.injectFault({ on: 'call', call: 'start', match: { cname: 'beginning' }, then: { delay: 1 } })
  await record(stage, 'beginning', SHORT)
  const dying = await sidOf(stage, 'dying')

  process.kill(stage.reporter().pid, 'SIGSTOP')
  await stage.emulator.runCommand(dying, { do: 'killPage' })
  await sleep(STANDSTILL_MS)
  process.kill(stage.reporter().pid, 'SIGCONT')

  await rolls(stage, 'dying', 2)
  await runsOne(stage, 'dying', 2)
  for (const id of ['well', 'beginning']) {
    await rolls(stage, id)
    await runsOne(stage, id)
  }
  expect(await tells(stage, 'well', 'reporter.returned')).not.toContain('attempt.failed')
})
