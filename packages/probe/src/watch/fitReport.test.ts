import { describe, expect, test } from 'vitest'
import { type Check, MAX_REPORT_BYTES, MAX_REPORT_CHECKS, type Report } from '../types.ts'
import { fitReport } from './fitReport.ts'

const sizeOf = (report: Report) => bytes(JSON.stringify(report))

const report = (checks: Check[], note?: unknown): Report => ({
  v: 1,
  token: 'v1.attempt1.signature',
  type: 'heartbeat',
  page: 'p1',
  seq: 1,
  at: 1,
  checks,
  media: [],
  visible: true,
  late: 0,
  errors: 0,
  failed: 0,
  frames: 0,
  warnings: [],
  missed: 0,
  ...(note !== undefined && { note }),
})

const many = (count: number, length: number, text = 'x'): Check[] =>
  Array.from({ length: count }, (_, i) => ({
    name: `${i}${text.repeat(length)}`,
    ok: i < count - 3,
    detail: text.repeat(length),
  }))

const bytes = (text: string) => new TextEncoder().encode(text).length

describe('fitReport', () => {
  test('does not change a report that is small enough', () => {
    const small = report(many(5, 20), { slide: 3 })
    expect(fitReport(small, sizeOf)).toEqual(small)
  })

  test('keeps the maximum number of checks', () => {
    const short = Array.from({ length: 150 }, (_, i): Check => ({ name: `#c${i}`, ok: i < 149 }))
    const { checks } = fitReport(report(short), sizeOf)
    expect(checks).toHaveLength(MAX_REPORT_CHECKS)
    expect(checks[0]).toEqual({ name: '#c149', ok: false })
  })

  test('keeps failing checks first, and the note', () => {
    const { checks, note } = fitReport(report(many(60, 90), { slide: 3 }), sizeOf)
    expect(checks).toHaveLength(25)
    expect(checks.slice(0, 4).map((check: Check) => check.ok)).toEqual([false, false, false, true])
    expect(note).toEqual({ slide: 3 })
  })

  test('drops even the last check if it alone is too large', () => {
    const { checks } = fitReport(report(many(1, 8000)), sizeOf)
    expect(checks).toEqual([])
  })

  test.each([
    ['of Latin text', many(400, 200)],
    ['of text with three bytes per character', many(400, 200, '板')],
    ['of text that JSON escapes', many(400, 200, '\u0001')],
  ])('fits 400 checks %s, the failing ones among them', (_, checks) => {
    const fitting = fitReport(report(checks, 'n'.repeat(1000)), sizeOf)
    expect(sizeOf(fitting)).toBeLessThanOrEqual(MAX_REPORT_BYTES)
    expect(fitting.checks[0]?.ok).toBe(false)
  })
})
