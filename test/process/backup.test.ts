import { execFile } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openTestbed, type Testbed } from '@stillrolling/examples/testbed'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { record, waitForSingleTask, waitForTimelineCode, waitUntilRolling } from './recordings.ts'

const COMMAND = join(import.meta.dirname, '../../packages/reporter/src/backupCommand.ts')

let testbed: Testbed | undefined

afterEach(async () => {
  await testbed?.close()
  testbed = undefined
})

interface Load {
  /** How often the recording was paused and resumed. */
  rounds(): number
  end(): Promise<void>
}

/** Pauses and resumes a recording all the time: each time several transactions. */
const createLoad = ({ api }: Testbed, id: string): Load => {
  let ending = false
  let rounds = 0
  const load = (async () => {
    for (; !ending; rounds += 1) {
      await api.pause(id)
      await api.resume(id)
    }
  })()
  return {
    rounds: () => rounds,
    end: () => {
      ending = true
      return load
    },
  }
}

/** Without blocking this process, which makes the load. */
const runBackup = async ({ reporterUrl, apiKey }: Testbed, file: string): Promise<string> => {
  const { hostname: Host, port: Port } = new URL(reporterUrl)
  const env = { PATH: process.env.PATH ?? '', HOST: Host, PORT: Port, STILLROLLING_API_KEYS: apiKey }
  return (await promisify(execFile)(process.execPath, [COMMAND, file], { env })).stdout
}

test('a backup of a running reporter under load is restored after a kill, and the recordings go on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stillrolling-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [database, backup] = [join(folder, 'stillrolling.db'), join(folder, 'backup.db')]
  const on = await openTestbed({
    probe: 'own',
    emulator: { openDelay: 0 },
    environment: { DATABASE_FILE: database },
  })
  testbed = on
  for (const id of ['healthy', 'busy']) {
    await record(on, id)
    await waitUntilRolling(on, id)
  }
  const load = createLoad(on, 'busy')
  await expect.poll(load.rounds, { timeout: 10_000 }).toBeGreaterThan(0)
  const before = load.rounds()
  expect(await runBackup(on, backup)).toMatch(/backup\.db: .* MiB, checked/)
  expect(await runBackup(on, backup), 'again, over the first one').toMatch(/checked/)
  expect(load.rounds(), 'calls were answered meanwhile').toBeGreaterThan(before)
  await load.end()
  expect(statSync(backup).mode & 0o777).toBe(0o600)

  await on.reporter().kill()
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${database}${suffix}`, { force: true })
  copyFileSync(backup, database)
  await on.restartReporter()
  // It may have been paused in the moment of the backup.
  await on.api.resume('busy')

  for (const id of ['healthy', 'busy']) {
    await waitForTimelineCode(on, id, 'reporter.returned')
    await waitUntilRolling(on, id)
    const restoredAt = Date.now()
    const lastReportAt = async () => Date.parse((await on.api.get(id)).attempts[0]?.lastBeatAt ?? '')
    await expect.poll(lastReportAt, { timeout: 10_000 }).toBeGreaterThan(restoredAt)
    await waitForSingleTask(on, id)
  }
  await on.api.stop('healthy')
  const state = async () => (await on.api.get('healthy')).state
  await expect.poll(state, { timeout: 30_000 }).toBe('stopped')
})
