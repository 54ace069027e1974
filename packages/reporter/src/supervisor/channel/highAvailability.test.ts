import { describe, expect, test } from 'vitest'
import { trackChannel } from '../testing/trackedChannel.ts'

describe('high availability', () => {
  const Policy = { requireHa: true, restart: { delays: [0], jitter: 0 } }

  test('is not waited for unless it is required', () => {
    expect(trackChannel().acquired().started().deadlines.haBy).toBeUndefined()
  })

  test('an attempt without event 13 is replaced by a candidate that has one, and keeps recording until then', () => {
    const it = trackChannel(Policy).acquired().started().pass(11)
    expect(it.newest).toMatchObject({ number: 2, state: 'candidate' })
    expect(it.recording.reason?.code).toBe('not_highly_available')
    it.acquired().started().confirmed()
    expect(it.attempt(1).state).toBe('current')
    it.notification(13, { attempt: 2 })
    expect(it.attempt(2).state).toBe('current')
    expect(it.attempt(1).state).toBe('superseded')
    expect(it.state).toBe('rolling')
  })

  test('event 13 in time keeps the attempt', () => {
    const it = trackChannel(Policy).acquired().started().wait(3).notification(13).pass(60)
    expect(it.recording.attemptCount).toBe(1)
    expect(it.state).toBe('rolling')
  })

  test('event 13 that comes late keeps the attempt, and drops the candidate', () => {
    const it = trackChannel(Policy).acquired().started().pass(11)
    it.acquired().started().notification(13, { attempt: 1 })
    expect(it.attempt(1).state).toBe('current')
    expect(it.attempt(2).state).toBe('superseded')
  })

  test('event 13 that comes when Agora denies the attempt drops no candidate before Agora finds it again', () => {
    const it = trackChannel(Policy).acquired().started().confirmed().pass(6, { agora: 5 })
    it.acquired().started().confirmed()
    it.notification(1, { attempt: 1, errorLevel: 5 }).answers('notFound', 1)
    it.notification(13, { attempt: 1 })
    expect(it.attempt(2).state).toBe('candidate')
    it.dueAfter(5).answers(5, 1)
    expect(it.attempt(1).state).toBe('current')
    expect(it.attempt(2).state).toBe('superseded')
  })

  test('candidates without it are dropped, and the current attempt is never lost', () => {
    const it = trackChannel(Policy).acquired().started()
    for (let tries = 0; tries < 100; tries += 1) {
      it.pass(20, { stops: 'stopped' })
      if (it.newest.sid === null) it.acquired().started()
    }
    expect(it.attempt(1).state).toBe('current')
    expect(it.recording.attemptCount).toBeLessThan(14)
    expect(it.recording.attention.map(({ code }) => code)).toContain('slow_retries')
    expect(it.recording.gaveUp).toBeNull()
  })
})
