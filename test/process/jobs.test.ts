import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test, vi } from 'vitest'
import type { JobView } from '../../packages/reporter/src/http/jobs/jobView.ts'
import { databaseFile } from '../../packages/reporter/src/testing/database.ts'
import { reporterEnvironment } from '../../packages/reporter/src/testing/reporterProcess.ts'

const MAIN = fileURLToPath(new URL('../../packages/reporter/src/main.ts', import.meta.url))
const POLL = { timeout: 60_000, interval: 10 }
const COUNT = 150

let child: ChildProcess | undefined
afterEach(() => {
  child?.kill('SIGKILL')
})

/** @returns its URL */
const start = async (file: string): Promise<string> => {
  const spawned = spawn(process.execPath, [MAIN], {
    env: reporterEnvironment({ port: 0, file }),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child = spawned
  let output = ''
  spawned.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
  })
  return vi.waitFor(() => {
    const [, url] = /listens on (http:\/\/127\.0\.0\.1:\d+)/.exec(output) ?? []
    if (url === undefined) throw new Error(`Not listening yet: ${output}`)
    return url
  }, POLL)
}

const kill = async (): Promise<void> => {
  if (!child) return
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}

const call = async <T>(url: string, path: string, body?: object): Promise<T> => {
  const answer = await fetch(`${url}${path}`, {
    method: body ? 'POST' : 'GET',
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  return (await answer.json()) as T
}

const untilJob = (url: string, isReached: (job: JobView) => boolean): Promise<JobView> =>
  vi.waitFor(async () => {
    const job = await call<JobView>(url, '/v1/jobs/evening')
    if (!isReached(job)) throw new Error(`Not reached yet: ${JSON.stringify(job)}`)
    return job
  }, POLL)

test('a job goes on after each kill of the reporter, and commands every recording once', async () => {
  const file = databaseFile()
  let url = await start(file)
  const ids = Array.from({ length: COUNT }, (_, index) => `r${index}`)
  for (const id of ids) await call(url, '/v1/recordings', { id, url: 'https://page.test/' })
  await call(url, '/v1/jobs', { id: 'evening', action: 'restart', all: true })
  for (const part of [0.2, 0.5]) {
    const { state } = await untilJob(url, ({ done }) => done >= COUNT * part)
    expect(state).toBe('running')
    await kill()
    url = await start(file)
  }
  const job = await untilJob(url, ({ state }) => state === 'done')
  expect(job).toMatchObject({ total: COUNT, done: COUNT, failedCount: 0 })
  for (const id of ids) {
    const { items } = await call<{ items: { code: string }[] }>(url, `/v1/recordings/${id}/timeline`)
    const requested = items.filter(({ code }) => code === 'recording.restart_requested')
    expect(requested, id).toHaveLength(1)
  }
}, 120_000)
