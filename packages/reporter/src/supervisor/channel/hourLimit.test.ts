import { describe, expect, test } from 'vitest'
import { rollingChannel, trackChannel } from '../testing/trackedChannel.ts'

describe('the limit of its hours', () => {
  test('is not waited for: a candidate takes over ahead of it', () => {
    const it = rollingChannel().pass(3 * 3600 - 119)
    expect(it.newest).toMatchObject({ number: 2, state: 'candidate' })
    expect(it.newest.candidateFor?.code).toBe('resource_expired_hour')
    it.acquired().started().confirmed()
    expect(it.attempt(1).state).toBe('superseded')
    expect(it.timeline.map(({ code }) => code)).toContain('attempt.rolled_over')
    expect(it.recording.failures).toEqual([])
  })

  test.each([{ rollOverAhead: 0 }, { handOver: 'replace' as const }])(
    'is not reached whatever the policy says: %o',
    (policy) => {
      const it = rollingChannel(policy).pass(3 * 3600 - 59)
      expect(it.newest.number).toBe(2)
      it.acquired().started().confirmed()
      expect(it.attempt(1).state).toBe('superseded')
      expect(it.timeline.filter(({ code }) => code === 'attempt.failed')).toEqual([])
    },
  )

  test('is not passed although no candidate is taken by Agora', () => {
    const it = rollingChannel()
      .pass(3 * 3600 - 119)
      .startFailed('busy')
    for (let tries = 0; it.attempt(1).state === 'current' && tries < 50; tries += 1) {
      it.pass(4)
      if (it.effectNames.includes('start 2')) it.startFailed('busy')
    }
    expect(it.now).toBeLessThan(3 * 3600)
    expect(it.attempt(1)).toMatchObject({ state: 'superseded', endReason: { code: 'resource_expired_hour' } })
    expect(it.timesOf('stop', 1)).toHaveLength(1)
    expect(it.recording.gaveUp).toBeNull()
  })

  test('is not passed after giving up: the task is stopped while it can be', () => {
    const it = rollingChannel()
      .pass(3 * 3600 - 119)
      .startFailed('permanent')
    expect(it.state).toBe('unhealthy')
    it.passUntil('attempt.rolled_over', { agora: 'unknown', stops: 'stopped' })
    expect(it.now).toBeLessThan(3 * 3600)
    expect(it.pass(10, { stops: 'stopped' }).state).toBe('failed')
  })

  test('after giving up, Agora’s answer that it records ends the giving up', () => {
    const it = rollingChannel()
      .pass(3 * 3600 - 119)
      .startFailed('permanent')
    it.pass(60, { agora: 5 })
    expect(it.recording.gaveUp).toBeNull()
    expect(it.timeline.map(({ code }) => code)).toContain('recording.recovered')
  })

  test('is that of its token if the token expires earlier', () => {
    const it = trackChannel()
    const tokenExpiresAt = it.recording.createdAt + 3_600_000
    it.signal({ type: 'acquired', attempt: 1, resourceId: 'resource1', tokenExpiresAt })
    it.started()
      .confirmed()
      .pass(3600 - 119)
    expect(it.newest).toMatchObject({ number: 2, state: 'candidate' })
  })
})

describe('the token of a start that was sent twice', () => {
  const Hour = 3_600_000
  /** The roll-over, in seconds since the recording was created. */
  const rollOverAt = (it: ReturnType<typeof trackChannel>) => it.deadlines.rollOverAt
  const acquiredWith = (hours: number) => {
    const it = trackChannel()
    const at = (each: number): number => it.recording.createdAt + each * Hour
    it.signal({ type: 'acquired', attempt: 1, resourceId: 'r1', tokenExpiresAt: at(hours) })
    const started = (each: number) =>
      it.signal({ type: 'started', attempt: 1, sid: 'sid1', resourceId: 'r1', tokenExpiresAt: at(each) })
    return { it, at, started }
  }

  test.each([
    ['an earlier process', 1, 2],
    ['this process', 2, 1],
  ])('is taken to be that of %s, if it expires first', (_whose, stored, own) => {
    const { it, at, started } = acquiredWith(stored)
    started(own)
    expect(it.newest.tokenExpiresAt).toBe(at(1))
    expect(rollOverAt(it)).toBe(3600 - 120)
  })

  test('counts as well if a notification was faster', () => {
    const { it, at, started } = acquiredWith(2)
    it.notification(40, { sid: 'sid1' })
    expect(rollOverAt(it)).toBe(7200 - 120)
    started(1)
    expect(it.newest.tokenExpiresAt).toBe(at(1))
    expect(rollOverAt(it)).toBe(3600 - 120)
  })

  test('counts as well if the answer was lost, and a start that Agora refused does not', () => {
    const { it, at } = acquiredWith(2)
    const unknown = {
      type: 'startUnknown',
      attempt: 1,
      resourceId: 'r1',
      message: 'lost',
      evidence: {},
    } as const
    it.signal({ ...unknown, tokenExpiresAt: at(1) })
    expect(it.newest.tokenExpiresAt).toBe(at(1))
    it.signal({ type: 'startFailed', attempt: 1, failure: 'busy', message: 'busy', evidence: {} })
    expect(it.newest.tokenExpiresAt).toBeNull()
    it.signal({ type: 'acquired', attempt: 1, resourceId: 'r2', tokenExpiresAt: at(5) })
    expect(it.newest.tokenExpiresAt).toBe(at(5))
  })
})
