import { describe, expect, test } from 'vitest'
import type { StopAction } from './policy.ts'
import { rolling, track } from './testing/trackedRecording.ts'

// Event 71 by code, as Agora's notification reference lists them.
const codes: { code: number | undefined; reason: string; says: string }[] = [
  { code: 1, reason: 'max_recording_hour', says: 'code 1 (max_recording_hour)' },
  { code: 2, reason: 'capability_limit', says: 'code 2 (capability_limit)' },
  { code: 3, reason: 'stopped_by_agora', says: 'code 3 (start_engine_failed)' },
  { code: 4, reason: 'stopped_by_agora', says: 'code 4 (page_load_timeout)' },
  { code: 5, reason: 'stopped_by_agora', says: 'code 5 (access_url_failed)' },
  { code: 6, reason: 'stopped_by_agora', says: 'code 6 (recorder_error)' },
  { code: 7, reason: 'stopped_by_agora', says: 'code 7 (unknown)' },
  { code: undefined, reason: 'stopped_by_agora', says: 'code not given (unknown)' },
]

describe('event 71, the recorder has stopped', () => {
  test.each(codes)(
    'code $code: a new attempt at once, and nothing left to stop',
    ({ code, reason, says }) => {
      const it = rolling().notified(71, { code, detail: 'in its words', files: ['a.m3u8'] })
      expect(it.attempt(1)).toMatchObject({ state: 'ended', endReason: { code: reason }, files: ['a.m3u8'] })
      expect(it.attempt(1).endReason?.message).toContain(`${says}, in its words`)
      expect(it.effectNames).toEqual(['start 2'])
      expect(it.recording.failures).toHaveLength(code === 1 ? 0 : 1)
    },
  )

  test('code 0: stopped, asked for or not', () => {
    const it = rolling().notified(71, { code: 0 })
    expect(it.recording).toMatchObject({ desired: 'stopped', state: 'stopped', reason: { code: 'stopped' } })
    expect(it.attempt(1).state).toBe('ended')
    expect(it.effectNames).toEqual([])
    expect(it.deadlines).toEqual({})
  })

  test('code 1 is a roll-over: it comes as often as it likes', () => {
    const it = rolling()
    for (let n = 1; n <= 20; n += 1) it.notified(71, { code: 1 }).acquired().started().hello().loaded()
    expect(it.recording.attempts).toHaveLength(21)
    expect(it.recording.failures).toEqual([])
    expect(it.state).toBe('rolling')
  })

  test('code 2: once more, then failed', () => {
    const it = rolling().notified(71, { code: 2 }).acquired().started().notified(71, { code: 2 })
    expect(it.effectNames).toEqual([])
    expect(it.state).toBe('failed')
    expect(it.recording.reason?.code).toBe('capability_limit')
    it.restart().started().notified(71, { code: 2 })
    expect(it.live?.number).toBe(4)
  })

  test.each([
    ['restart', 2, 'starting', 1],
    ['rollOver', 2, 'starting', 0],
    ['restartOnce', 2, 'starting', 1],
    ['giveUp', 1, 'failed', 0],
  ] as [StopAction, number, string, number][])(
    'by the policy: code 6 is %s',
    (action, attempts, state, failures) => {
      const it = rolling({ onStopCode: { 6: action } }).notified(71, { code: 6 })
      expect(it.recording.attempts).toHaveLength(attempts)
      expect(it.state).toBe(state)
      expect(it.recording.failures).toHaveLength(failures)
    },
  )

  test('restartOnce looks at its own code only', () => {
    const it = rolling({ onStopCode: { 5: 'restartOnce' } }).notified(71, { code: 6 })
    it.started().notified(71, { code: 5 }).pass(2)
    expect(it.live?.number).toBe(3)
    it.started().notified(71, { code: 5 })
    expect(it.state).toBe('failed')
  })

  test('it may come before the answer to start', () => {
    const it = track().acquired().notified(71, { code: 5 })
    expect(it.reasons).toEqual(['stopped_by_agora', null])
    it.started(1)
    expect(it.attempt(1).state).toBe('ended')
    expect(it.live?.number).toBe(2)
  })
})

describe('event 72, a capability limit', () => {
  test('once more, then failed; event 71 code 2, which follows, says nothing new', () => {
    const it = rolling().notified(72, { detail: 'WebGL' })
    expect(it.attempt(1)).toMatchObject({ state: 'ended', endReason: { code: 'capability_limit' } })
    expect(it.effectNames).toEqual(['start 2'])
    it.notified(71, { code: 2, attempt: 1 })
    expect(it.recording.attempts).toHaveLength(2)
    expect(it.recording.failures).toHaveLength(1)
    it.started().notified(72, { detail: 'WebGL' })
    expect(it.state).toBe('failed')
    expect(it.recording.reason?.message).toContain('WebGL')
  })

  test('counts together with event 71 code 2', () => {
    const it = rolling().notified(71, { code: 2 }).started().notified(72)
    expect(it.state).toBe('failed')
  })
})

