import { setTimeout as sleep } from 'node:timers/promises'
import { openTestbed, type Testbed } from '@stillrolling/examples/testbed'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPostgres } from '../../packages/reporter/src/store/postgres/openPostgres.ts'
import { type PostgresServer, startPostgres } from '../../packages/reporter/src/testing/postgresServer.ts'
import { runOnPostgres } from '../../packages/reporter/src/testing/runOnPostgres.ts'
import { record, waitForSingleTask, waitForTimelineCode, waitUntilRolling } from './recordings.ts'

let server: PostgresServer | undefined
let testbed: Testbed | undefined

beforeAll(async () => {
  server = await startPostgres()
  testbed = await openTestbed({
    probe: 'own',
    emulator: { openDelay: 0 },
    environment: { DATABASE_FILE: '', DATABASE_URL: server.urlOf('postgres'), LOG_LEVEL: 'info' },
  })
})

afterAll(async () => {
  await testbed?.close()
  await server?.close()
})

/** @throws before `beforeAll` has succeeded */
const parts = (): { on: Testbed; database: PostgresServer } => {
  if (!testbed || !server) throw new Error('The testbed is not open')
  return { on: testbed, database: server }
}

const readiness = async ({ reporterUrl }: Testbed): Promise<{ status: number; database: unknown }> => {
  const response = await fetch(`${reporterUrl}/readyz`)
  const { checks } = (await response.json()) as { checks: { database: { ok: boolean } } }
  return { status: response.status, database: checks.database.ok }
}

const lastReportAt = async (on: Testbed, id: string): Promise<number> =>
  Date.parse((await on.api.get(id)).attempts[0]?.lastBeatAt ?? '')

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Longer than the pages' heartbeatTimeout and the recordings' queryInterval, in milliseconds. */
const OUTAGE_MS = 8000

test('a reporter on PostgreSQL records pages, says where they are stored, and leaves backups to pg_dump', async () => {
  const { on, database } = parts()
  await record(on, 'healthy')
  await record(on, 'dying')
  await waitUntilRolling(on, 'healthy')
  await waitUntilRolling(on, 'dying')
  const { host } = new URL(database.urlOf('postgres'))
  expect(on.reporter().output()).toContain(`Stillrolling supervises 0 recordings of ${host}/postgres`)
  expect(on.reporter().output()).not.toContain('SECRET')

  const backup = await fetch(`${on.reporterUrl}/v1/backup`, {
    method: 'POST',
    headers: { authorization: `Bearer ${on.apiKey}` },
  })
  expect(backup.status).toBe(409)
  expect(await backup.json()).toMatchObject({
    code: 'backup_unsupported',
    detail: expect.stringContaining('pg_dump'),
  })
})

test('after kill -9 the next reporter supervises the same recordings', async () => {
  const { on } = parts()
  await on.reporter().kill()
  await on.restartReporter()
  await waitForTimelineCode(on, 'healthy', 'reporter.returned')
  await expect.poll(() => lastReportAt(on, 'healthy'), { timeout: 20_000 }).toBeGreaterThan(Date.now())
  await waitForSingleTask(on, 'healthy')
})

test('while PostgreSQL is away the reporter holds on; afterwards nothing was restarted but what had died', async () => {
  const { on, database } = parts()
  const { pid } = on.reporter()
  await database.stop()
  await expect.poll(() => readiness(on), { timeout: 20_000 }).toEqual({ status: 503, database: false })
  const dying = on.emulator.tasks().find(({ cname, state }) => cname === 'dying' && state !== 'ended')
  await on.emulator.runCommand(dying?.sid ?? '', { do: 'killPage' })
  await sleep(OUTAGE_MS)

  await database.start()
  await expect.poll(() => readiness(on), { timeout: 20_000 }).toEqual({ status: 200, database: true })
  expect(on.reporter().pid).toBe(pid)
  await waitUntilRolling(on, 'dying', 2)
  await expect.poll(() => lastReportAt(on, 'healthy'), { timeout: 20_000 }).toBeGreaterThan(Date.now())
  await waitUntilRolling(on, 'healthy')
  await waitForSingleTask(on, 'healthy')
  await waitForSingleTask(on, 'dying', 2)
  expect(on.reporter().output()).not.toContain('SECRET')
})

test('a reporter that was suspended while another one used its database ends', async () => {
  const { on, database } = parts()
  const { pid, output } = on.reporter()
  process.kill(pid, 'SIGSTOP')
  const url = database.urlOf('postgres')
  await runOnPostgres(url, "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'")
  const other = await openPostgres({ url }, { onConnectionError: () => {} })
  await other.close()
  process.kill(pid, 'SIGCONT')
  await expect.poll(() => isRunning(pid), { timeout: 20_000 }).toBe(false)
  expect(output()).toMatch(/Stillrolling ends\. Another reporter uses the database/)

  await on.restartReporter()
  await waitUntilRolling(on, 'healthy')
  await waitForSingleTask(on, 'healthy')
})

test('a second reporter on the same database ends and says why', async () => {
  const { on, database } = parts()
  const second = openTestbed({
    environment: { DATABASE_FILE: '', DATABASE_URL: database.urlOf('postgres') },
  })
  await expect(second).rejects.toThrow(/Stillrolling cannot start\. Another reporter uses the database/)
  await waitUntilRolling(on, 'healthy')
})
