import { describe, expect, test } from 'vitest'
import { rollingChannel } from '../testing/trackedChannel.ts'

describe('with onIdleExit "wait"', () => {
  const waiting = () => rollingChannel({ onIdleExit: 'wait' }).pass(60).notification(41, { leaveCode: 4 })

  test('frequent exits raise no attention that ends in the same moment', () => {
    const it = rollingChannel({ onIdleExit: 'wait', restart: { maxFailures: 0 } }).pass(60)
    it.notification(41, { leaveCode: 4 })
    expect(it.when('attention.raised')).toBeUndefined()
  })

  test('nothing runs, and nothing is due, until a user joins', () => {
    const it = waiting()
    expect(it.state).toBe('paused')
    expect(it.recording.reason?.code).toBe('idle_exit')
    expect(it.due).toBe(Number.POSITIVE_INFINITY)
    expect(it.codes).toEqual(['attempt.idle_exit', 'recording.waiting'])
    expect(it.joined().newest).toMatchObject({ number: 2, uid: '900002' })
    expect(it.state).toBe('starting')
    expect(it.runs().state).toBe('rolling')
  })

  test('a second user who joins starts nothing else', () => {
    expect(waiting().joined('7').joined('8').recording.attemptCount).toBe(2)
  })

  test('a user who joined before the end was known is recorded', () => {
    const it = rollingChannel({ onIdleExit: 'wait' }, 30)
      .pass(60)
      .joined()
      .wait(20)
      .notification(41, { leaveCode: 4 })
    expect(it.state).toBe('starting')
  })

  test('a user who joined long before does not matter', () => {
    const it = rollingChannel({ onIdleExit: 'wait' }, 30)
      .joined()
      .pass(120)
      .notification(41, { leaveCode: 4 })
    expect(it.state).toBe('paused')
  })

  test('our own recorder is no user who joins', () => {
    expect(waiting().joined('900001').state).toBe('paused')
  })

  test('resume starts the next attempt, once', () => {
    const it = waiting().resume()
    expect(it.state).toBe('starting')
    expect(it.resume().recording.attemptCount).toBe(2)
  })

  test('a restart starts the next attempt', () => {
    expect(waiting().restart().state).toBe('starting')
  })

  test('a stop stops', () => {
    const it = waiting().stop()
    expect(it.state).toBe('stopped')
    expect(it.joined().recording.attemptCount).toBe(1)
  })

  test('late notifications about the ended attempt start nothing', () => {
    const it = waiting()
    it.notification(31, { status: 0 }).notification(11, { code: 0 }).notification(41, { leaveCode: 4 })
    expect(it.state).toBe('paused')
  })

  test('goes on waiting after a downtime of the reporter', () => {
    expect(waiting().resumedAfterDowntime(3600).state).toBe('paused')
  })
})

describe('a restart that waits for its delay after idle exits', () => {
  test('is brought forward by a user who joins', () => {
    const it = rollingChannel({ restart: { jitter: 0, delays: [50] } }).notification(41, { leaveCode: 4 })
    expect(it.state).toBe('recovering')
    expect(it.joined().state).toBe('starting')
    expect(it.recording.deadlines.retryAt).toBeUndefined()
  })
})

describe('a user who comes and goes', () => {
  test('causes at most a start in ten seconds once exits are frequent', () => {
    const it = rollingChannel({ restart: { jitter: 0, maxFailures: 3 } }, 5)
    const from = it.now
    for (let times = 0; times < 60; times += 1) {
      it.pass(2).notification(41, { leaveCode: 4 }).joined()
      it.pass(3)
      if (it.newest.sid === null) it.runs()
    }
    expect(it.recording.attemptCount).toBeLessThan(4 + (it.now - from) / 10 + 1)
    expect(it.recording.attention.map(({ code }) => code)).toContain('frequent_idle_exits')
  })
})