describe('event 11, the session is over', () => {
  test('abnormally: a new attempt at once', () => {
    const it = rolling().notified(11, { code: 1 })
    expect(it.reasons).toEqual(['stopped_by_agora', null])
    expect(it.effectNames).toEqual(['start 2'])
  })

  test('normally, without event 71: Agora is asked', () => {
    const it = rolling().notified(11, { code: 0 })
    expect(it.effectNames).toEqual(['query 1'])
    expect(it.state).toBe('rolling')
    it.answers(7).notified(71, { code: 0 })
    expect(it.state).toBe('stopped')
  })
})

describe('event 73, Agora reloads the page', () => {
  test('a loaded page may be silent for reloadGrace', () => {
    const it = rolling().notified(73, { detail: 'audio_silence' })
    expect(it.codes).toEqual(['agora.reload'])
    expect(it.deadlines.beatBy).toBe(7 + 60)
    it.wait(1).heartbeat()
    expect(it.deadlines.beatBy).toBe(7 + 60)
    it.wait(50).hello({ page: 'again' }).loaded({ page: 'again' })
    expect(it.state).toBe('rolling')
    expect(it.recording.attempts).toHaveLength(1)
  })

  test('it does not come back: asked about after the grace', () => {
    const it = rolling().notified(73).pass(59.9)
    expect(it.live?.number).toBe(1)
    it.pass(0.1)
    expect(it.reasons[0]).toBe('page_silent')
  })

  test('a page that has not loaded, or fails its checks, gets the grace too', () => {
    expect(track().acquired().started().wait(40).notified(73).deadlines.loadBy).toBe(40 + 60)
    expect(track().acquired().started().notified(73).deadlines.loadBy).toBe(75)
    expect(rolling().fails('#board').notified(73).deadlines.healthyBy).toBe(7 + 60)
  })

  test('it explains a silence that is being asked about', () => {
    const it = rolling().dueAfter(30).notified(73).answers(5)
    expect(it.live?.number).toBe(1)
    expect(it.deadlines.beatBy).toBe(37 + 60)
    const unheard = track().acquired().started().confirmed().dueAfter(70).notified(73).answers(5)
    expect(unheard.live?.number).toBe(1)
    expect(unheard.deadlines.loadBy).toBe(75 + 60)
  })
})

describe('event 12, a failover', () => {
  const failedOver = () => rolling().notified(12, { newUid: '77' })

  test('is recorded, and gives the page time to be opened on the other server', () => {
    const it = failedOver()
    expect(it.codes).toEqual(['agora.failover'])
    expect(it.live).toMatchObject({ uid: '900001', newUid: '77' })
    expect(it.deadlines.beatBy).toBe(7 + 90)
    it.wait(60).hello({ page: 'moved' }).loaded({ page: 'moved' })
    expect(it.state).toBe('rolling')
    expect(it.recording.attempts).toHaveLength(1)
  })

  test('again with the same uid says nothing new', () => {
    const it = failedOver()
    const before = it.wait(10).recording
    expect(it.notified(12, { newUid: '77' }).recording).toEqual(before)
  })

  test('explains 404s for 90 s, also of a silent page; then they count', () => {
    const it = failedOver().pass(89, { agora: 'notFound' })
    expect(it.recording.attempts).toHaveLength(1)
    it.notified(11, { code: 0, uid: '77' }).pass(60, { agora: 'notFound' })
    expect(it.reasons[0]).toBe('lost_at_agora')
  })

  test('notifications of the new session count', () => {
    expect(failedOver().notified(71, { code: 6, uid: '77' }).reasons).toEqual(['stopped_by_agora', null])
  })

  test.each([
    [71, { code: 6 }],
    [71, { code: 0 }],
    [72, {}],
    [11, { code: 1 }],
  ])('event %i %o of the session that was replaced ends nothing: Agora is asked', (eventType, options) => {
    const it = failedOver().notified(eventType, { ...options, uid: '900001' })
    expect(it.codes).toEqual(['agora.former_session'])
    expect(it.effectNames).toEqual(['query 1'])
    expect(it.answers(5).state).toBe('rolling')
    const stopping = failedOver()
      .stop()
      .notified(eventType, { ...options, uid: '900001' })
    expect(stopping.state).toBe('stopping')
  })
})

