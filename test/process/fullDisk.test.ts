import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openTestbed, type Testbed } from '@stillrolling/examples/testbed'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { fullDisk as disk } from './fullDisk.ts'
import { record, rolls, runsOne, tells } from './recordings.ts'

let testbed: Testbed | undefined

afterEach(async () => {
  await testbed?.close()
  testbed = undefined
})

/** Longer than the recordings' heartbeatTimeout, in milliseconds. */
const FULL_MS = 5000

/** Posts a report as the page of a recording's first attempt would, from a document of its own. */
const report = async ({ emulator, reporterUrl }: Testbed, id: string): Promise<Response> => {
  const url = emulator.tasks().find(({ cname }) => cname === id)?.url ?? ''
  const token = new URL(url).searchParams.get('stillrolling')
  const said = { v: 1, token, type: 'bye', page: 'other', seq: 1, at: 0, checks: [], media: [] }
  const page = { visible: true, late: 0, errors: 0, missed: 0 }
  return fetch(`${reporterUrl}/v1/reports`, { method: 'POST', body: JSON.stringify({ ...said, ...page }) })
}

test('when the disk is full reports are answered 503 and kept by the page; later all goes on, and nothing was restarted', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stillrolling-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const on = await openTestbed({
    emulator: { openDelay: 1 },
    environment: { DATABASE_FILE: join(folder, 'stillrolling.db') },
    wrapper: disk.under(folder),
  })
  testbed = on
  await record(on, 'well')
  await rolls(on, 'well')
  await record(on, 'opening')
  await tells(on, 'opening', 'attempt.started')

  // The page of `opening` says hello and loaded into a reporter that can keep nothing.
  disk.fill(on.reporter().pid, folder)
  const answer = async () => (await report(on, 'well')).status
  await expect.poll(answer, { timeout: 10_000 }).toBe(503)
  await expect(record(on, 'refused'), 'what is not stored is not begun').rejects.toThrow(/: 50\d/)
  await sleep(FULL_MS)
  expect((await report(on, 'well')).headers.get('retry-after')).toMatch(/^\d+$/)
  expect((await on.api.get('opening')).state).toBe('loading')

  disk.empty(on.reporter().pid, folder)
  for (const id of ['well', 'opening']) {
    await rolls(on, id)
    await runsOne(on, id)
    const codes = await tells(on, id, 'page.loaded')
    expect(codes.filter((code) => code === 'page.loaded')).toHaveLength(1)
    expect(codes).not.toContain('attempt.failed')
  }
  expect(on.emulator.requests().filter(({ cname }) => cname === 'refused')).toEqual([])
})
