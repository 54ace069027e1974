import { describe, expect, test } from 'vitest'
import { rollingChannel, trackChannel } from '../testing/trackedChannel.ts'

const WITH_OVERLAP = { restart: { jitter: 0 } }

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

  test('is queried at once a playlist should be listed, and again a minute later', () => {
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

describe('the end of a session because nobody was in the channel', () => {
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
    const it = rollingChannel({ ...WITH_OVERLAP, restart: { jitter: 0, maxFailures: 3 } }, 30)
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
    it.passUntil('recording.stop_requested', { agora: 'notFound' })
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

describe('with onIdleExit "wait"', () => {
  const waiting = () => rollingChannel({ onIdleExit: 'wait' }).pass(60).notification(41, { leaveCode: 4 })

  test('frequent exits raise no attention that ends in the same moment', () => {
    const it = rollingChannel({ onIdleExit: 'wait', restart: { maxFailures: 0 } }).pass(60)
    it.notification(41, { leaveCode: 4 })
    expect(it.when('attention.raised')).toBeUndefined()
  })

  test('nothing runs, and nothing is due, until somebody joins', () => {
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

  test('our own recorder is nobody who joins', () => {
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

describe('a task that somebody has stopped at Agora', () => {
  test.each([16, 18])('ends the recording, and is no failure: leave code %i', (leaveCode) => {
    const it = rollingChannel().pass(60).notification(41, { leaveCode })
    expect(it.recording).toMatchObject({ desired: 'stopped', state: 'stopped', failures: [] })
    expect(it.recording.reason).toMatchObject({ code: 'stopped', evidence: { leaveCode } })
  })

  test.each([4, 20])('is none if nobody was in the channel: leave code %i', (leaveCode) => {
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

describe('a candidate', () => {
  const replaced = () =>
    rollingChannel({ requireHa: true, queryInterval: 5, restart: { delays: [0, 5], jitter: 0 } }).pass(11)

  test('whose session ends because nobody was in the channel is no failure, and the next one follows', () => {
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

describe('files', () => {
  test('are not missed in a channel in which nobody sends', () => {
    const it = rollingChannel().pass(1200, { agora: { files: [] } })
    expect(it.recording.attention).toEqual([])
  })

  test('are missed if Agora receives streams and lists none', () => {
    const it = rollingChannel().notification(43, { streamUid: '7', state: 0 })
    it.pass(300, { agora: { files: [] } })
    expect(it.recording.attention.map(({ code }) => code)).toEqual(['no_files'])
  })

  test('are missed if Agora has begun to write and lists none', () => {
    const it = rollingChannel()
      .notification(42)
      .pass(300, { agora: { files: [] } })
    expect(it.recording.attention.map(({ code }) => code)).toEqual(['no_files'])
  })
})

describe('attention', () => {
  test('says that maxIdleTime is short when the recording is created, and ends with it', () => {
    const it = trackChannel({}, 30)
    expect(it.recording.attention).toMatchObject([
      { code: 'short_idle_time', message: expect.stringContaining('300 s') },
    ])
    expect(it.stop().recording.attention).toEqual([])
    expect(trackChannel({}, 300).recording.attention).toEqual([])
  })

  test('says that nothing is received once every stream is gone, until one is back', () => {
    const it = rollingChannel().notification(43, { streamUid: '7', state: 0 })
    it.notification(44, { streamUid: '7', state: 0 }).notification(43, { streamUid: '7', state: 1 })
    expect(it.recording.attention).toEqual([])
    it.notification(44, { streamUid: '7', state: 1 })
    expect(it.recording.attention.map(({ code }) => code)).toEqual(['nothing_received'])
    expect(it.state).toBe('rolling')
    expect(it.notification(44, { streamUid: '8', state: 0 }).recording.attention).toEqual([])
  })

  test('remembers a bounded number of streams, and those that are received first', () => {
    const it = rollingChannel().notification(43, { streamUid: 'first', state: 0 })
    for (let uid = 0; uid < 200; uid += 1) it.notification(44, { streamUid: `${uid}`, state: 1 })
    const { streams } = it.newest
    expect(Object.keys(streams)).toHaveLength(64)
    expect(streams['audio first']?.received).toBe(true)
  })

  test('knows the last state of a stream, whatever the order of the notifications', () => {
    const it = rollingChannel().notification(43, { streamUid: '7', state: 0, sequence: 1 })
    it.notification(43, { streamUid: '7', state: 0, sequence: 4 })
    it.notification(43, { streamUid: '7', state: 1, sequence: 3 })
    expect(it.recording.attention).toEqual([])
  })

  test('forgets the streams of a session that a failover has ended', () => {
    const it = rollingChannel()
      .notification(43, { streamUid: '7', state: 1 })
      .notification(12, { newUid: '77' })
    expect(it.newest.streams).toEqual({})
    expect(it.recording.attention).toEqual([])
  })
})

describe('a change of layout or subscription', () => {
  test('is sent to the running attempt, until Agora confirms', () => {
    const it = rollingChannel().changed('layout')
    expect(it.effectNames).toEqual(['update 1'])
    expect(it.codes).toEqual(['recording.change_requested'])
    it.changeAnswers('unknown', { layout: 1 })
    expect(it.codes).toEqual(['attempt.update_unconfirmed'])
    expect(it.dueAfter(5).effectNames).toEqual(['update 1'])
    it.changeAnswers('done', { layout: 1 })
    expect(it.codes).toEqual(['attempt.changed'])
    expect(it.newest).toMatchObject({ applied: { layout: 1, subscription: 0 }, update: null })
  })

  test('and another one meanwhile is sent next', () => {
    const it = rollingChannel().changed('layout').changed('layout', 'subscription')
    expect(it.effectNames).toEqual([])
    expect(it.changeAnswers('done', { layout: 1 }).effectNames).toEqual(['update 1'])
    expect(it.changeAnswers('done', { layout: 2 }).effectNames).toEqual(['update 1'])
    expect(it.changeAnswers('done', { subscription: 1 }).effectNames).toEqual([])
    expect(it.newest.applied).toEqual({ layout: 2, subscription: 1 })
  })

  test('that Agora refuses is not sent again, raises attention, and does not hold up others', () => {
    const it = rollingChannel().changed('layout', 'subscription')
    it.changeAnswers('refused', { layout: 1 })
    expect(it.recording.attention.map(({ code }) => code)).toEqual(['change_refused'])
    expect(it.effectNames).toEqual(['update 1'])
    expect(it.changeAnswers('done', { subscription: 1 }).effectNames).toEqual([])
    expect(it.pass(1000).timesOf('update', 1)).toHaveLength(2)
    it.changed('layout').changeAnswers('done', { layout: 2 })
    expect(it.recording.attention).toEqual([])
  })

  test('before the sid is known is sent once it is', () => {
    const it = trackChannel().acquired().changed('subscription')
    expect(it.effectNames).toEqual([])
    expect(it.started().effectNames).toEqual(['update 1'])
  })

  test('that Agora refuses raises attention while nothing runs, and until an attempt has it', () => {
    const it = rollingChannel().changed('layout', 'subscription').changeAnswers('refused', { layout: 1 })
    it.changeAnswers('refused', { subscription: 1 }).pass(30).notification(41, { leaveCode: 4 })
    it.runs().pass(30).notification(41, { leaveCode: 4 })
    expect(it.recording).toMatchObject({ state: 'recovering', attention: [{ code: 'change_refused' }] })
    expect(it.recording.attention[0]?.message).toContain('the new layout and the new subscription')
    expect(it.when('attention.cleared')).toBeUndefined()
  })

  test('that Agora refuses is no part of the start of the next attempt, and still raises attention', () => {
    const it = rollingChannel().changed('layout').changeAnswers('refused', { layout: 1 })
    it.notification(11, { code: 1 }).runs()
    expect(it.newest).toMatchObject({ number: 2, applied: { layout: 0 }, refused: { layout: 1 } })
    expect(it.timesOf('update', 2)).toEqual([])
    expect(it.recording.attention.map(({ code }) => code)).toEqual(['change_refused'])
    it.changed('layout').changeAnswers('done', { layout: 2 })
    expect(it.recording.attention).toEqual([])
  })

  test('is part of the start of the next attempt', () => {
    const it = rollingChannel().changed('layout').changeAnswers('done', { layout: 1 })
    it.notification(11, { code: 1 }).runs()
    expect(it.newest).toMatchObject({ number: 2, applied: { layout: 1 } })
    expect(it.timesOf('update', 2)).toEqual([])
  })

  test('is not sent after a stop', () => {
    expect(rollingChannel().stop().changed('layout').effectNames).toEqual([])
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
