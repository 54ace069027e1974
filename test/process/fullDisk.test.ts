import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openTestbed, type Testbed } from '@stillrolling/examples/testbed'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { fullDisk as disk } from './fullDisk.ts'
import { record, waitForSingleTask, waitForTimelineCode, waitUntilRolling } from './recordings.ts'

let testbed: Testbed | undefined

afterEach(async () => {
  await testbed?.close()
  testbed = undefined
})

/** Longer than the recordings' heartbeatTimeout, in milliseconds. */
const FULL_MS = 5000

/** Posts a report with the token of a recording's first attempt, as another document. */
const postReport = async ({ emulator, reporterUrl }: Testbed, id: string): Promise<Response> => {
  const task = emulator.tasks().find(({ cname }) => cname === id)
  const url = task?.mode === 'web' ? task.url : ''
  const token = new URL(url).searchParams.get('stillrolling')
  const report = { v: 1, token, type: 'bye', page: 'other', seq: 1, at: 0, checks: [], media: [] }
  const page = { visible: true, late: 0, errors: 0, missed: 0 }
  return fetch(`${reporterUrl}/v1/reports`, { method: 'POST', body: JSON.stringify({ ...report, ...page }) })
}

test('while the disk is full, reports are answered 503 and retried by the page; nothing is restarted afterwards', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stillrolling-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const on = await openTestbed({
    emulator: { openDelay: 1 },
    environment: { DATABASE_FILE: join(folder, 'stillrolling.db') },
    wrapper: disk.wrapper(folder),
  })
  testbed = on
  await record(on, 'healthy')
  await waitUntilRolling(on, 'healthy')
  await record(on, 'opening')
  await waitForTimelineCode(on, 'opening', 'attempt.started')

  // The page of `opening` sends hello and loaded to a reporter that can store nothing.
  disk.fill(on.reporter().pid, folder)
  const answer = async () => (await postReport(on, 'healthy')).status
  await expect.poll(answer, { timeout: 10_000 }).toBe(503)
  await expect(record(on, 'refused'), 'a recording that cannot be stored is refused').rejects.toThrow(
    /: 50\d/,
  )
  await sleep(FULL_MS)
  expect((await postReport(on, 'healthy')).headers.get('retry-after')).toMatch(/^\d+$/)
  expect((await on.api.get('opening')).state).toBe('loading')

  disk.empty(on.reporter().pid, folder)
  for (const id of ['healthy', 'opening']) {
    await waitUntilRolling(on, id)
    await waitForSingleTask(on, id)
    const codes = await waitForTimelineCode(on, id, 'page.loaded')
    expect(codes.filter((code) => code === 'page.loaded')).toHaveLength(1)
    expect(codes).not.toContain('attempt.failed')
  }
  expect(on.emulator.requests().filter(({ cname }) => cname === 'refused')).toEqual([])
})
