import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openTestbed, type Testbed } from '@stillrolling/examples/testbed'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { record, waitForSingleTask, waitForTimelineCode, waitUntilRolling } from './recordings.ts'

const LOCK_DATABASE = new URL('./lockDatabase.ts', import.meta.url)

let testbed: Testbed | undefined

afterEach(async () => {
  await testbed?.close()
  testbed = undefined
})

/** Starts a process that locks the file. @returns the process, and `locked` or its error */
const lockDatabase = async (
  file: string,
  timeoutMs = 0,
): Promise<{ child: ChildProcess; result: string }> => {
  const child = fork(LOCK_DATABASE, [file, String(timeoutMs)])
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const [result] = (await once(child, 'message')) as [string]
  return { child, result }
}

test('no other process can lock the database of a reporter; a reporter that finds it locked waits for it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stillrolling-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'stillrolling.db')
  const on = await openTestbed({
    probe: 'own',
    emulator: { openDelay: 0 },
    environment: { DATABASE_FILE: file },
  })
  testbed = on
  await record(on, 'healthy')
  await waitUntilRolling(on, 'healthy')

  // A running reporter keeps its lock, however long another process waits.
  expect((await lockDatabase(file, 1000)).result).toBe('database is locked')

  await on.reporter().kill()
  const { child, result } = await lockDatabase(file)
  expect(result).toBe('locked')
  // No reporter answers the page, for longer than its heartbeatTimeout.
  await expect(on.restartReporter()).rejects.toThrow(/Another process uses the database/)

  const starting = on.restartReporter()
  await sleep(1000)
  child.kill('SIGKILL')
  await starting
  await waitForTimelineCode(on, 'healthy', 'reporter.returned')
  await waitUntilRolling(on, 'healthy')
  const lastReportAt = async () => Date.parse((await on.api.get('healthy')).attempts[0]?.lastBeatAt ?? '')
  await expect.poll(lastReportAt, { timeout: 10_000 }).toBeGreaterThan(Date.now())
  await waitForSingleTask(on, 'healthy')
})
