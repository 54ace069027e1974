import { expect, test } from 'vitest'
import { createAcceptance } from './acceptance.ts'

const setUp = (options: { refusalCountsMs?: number } = {}) => {
  let seconds = 0
  const clock = { now: () => Date.UTC(2026, 0, 1) + seconds * 1000, elapsed: () => seconds * 1000 }
  const lines: unknown[] = []
  const log = { warn: (fields: unknown, message?: string) => void lines.push({ fields, message }) }
  const acceptance = createAcceptance('Notifications', { clock, log, ...options })
  const wait = (more: number): void => {
    seconds += more
  }
  return { acceptance, lines, wait }
}

test('the check fails while the last one was refused', () => {
  const { acceptance, wait } = setUp()
  expect(acceptance.check()).toEqual({ ok: true, detail: 'last accepted: none yet; none refused' })
  acceptance.refused('wrong secret')
  expect(acceptance.check().ok).toBe(false)
  wait(5)
  acceptance.accepted()
  expect(acceptance.check()).toEqual({
    ok: true,
    detail: 'last accepted: 2026-01-01T00:00:05.000Z; last refused: 2026-01-01T00:00:00.000Z: wrong secret',
  })
})

test('a refusal counts until something is accepted, or for a fixed time', () => {
  for (const [refusalCountsMs, isOk] of [
    [undefined, false],
    [600_000, true],
  ] as const) {
    const { acceptance, wait } = setUp(refusalCountsMs === undefined ? {} : { refusalCountsMs })
    acceptance.refused('wrong secret')
    wait(300)
    acceptance.refused('wrong secret')
    wait(599)
    expect(acceptance.check().ok).toBe(false)
    wait(1)
    expect(acceptance.check().ok).toBe(isOk)
    expect(acceptance.check().detail).toContain('wrong secret')
  }
})

test('the log has a line a minute, with the count since the one before', () => {
  const { acceptance, lines, wait } = setUp()
  for (let second = 0; second < 150; second += 1) {
    acceptance.refused('wrong secret')
    wait(1)
  }
  expect(lines).toEqual(
    [1, 60, 60].map((count) => ({
      fields: { count, why: 'wrong secret' },
      message: `Notifications were refused (${count} since the last such line): wrong secret`,
    })),
  )
})

test('the check counts what was accepted and ignored, by kind', () => {
  const { acceptance } = setUp()
  for (const kind of ['another product', 'a task of others', 'another product']) acceptance.ignored(kind)
  expect(acceptance.check()).toEqual({
    ok: true,
    detail: 'last accepted: none yet; none refused; ignored: 2 (another product), 1 (a task of others)',
  })
})