describe('the numbers of notifications', () => {
  const uid = '900001'
  const heard = (...sequences: number[]) => {
    const it = rolling()
    for (const sequence of sequences) it.notified(70, { sequence, uid })
    return it
  }

  test('in order, repeated or late: nothing is missing', () => {
    const it = heard(0, 1, 2, 1, 2, 3)
    expect(it.timeline.map(({ code }) => code)).not.toContain('agora.notifications_missed')
    expect(it.live?.lastSequence).toBe(3)
  })

  test.each([
    ['the first', [2], { from: 0, to: 1 }],
    ['one in between', [0, 1, 3], { from: 2, to: 2 }],
  ])('%s is missing: Agora is asked 2 s later', (_, sequences, evidence) => {
    const it = heard(...sequences)
    expect(it.timeline.at(-1)).toMatchObject({ code: 'agora.notifications_missed', evidence })
    expect(it.deadlines.queryAt).toBe(7 + 2)
    it.pass(2, { page: 'reports' })
    expect(it.timesOf('query', 1)).toEqual([5, 9])
  })

  test('overtaking each other within 2 s costs one query', () => {
    const it = heard(0, 3, 1, 2)
    it.wait(1)
      .notified(70, { sequence: 6, uid })
      .notified(70, { sequence: 5, uid })
      .pass(30, { page: 'reports' })
    expect(it.timesOf('query', 1)).toEqual([5, 9])
  })

  test('begin anywhere after a failover, and those of the session before it do not count', () => {
    const it = heard(0, 1).notified(12, { newUid: '77', sequence: 2, uid })
    it.notified(70, { sequence: 40, uid: '77' }).notified(31, { sequence: 9, uid })
    expect(it.live?.lastSequence).toBe(40)
    it.notified(70, { sequence: 0, uid: '77' })
    expect(it.timeline.map(({ code }) => code)).not.toContain('agora.notifications_missed')
    it.notified(70, { sequence: 42, uid: '77' })
    expect(it.codes).toEqual(['agora.notifications_missed'])
  })
})

describe('event 1, an error of Agora', () => {
  test('that is fatal: Agora is asked', () => {
    const it = rolling().notified(1, { errorLevel: 5, code: 12, detail: 'out of memory' })
    expect(it.codes).toEqual(['agora.fatal_error'])
    expect(it.timeline.at(-1)?.message).toContain('out of memory (event 1, code 12)')
    expect(it.effectNames).toEqual(['query 1'])
  })

  test.each([1, 2, 3, 4])('of level %i changes nothing', (errorLevel) => {
    const it = rolling()
    const before = it.recording
    expect(it.notified(1, { errorLevel, code: 12 }).recording).toEqual(before)
  })
})

describe('order, repetition, strangers', () => {
  test('event 70 before the answer to start brings the sid; the answer adds nothing', () => {
    const it = track().acquired().notified(70)
    expect(it.codes).toEqual(['attempt.started'])
    expect(it.state).toBe('loading')
    const before = it.recording
    it.started()
    expect(it.recording).toEqual(before)
    expect(it.codes).toEqual([])
  })

  test('event 70 after event 71 changes nothing', () => {
    const it = rolling().notified(71, { code: 6 })
    const before = it.recording
    expect(it.notified(70, { attempt: 1 }).recording).toEqual(before)
  })

  test('event 71 again: one new attempt', () => {
    const it = rolling().notified(71, { code: 6 })
    const before = it.recording
    expect(it.notified(71, { code: 6, attempt: 1 }).recording).toEqual(before)
    expect(it.codes).toEqual([])
  })

  test.each([0, 6])('event 71, code %i, of a superseded attempt confirms its end, and no more', (code) => {
    const it = rolling().pass(30)
    const [, successor] = it.recording.attempts
    expect(it.notified(71, { code, attempt: 1 }).codes).toEqual(['attempt.ended'])
    expect(it.attempt(1)).toMatchObject({ state: 'ended', endReason: { code: 'page_silent' }, stop: null })
    expect(it.recording.attempts[1]).toEqual(successor)
    expect(it.deadlines).toEqual({})
    expect(it.recording.desired).toBe('running')
  })

  // 11 too: a failover ends a session, and the recording goes on in another.
  test.each([72, 73, 70, 40, 31, 12, 11])('event %i of a superseded attempt changes nothing', (eventType) => {
    const it = rolling().pass(30)
    const before = it.recording
    expect(it.notified(eventType, { attempt: 1 }).recording).toEqual(before)
  })

  test('a sid that is not the attempt’s is told, and not acted on', () => {
    const it = rolling().notified(71, { code: 6, sid: 'stranger' })
    expect(it.codes).toEqual(['attempt.sid_conflict'])
    expect(it.state).toBe('rolling')
    expect(it.attempt(1).sid).toBe('sid1')
  })

  test('an event of no consequence, or unknown, leaves all as it is', () => {
    const it = rolling()
    const before = it.recording
    for (const eventType of [1, 2, 3, 4, 12, 13, 30, 31, 40, 41, 42, 70, 100, 4711]) it.notified(eventType)
    expect(it.recording).toEqual(before)
  })

  test('files are listed once each, whenever they come', () => {
    const it = rolling()
      .notified(4, { files: ['a', 'b'] })
      .notified(71, { code: 6, files: ['b', 'c'] })
    expect(it.notified(31, { files: ['c', 'd'], attempt: 1 }).attempt(1).files).toEqual(['a', 'b', 'c', 'd'])
  })
})
