import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openTestbed, type Testbed } from '@stillrolling/examples/testbed'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { record, rolls, runsOne, tells } from './recordings.ts'

const HOLD = new URL('./holdDatabase.ts', import.meta.url)

let testbed: Testbed | undefined

afterEach(async () => {
  await testbed?.close()
  testbed = undefined
})

/** Another process wants the file for itself, and waits for it so long. */
const intrude = async (file: string, patienceMs = 0): Promise<{ child: ChildProcess; says: string }> => {
  const child = fork(HOLD, [file, String(patienceMs)])
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const [says] = (await once(child, 'message')) as [string]
  return { child, says }
}

test('another process cannot take the database; when it has it the reporter says so, and goes on when it is free', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stillrolling-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'stillrolling.db')
  const on = await openTestbed({
    probe: 'own',
    emulator: { openDelay: 0 },
    environment: { DATABASE_FILE: file },
  })
  testbed = on
  await record(on, 'well')
  await rolls(on, 'well')

  // A reporter that runs has the file, and does not let go of it, however long somebody waits.
  expect((await intrude(file, 1000)).says).toContain('locked')

  await on.reporter().kill()
  const { child, says } = await intrude(file)
  expect(says).toBe('held')
  // The page's reports find nobody, for longer than its heartbeatTimeout.
  await expect(on.restartReporter()).rejects.toThrow(/Another process uses the database/)

  const starting = on.restartReporter()
  await sleep(1000)
  child.kill('SIGKILL')
  await starting
  await tells(on, 'well', 'reporter.returned')
  await rolls(on, 'well')
  const heardAt = async () => Date.parse((await on.api.get('well')).attempts[0]?.lastBeatAt ?? '')
  await expect.poll(heardAt, { timeout: 10_000 }).toBeGreaterThan(Date.now())
  await runsOne(on, 'well')
})
