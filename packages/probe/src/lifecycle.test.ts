import { describe, expect, test } from 'vitest'
import {
  FENCE_TIMEOUT_MS,
  hasJustLoaded,
  isNotifyDue,
  type Lifecycle,
  POLLS_TO_LOAD,
  startLifecycle,
} from './lifecycle.ts'

/** A document whose reporter has answered. */
const started = (change: Partial<Lifecycle> = {}, token = 'v1.a.b'): Lifecycle => ({
  ...startLifecycle(token),
  responded: true,
  ...change,
})

/** Polls every 250 ms from 250 on; returns whether each poll was the one with which the page loaded. */
const polls = (lifecycle: Lifecycle, ...ok: boolean[]): boolean[] =>
  ok.map((one, i) => hasJustLoaded(lifecycle, one, (i + 1) * 250))

describe('loading', () => {
  test(`ends with ${POLLS_TO_LOAD} consecutive polls that find everything met, once`, () => {
    const lifecycle = started()
    expect(polls(lifecycle, true, false, true, true, true, true)).toEqual([
      false,
      false,
      false,
      true,
      false,
      false,
    ])
    expect(lifecycle.phase).toBe('loaded')
  })

  test('waits until the reporter has answered, or a request has failed', () => {
    const lifecycle = started({ responded: false })
    expect(polls(lifecycle, true, true, true)).not.toContain(true)
    lifecycle.responded = true
    expect(hasJustLoaded(lifecycle, true, 1000)).toBe(true)
  })

  test.each(['superseded', 'stopped'] as const)('does not end in a document that is %s', (phase) => {
    expect(polls(started({ phase }), true, true, true)).not.toContain(true)
  })
})

describe('notifyReady()', () => {
  const loadedAt = 500
  const loaded = (token?: string) => {
    const lifecycle = started({}, token)
    polls(lifecycle, true, true)
    return lifecycle
  }

  test('is due when the page has loaded, until it has been called', () => {
    expect(isNotifyDue(started(), loadedAt)).toBe(false)
    const lifecycle = loaded()
    expect(isNotifyDue(lifecycle, loadedAt)).toBe(true)
    lifecycle.notified = true
    expect(isNotifyDue(lifecycle, loadedAt)).toBe(false)
  })

  test('waits behind the fence for confirmation, at most 15 s', () => {
    const lifecycle = loaded('v1f.a.b')
    expect(isNotifyDue(lifecycle, loadedAt + FENCE_TIMEOUT_MS - 1)).toBe(false)
    expect(isNotifyDue(lifecycle, loadedAt + FENCE_TIMEOUT_MS)).toBe(true)
    lifecycle.fencedUntil = 0
    expect(isNotifyDue(lifecycle, loadedAt)).toBe(true)
  })
})
