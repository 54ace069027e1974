import { setTimeout as sleep } from 'node:timers/promises'
import { openTestbed, type Testbed } from '@stillrolling/examples/testbed'
import { afterEach, expect, test } from 'vitest'
import { record, sidOf, waitForSingleTask, waitForTimelineCode, waitUntilRolling } from './recordings.ts'

let testbed: Testbed | undefined

afterEach(async () => {
  await testbed?.close()
  testbed = undefined
})

/** The shortest timeouts that a policy allows. */
const MIN_TIMEOUTS = { confirmTimeout: 10, loadTimeout: 10, reloadGrace: 10, failoverWindow: 10 }

/** Longer than all of them, in milliseconds. */
const SUSPENSION_MS = 12_000

test('a reporter that was suspended for longer than every timeout restarts the dead page, and nothing else', async () => {
  testbed = await openTestbed({ probe: 'own', emulator: { openDelay: 0 } })
  for (const id of ['healthy', 'dying']) await record(testbed, id, MIN_TIMEOUTS)
  for (const id of ['healthy', 'dying']) await waitUntilRolling(testbed, id)
  // Its start is answered, and its page opens, while the reporter is suspended.
  testbed.emulator.injectFault({
    on: 'call',
    call: 'start',
    match: { cname: 'starting' },
    then: { delay: 1 },
  })
  await record(testbed, 'starting', MIN_TIMEOUTS)
  const dying = await sidOf(testbed, 'dying')

  process.kill(testbed.reporter().pid, 'SIGSTOP')
  await testbed.emulator.runCommand(dying, { do: 'killPage' })
  await sleep(SUSPENSION_MS)
  process.kill(testbed.reporter().pid, 'SIGCONT')

  await waitUntilRolling(testbed, 'dying', 2)
  await waitForSingleTask(testbed, 'dying', 2)
  for (const id of ['healthy', 'starting']) {
    await waitUntilRolling(testbed, id)
    await waitForSingleTask(testbed, id)
  }
  expect(await waitForTimelineCode(testbed, 'healthy', 'reporter.returned')).not.toContain('attempt.failed')
})
