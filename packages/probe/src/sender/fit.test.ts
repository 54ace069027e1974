import { describe, expect, it } from 'vitest'
import { type Check, MAX_CHECK_WORDS, MAX_REPORT_BYTES, MAX_REPORT_CHECKS, type Report } from '../types.ts'
import { fit } from './fit.ts'

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

describe('fit', () => {
  it('leaves a report alone that is small enough', () => {
    const small = report(many(5, 20), { slide: 3 })
    expect(JSON.parse(fit(small))).toEqual(small)
  })

  it('keeps to the number of checks and the length of words that a reporter takes', () => {
    const few = JSON.parse(fit(report(many(1, 600))))
    expect(few.checks[0].name).toHaveLength(MAX_CHECK_WORDS)
    expect(few.checks[0].detail).toHaveLength(MAX_CHECK_WORDS)
    const short = Array.from({ length: 150 }, (_, i): Check => ({ name: `#c${i}`, ok: i < 149 }))
    const { checks } = JSON.parse(fit(report(short)))
    expect(checks).toHaveLength(MAX_REPORT_CHECKS)
    expect(checks[0]).toEqual({ name: '#c149', ok: false })
  })

  it('cuts long words first and tells the failing checks first', () => {
    const { checks, note } = JSON.parse(fit(report(many(25, 1000), { slide: 3 })))
    expect(checks).toHaveLength(25)
    expect(checks.slice(0, 3).map((check: Check) => check.ok)).toEqual([false, false, false])
    expect(checks[0].detail).toBe(`${'x'.repeat(99)}…`)
    expect(note).toEqual({ slide: 3 })
  })

  it.each([
    ['of Latin text', many(400, 1000)],
    ['of text that takes three bytes a letter', many(400, 1000, '板')],
    ['of text that JSON escapes', many(400, 1000, '\u0001')],
  ])('fits 400 checks %s, the failing ones among them', (_, checks) => {
    const text = fit(report(checks, 'n'.repeat(1000)))
    expect(bytes(text)).toBeLessThanOrEqual(MAX_REPORT_BYTES)
    expect(JSON.parse(text).checks[0].ok).toBe(false)
  })
})
