import { expect, test, vi } from 'vitest'
import { createReportBuilder } from './reportBuilder.ts'
import type { PollResult } from './watchTypes.ts'

const RESULT: PollResult = {
  ok: true,
  checks: [{ name: '#board', ok: true }],
  media: [],
  warnings: [{ name: 'stall', detail: 'w' }],
  changed: [],
}

const setUp = () => {
  const counts = { errors: 0, failed: 0 }
  const clock = { now: () => 1234.5, setTimeout: vi.fn(() => 0), clearTimeout: vi.fn() }
  return { counts, ...createReportBuilder('t', { window, clock }, counts) }
}

test('a report says what the poll has found, and nothing that is not in the format', () => {
  expect(setUp().build('hello', RESULT)).toEqual({
    v: 1,
    token: 't',
    type: 'hello',
    page: expect.stringMatching(/^\d{8,}$/),
    seq: 1,
    at: 1235,
    checks: RESULT.checks,
    media: [],
    warnings: RESULT.warnings,
    visible: true,
    errors: 0,
    failed: 0,
    late: 0,
    frames: 0,
  })
})

test('reports of a document are numbered and have the same page id', () => {
  const { build } = setUp()
  const reports = [build('hello', RESULT), build('loaded', RESULT), build('bye', RESULT)]
  expect(reports.map(({ seq }) => seq)).toEqual([1, 2, 3])
  expect(new Set(reports.map(({ page }) => page)).size).toBe(1)
})

test('what belongs to the time since the last report is reported once; faults add up', () => {
  const { build, since, counts } = setUp()
  Object.assign(since, { late: 39.6, frames: 3 })
  counts.errors = 2
  expect(build('heartbeat', RESULT)).toMatchObject({ late: 40, frames: 3, errors: 2 })
  since.frames++
  expect(build('heartbeat', RESULT)).toMatchObject({ late: 0, frames: 1, errors: 2 })
})
