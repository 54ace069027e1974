import { describe, expect, test } from 'vitest'
import { rollingChannel } from '../testing/trackedChannel.ts'

describe('the end of a session because the channel had no users', () => {
  const ends = {
    'event 41': (it: ReturnType<typeof rollingChannel>) => it.notification(41, { attempt: 1, leaveCode: 4 }),
    'event 31': (it: ReturnType<typeof rollingChannel>) => it.notification(31, { attempt: 1, status: 0 }),
    'event 32': (it: ReturnType<typeof rollingChannel>) => it.notification(32, { attempt: 1 }),
    'event 11': (it: ReturnType<typeof rollingChannel>) => it.notification(11, { attempt: 1, code: 0 }),
  }
  const names = Object.keys(ends) as (keyof typeof ends)[]
  const orders = names.flatMap((first) =>
    names.filter((each) => each !== first).map((second) => [first, second] as const),
  )

  test.each(names)(
    'starts the next attempt within seconds, with another uid, and is no failure: %s',
    (name) => {
      const it = rollingChannel().pass(60)
      ends[name](it)
      it.pass(5, { agora: 8, stops: 'stopped' })
      expect(it.reasons).toEqual(['idle_exit', null])
      expect(it.newest).toMatchObject({ number: 2, uid: '900002', state: 'starting' })
      expect(it.recording).toMatchObject({ failures: [], neverLoaded: 0, gaveUp: null })
      expect(it.when('attempt.idle_exit')).toBe(name === 'event 41' ? 65 : 70)
    },
  )

  test.each(names.slice(1))('is another session’s if Agora answers that it records: %s', (name) => {
    const it = rollingChannel().pass(60)
    ends[name](it)
    expect(it.pass(60, { agora: 5 }).recording.attemptCount).toBe(1)
    expect(it.state).toBe('rolling')
  })

  test.each(orders)('starts one attempt although each event comes twice: %s, then %s', (first, second) => {
    const it = rollingChannel().pass(60)
    for (const name of [first, first, second, second]) ends[name](it)
    it.pass(5, { agora: 'notFound', stops: 'stopped' })
    for (const name of [...names, second, ...names]) ends[name](it)
    expect(it.runs().recording.attemptCount).toBe(2)
    for (const name of names) ends[name](it)
    expect(it.recording.attemptCount).toBe(2)
    expect(it.state).toBe('rolling')
  })

  test.each([7, 8])('is believed when a query repeats status %i', (status) => {
    const it = rollingChannel().pass(100).passUntil('attempt.idle_exit', { agora: status, stops: 'stopped' })
    expect(it.newest.number).toBe(2)
    expect(it.recording.failures).toEqual([])
  })

  test('is followed by the next attempt after the policy’s delays if it happens again and again', () => {
    const it = rollingChannel({ restart: { jitter: 0, maxFailures: 3 } }, 30)
    const waits: number[] = []
    for (let exit = 1; exit <= 9; exit += 1) {
      it.pass(30).notification(41, { leaveCode: 4 })
      const at = it.now
      if (it.newest.sid !== null) it.dueAfter(it.due - it.now)
      waits.push(Math.round(it.now - at))
      it.runs()
    }
    expect(waits).toEqual([0, 2, 5, 10, 20, 40, 60, 60, 60])
    expect(it.recording.attention.map(({ code }) => code)).toContain('frequent_idle_exits')
    const uids = [...it.settled.values(), ...it.recording.attempts].map(({ uid }) => uid)
    expect(new Set(uids).size).toBe(10)
  })

  test('withdraws the attention once exits are rare', () => {
    const it = rollingChannel({ restart: { jitter: 0, maxFailures: 0 } })
    it.pass(30).notification(41, { leaveCode: 4 })
    expect(it.recording.attention.map(({ code }) => code)).toEqual(['frequent_idle_exits'])
    expect(it.runs().pass(700).recording.attention).toEqual([])
  })

  test('is replaced by a candidate that runs', () => {
    const it = rollingChannel({ requireHa: true, restart: { delays: [0], jitter: 0 } }).pass(6)
    expect(it.newest).toMatchObject({ number: 2, state: 'candidate' })
    it.acquired().started().notification(41, { attempt: 1, leaveCode: 4 })
    expect(it.attempt(2).state).toBe('current')
    expect(it.recording.attemptCount).toBe(2)
  })

  test('ends with "end"', () => {
    const it = rollingChannel({ onIdleExit: 'end' }).notification(41, { leaveCode: 4 })
    expect(it.recording).toMatchObject({
      desired: 'stopped',
      state: 'stopped',
      reason: { code: 'idle_exit' },
    })
  })

  test.each(['wait', 'end'] as const)(
    'with "%s" and an uncertain end, nothing follows while a failover may go on',
    (onIdleExit) => {
      const it = rollingChannel({ onIdleExit }).pass(60).notification(31, { status: 0 })
      it.pass(80, { agora: 'notFound' })
      expect(it.attempt(1).state).toBe('current')
      expect(it.pass(60, { agora: 5 }).state).toBe('rolling')
      expect(it.newest.sessionEnd).toBeNull()
    },
  )

  test('with "end" and an uncertain end that Agora does not deny, the task is stopped until Agora confirms', () => {
    const it = rollingChannel({ onIdleExit: 'end' }).pass(60).notification(31, { status: 0 })
    it.passUntil('attempt.idle_exit', { agora: 'notFound' })
    expect(it.now).toBeLessThan(65 + 120)
    expect(it.state).toBe('stopping')
    expect(it.recording.reason?.code).toBe('idle_exit')
    expect(it.stopAnswers('stopped', 1).state).toBe('stopped')
  })

  test('a stop by somebody is one although another event comes before 41', () => {
    const it = rollingChannel().pass(60).notification(31, { status: 0 }).wait(2)
    it.notification(41, { leaveCode: 18 })
    expect(it.recording).toMatchObject({ desired: 'stopped', state: 'stopped', reason: { code: 'stopped' } })
  })
})

