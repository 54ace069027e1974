import { describe, expect, test } from 'vitest'
import { rollingChannel, trackChannel } from '../testing/trackedChannel.ts'

describe('a channel', () => {
  test('is starting until Agora confirms it, and then rolling', () => {
    const it = trackChannel().acquired().started()
    expect(it.state).toBe('starting')
    expect(it.confirmed().state).toBe('rolling')
    expect(it.recording.attempts[0]).toMatchObject({ uid: '900001', state: 'current' })
    expect(it.recording.attempts[0]?.loadedAt).not.toBeNull()
  })

  test('has no deadlines for a page', () => {
    const it = trackChannel().acquired().started()
    expect(Object.keys(it.deadlines).sort()).toEqual(['confirmBy', 'queryAt', 'rollOverAt'])
  })

  test('is queried when a playlist should be listed, and again a minute later', () => {
    const it = trackChannel().acquired().started()
    const times = it.pass(400, { agora: { files: [] } }).timesOf('query', 1)
    expect(times).toEqual([5, 15, 60, 120, 240, 360])
  })

  test('is queried at the ordinary interval once a file is listed', () => {
    const it = trackChannel()
      .acquired()
      .started()
      .dueAfter(5)
      .answers({ files: ['x.m3u8'] })
    expect(it.deadlines.queryAt).toBe(125)
  })

  test('that Agora does not confirm is started again with another uid', () => {
    const it = trackChannel().acquired().started().pass(91, { agora: 2, stops: 'stopped' })
    expect(it.reasons).toEqual(['lost_at_agora', null])
    expect(it.newest).toMatchObject({ number: 2, uid: '900002', state: 'starting' })
  })

  test('that Agora does not find is started again after 5, 10 and 15 s', () => {
    const it = rollingChannel().pass(120, { agora: 5 })
    const lostAt = it.now
    it.passUntil('attempt.failed', { agora: 'notFound', stops: 'stopped' })
    expect(it.now - lostAt).toBeLessThan(160)
    expect(it.reasons).toEqual(['lost_at_agora', null])
  })

  test('is unhealthy while Agora does not find it, and rolling when it does again', () => {
    const it = rollingChannel().pass(100).notification(1, { errorLevel: 5 }).answers('notFound')
    expect(it.state).toBe('unhealthy')
    expect(it.recording.reason?.code).toBe('lost_at_agora')
    expect(it.dueAfter(5).answers(5).state).toBe('rolling')
  })

  test('survives the 404s of a failover that event 12 announced', () => {
    const it = rollingChannel().pass(100).notification(12, { newUid: '77' })
    it.pass(80, { agora: 'notFound' })
    expect(it.reasons).toEqual([null])
    expect(it.pass(30).state).toBe('rolling')
  })
})

describe('a candidate', () => {
  const replaced = () =>
    rollingChannel({ requireHa: true, queryInterval: 5, restart: { delays: [0, 5], jitter: 0 } }).pass(11)

  test('whose session ends because the channel had no users is no failure, and the next one follows', () => {
    const it = replaced().acquired().started().notification(41, { attempt: 2, leaveCode: 4 })
    expect(it.attempt(1).state).toBe('current')
    expect(it.attempt(2)).toMatchObject({ state: 'ended', endReason: { code: 'idle_exit' } })
    expect(it.newest).toMatchObject({ number: 3, state: 'candidate' })
    expect(it.recording).toMatchObject({ failures: { length: 1 }, idleExits: { length: 1 } })
    it.acquired().started().notification(41, { attempt: 3, leaveCode: 4 })
    expect(it.recording).toMatchObject({ failures: { length: 1 }, attemptCount: 3 })
    expect(it.deadlines.retryAt).toBe(it.now + 5)
  })

  test('that is never confirmed counts as such, however often Agora confirms the current attempt', () => {
    const it = replaced()
    for (let tries = 0; tries < 3; tries += 1) {
      it.acquired().started().dueAfter(10).answers(5, 1).dueAfter(5)
    }
    expect(it.recording.neverLoaded).toBe(3)
    expect(it.recording.attention.map(({ code }) => code)).toEqual(['slow_retries'])
  })
})

describe('signals that only a page has', () => {
  test('change nothing', () => {
    const it = rollingChannel()
    const before = it.recording
    const page = { page: 'p', seq: 1, failing: [] }
    it.pause().signal({ type: 'canary' }).signal({ type: 'replaceSilent' })
    it.signal({ type: 'report', attempt: 1, report: { type: 'hello', ...page } })
    it.signal({ type: 'tokenRefused', attempt: 1 })
    expect(it.recording).toEqual(before)
  })
})
