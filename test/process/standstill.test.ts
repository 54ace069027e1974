import { setTimeout as sleep } from 'node:timers/promises'
import { openTestbed, type Testbed } from '@stillrolling/examples/testbed'
import { afterEach, expect, test } from 'vitest'
import { record, rolls, runsOne, sidOf, tells } from './recordings.ts'

let testbed: Testbed | undefined

afterEach(async () => {
  await testbed?.close()
  testbed = undefined
})

/** The least that policies allow, so that a test can outlast them all. */
const SHORT = { confirmTimeout: 10, loadTimeout: 10, reloadGrace: 10, failoverWindow: 10 }

/** Longer than all of them, in milliseconds. */
const STANDSTILL_MS = 12_000

test('a reporter that stood still for longer than every time-out restarts what is dead, and nothing else', async () => {
  testbed = await openTestbed({ probe: 'own', emulator: { openDelay: 0 } })
  for (const id of ['well', 'dying']) await record(testbed, id, SHORT)
  for (const id of ['well', 'dying']) await rolls(testbed, id)
  // Its start is answered, and its page opens, while nobody listens.
  testbed.emulator.injectFault({
    on: 'call',
    call: 'start',
    match: { cname: 'beginning' },
    then: { delay: 1 },
  })
  await record(testbed, 'beginning', SHORT)
  const dying = await sidOf(testbed, 'dying')

  process.kill(testbed.reporter().pid, 'SIGSTOP')
  await testbed.emulator.runCommand(dying, { do: 'killPage' })
  await sleep(STANDSTILL_MS)
  process.kill(testbed.reporter().pid, 'SIGCONT')

  await rolls(testbed, 'dying', 2)
  await runsOne(testbed, 'dying', 2)
  for (const id of ['well', 'beginning']) {
    await rolls(testbed, id)
    await runsOne(testbed, id)
  }
  expect(await tells(testbed, 'well', 'reporter.returned')).not.toContain('attempt.failed')
})