describe('a task that somebody has stopped at Agora', () => {
  test.each([16, 18])('ends the recording, and is no failure: leave code %i', (leaveCode) => {
    const it = rollingChannel().pass(60).notification(41, { leaveCode })
    expect(it.recording).toMatchObject({ desired: 'stopped', state: 'stopped', failures: [] })
    expect(it.recording.reason).toMatchObject({ code: 'stopped', evidence: { leaveCode } })
  })

  test.each([4, 20])('is none if the channel had no users: leave code %i', (leaveCode) => {
    expect(rollingChannel().notification(41, { leaveCode }).reasons).toEqual(['idle_exit', null])
  })

  test('is queried if the recorder only had a signal, which a failover may explain', () => {
    const it = rollingChannel().pass(60).notification(41, { leaveCode: 2 })
    expect(it.effectNames).toEqual(['query 1'])
    expect(it.answers(5).state).toBe('rolling')
  })

  test('does not end the recording if it is the candidate', () => {
    const it = rollingChannel({ requireHa: true, restart: { delays: [0], jitter: 0 } }).pass(6)
    it.acquired().started().notification(41, { attempt: 2, leaveCode: 16 })
    expect(it.recording.desired).toBe('running')
    expect(it.attempt(1).state).toBe('current')
  })

  test('our own stop is none', () => {
    const it = rollingChannel().restart().notification(41, { attempt: 1, leaveCode: 16 })
    expect(it.recording.desired).toBe('running')
    expect(it.state).toBe('starting')
  })
})

describe('abnormal ends', () => {
  test('event 11 with exit status 1 is a failure, the next attempt starts, and the task is stopped', () => {
    const it = rollingChannel().notification(11, { code: 1 })
    expect(it.effectNames).toEqual(['stop 1', 'start 2'])
    expect(it.reasons).toEqual(['stopped_by_agora', null])
    expect(it.recording.failures).toHaveLength(1)
  })

  test('a recorder that could not begin (leave code 0) is a failure', () => {
    expect(rollingChannel().notification(41, { leaveCode: 0 }).reasons).toEqual(['stopped_by_agora', null])
  })

  test('after a failover, the end of the former session only leads to a query', () => {
    const it = rollingChannel().pass(10).notification(12, { newUid: '77' })
    for (const eventType of [41, 31, 32, 11]) {
      it.notification(eventType, { uid: '900001', leaveCode: 4, code: 0 })
    }
    expect(it.reasons).toEqual([null])
    it.answers(5).notification(41, { uid: '77', leaveCode: 4 })
    expect(it.reasons).toEqual(['idle_exit', null])
  })
})
