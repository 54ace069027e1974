import { describe, expect, test } from 'vitest'
import type { StopAction } from './policy.ts'
import { rollingWithReplace as rolling, trackWithReplace as track } from './testing/trackedRecording.ts'

// The codes of event 71, as Agora's notification reference lists them.
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
    'starts the next attempt immediately on code $code, and leaves nothing to stop',
    ({ code, reason, says }) => {
      const it = rolling().notification(71, { code, detail: 'in its words', files: ['a.m3u8'] })
      expect(it.attempt(1)).toMatchObject({ state: 'ended', endReason: { code: reason }, files: ['a.m3u8'] })
      expect(it.attempt(1).endReason?.message).toContain(`${says}, in its words`)
      expect(it.effectNames).toEqual(['start 2'])
      expect(it.recording.failures).toHaveLength(code === 1 ? 0 : 1)
    },
  )

  test('stops the recording on code 0, whether or not a stop was requested', () => {
    const it = rolling().notification(71, { code: 0 })
    expect(it.recording).toMatchObject({ desired: 'stopped', state: 'stopped', reason: { code: 'stopped' } })
    expect(it.attempt(1).state).toBe('ended')
    expect(it.effectNames).toEqual([])
    expect(it.deadlines).toEqual({})
  })

  test('starts nothing after code 0, not even the restart that was waited for', () => {
    const it = rolling({ restart: { delays: [30] } })
      .checksFail('#board')
      .pass(20)
    expect(it.deadlines.retryAt).toBeDefined()
    it.notification(71, { code: 0 })
    const sentBefore = it.sent.length
    expect(it.pass(60).state).toBe('stopped')
    expect(it.sent).toHaveLength(sentBefore)
  })

  test('is a roll-over on code 1, which never counts as a failure', () => {
    const it = rolling()
    for (let n = 1; n <= 20; n += 1) it.notification(71, { code: 1 }).acquired().started().hello().loaded()
    expect(it.recording.attemptCount).toBe(21)
    expect(it.recording.failures).toEqual([])
    expect(it.state).toBe('rolling')
  })

  test('restarts once on code 2, and then fails the recording', () => {
    const it = rolling().notification(71, { code: 2 }).acquired().started().notification(71, { code: 2 })
    expect(it.effectNames).toEqual([])
    expect(it.state).toBe('failed')
    expect(it.recording.reason?.code).toBe('capability_limit')
    it.restart().started().notification(71, { code: 2 })
    expect(it.live?.number).toBe(4)
  })

  test.each([
    ['restart', 2, 'starting', 1],
    ['rollOver', 2, 'starting', 0],
    ['restartOnce', 2, 'starting', 1],
    ['giveUp', 1, 'failed', 0],
  ] as [StopAction, number, string, number][])(
    'follows the policy that maps code 6 to %s',
    (action, attempts, state, failures) => {
      const it = rolling({ onStopCode: { 6: action } }).notification(71, { code: 6 })
      expect(it.recording.attempts).toHaveLength(attempts)
      expect(it.state).toBe(state)
      expect(it.recording.failures).toHaveLength(failures)
    },
  )

  test('applies restartOnce to each code separately', () => {
    const it = rolling({ onStopCode: { 5: 'restartOnce' } }).notification(71, { code: 6 })
    it.started().notification(71, { code: 5 }).pass(2)
    expect(it.live?.number).toBe(3)
    it.started().notification(71, { code: 5 })
    expect(it.state).toBe('failed')
  })

  test('may arrive before the answer to start', () => {
    const it = track().acquired().notification(71, { code: 5 })
    expect(it.reasons).toEqual(['stopped_by_agora', null])
    it.started(1)
    expect(it.attempt(1).state).toBe('ended')
    expect(it.live?.number).toBe(2)
  })
})

describe('event 72, a capability limit', () => {
  test('restarts once, and then fails the recording; the event 71 code 2 that follows changes nothing', () => {
    const it = rolling().notification(72, { detail: 'WebGL' })
    expect(it.attempt(1)).toMatchObject({ state: 'ended', endReason: { code: 'capability_limit' } })
    expect(it.effectNames).toEqual(['start 2'])
    it.notification(71, { code: 2, attempt: 1 })
    expect(it.recording.attempts).toHaveLength(2)
    expect(it.recording.failures).toHaveLength(1)
    it.started().notification(72, { detail: 'WebGL' })
    expect(it.state).toBe('failed')
    expect(it.recording.reason?.message).toContain('WebGL')
  })

  test('counts together with event 71 code 2', () => {
    const it = rolling().notification(71, { code: 2 }).started().notification(72)
    expect(it.state).toBe('failed')
  })
})

describe('event 11, the session has ended', () => {
  test('starts the next attempt immediately after an abnormal exit', () => {
    const it = rolling().notification(11, { code: 1 })
    expect(it.reasons).toEqual(['stopped_by_agora', null])
    expect(it.effectNames).toEqual(['start 2'])
  })

  test.each([[0], [undefined]])('causes a query after exit status %s without event 71', (code) => {
    const it = rolling().notification(11, { code })
    expect(it.effectNames).toEqual(['query 1'])
    expect(it.state).toBe('rolling')
    it.answers(7).notification(71, { code: 0 })
    expect(it.state).toBe('stopped')
  })
})

describe('event 73, Agora reloads the page', () => {
  test('lets a loaded page be silent for reloadGrace', () => {
    const it = rolling().notification(73, { detail: 'audio_silence' })
    expect(it.codes).toEqual(['agora.reload'])
    expect(it.deadlines.beatBy).toBe(7 + 60)
    it.wait(1).heartbeat()
    expect(it.deadlines.beatBy).toBe(7 + 60)
    it.wait(50).hello({ page: 'again' }).loaded({ page: 'again' })
    expect(it.state).toBe('rolling')
    expect(it.recording.attempts).toHaveLength(1)
  })

  test('fails the attempt if the page does not return within the grace period', () => {
    const it = rolling().notification(73).pass(59.9)
    expect(it.live?.number).toBe(1)
    it.pass(0.1)
    expect(it.reasons[0]).toBe('page_silent')
  })

  test('also grants a page that has not loaded or fails its checks the grace period', () => {
    expect(track().acquired().started().wait(40).notification(73).deadlines.loadBy).toBe(40 + 60)
    expect(track().acquired().started().notification(73).deadlines.loadBy).toBe(75)
    expect(rolling().checksFail('#board').notification(73).deadlines.healthyBy).toBe(7 + 60)
  })

  test('explains a silence that is being checked', () => {
    const it = rolling().dueAfter(30).notification(73).answers(5)
    expect(it.live).toMatchObject({ number: 1, suspicion: 'silent' })
    expect(it.state).toBe('unhealthy')
    expect(it.deadlines.queryAt).toBe(37 + 60)
    const neverContacted = track().acquired().started().confirmed().dueAfter(70).notification(73).answers(5)
    expect(neverContacted.live).toMatchObject({ number: 1, suspicion: 'never_contacted' })
    expect(neverContacted.deadlines.queryAt).toBe(75 + 60)
  })

  test('is no recovery: a page that stays silent is replaced after the grace period', () => {
    const it = rolling().dueAfter(30).notification(73).answers(5).pass(59)
    expect(it.state).toBe('unhealthy')
    expect(it.live?.number).toBe(1)
    expect(it.pass(2).live?.number).toBe(2)
  })
})

describe('event 12, a failover', () => {
  const failedOver = () => rolling().notification(12, { newUid: '77' })

  test('is recorded, and gives the page time to open on the other server', () => {
    const it = failedOver()
    expect(it.codes).toEqual(['agora.failover'])
    expect(it.live).toMatchObject({ uid: '900001', newUid: '77' })
    expect(it.deadlines.beatBy).toBe(7 + 90)
    it.wait(60).hello({ page: 'moved' }).loaded({ page: 'moved' })
    expect(it.state).toBe('rolling')
    expect(it.recording.attempts).toHaveLength(1)
  })

  test('gives the page time and causes a query if it does not say the new uid', () => {
    const it = rolling().notification(12, {})
    expect(it.codes).toEqual(['agora.failover'])
    expect(it.live).toMatchObject({ uid: '900001', newUid: null })
    expect(it.deadlines.beatBy).toBe(7 + 90)
    expect(it.effectNames).toEqual(['query 1'])
    it.answers('notFound').pass(30, { agora: 'notFound' })
    expect(it.recording.attempts).toHaveLength(1)
    // The original uid is the former session's; any other is the new one's.
    const former = rolling().notification(12, {}).answers(5).notification(71, { code: 6, uid: '900001' })
    expect(former.codes).toEqual(['agora.former_session'])
    expect(former.effectNames).toEqual(['query 1'])
    const current = rolling().notification(12, {}).notification(71, { code: 6, uid: '77' })
    expect(current.reasons).toEqual(['stopped_by_agora', null])
  })

  test('changes nothing if it is repeated with the same uid', () => {
    const it = failedOver()
    const before = it.wait(10).recording
    expect(it.notification(12, { newUid: '77' }).recording).toEqual(before)
  })

  test('explains 404s for 90 s, even of a silent page, and then they count', () => {
    const it = failedOver().pass(89, { agora: 'notFound' })
    expect(it.recording.attempts).toHaveLength(1)
    it.notification(11, { code: 0, uid: '77' }).pass(60, { agora: 'notFound' })
    expect(it.reasons[0]).toBe('lost_at_agora')
  })

  test('makes notifications of the new session count', () => {
    expect(failedOver().notification(71, { code: 6, uid: '77' }).reasons).toEqual(['stopped_by_agora', null])
  })

  test.each([
    [71, { code: 6 }],
    [71, { code: 0 }],
    [72, {}],
    [11, { code: 1 }],
  ])('turns event %i %o of the former session into a query', (eventType, options) => {
    const it = failedOver().notification(eventType, { ...options, uid: '900001' })
    expect(it.codes).toEqual(['agora.former_session'])
    expect(it.effectNames).toEqual(['query 1'])
    expect(it.answers(5).state).toBe('rolling')
    const stopping = failedOver()
      .stop()
      .notification(eventType, { ...options, uid: '900001' })
    expect(stopping.state).toBe('stopping')
  })
})

describe('the sequence numbers of notifications', () => {
  const uid = '900001'
  const withSequences = (...sequences: number[]) => {
    const it = rolling()
    for (const sequence of sequences) it.notification(70, { sequence, uid })
    return it
  }

  test('have no gap if they arrive in order, repeated or late', () => {
    const it = withSequences(0, 1, 2, 1, 2, 3)
    expect(it.timeline.map(({ code }) => code)).not.toContain('agora.notifications_missed')
    expect(it.live?.lastSequence).toBe(3)
  })

  test.each([
    ['the first', [2], { from: 0, to: 1 }],
    ['one in between', [0, 1, 3], { from: 2, to: 2 }],
  ])('cause a query after 2 s if %s is missing', (_, sequences, evidence) => {
    const it = withSequences(...sequences)
    expect(it.timeline.at(-1)).toMatchObject({ code: 'agora.notifications_missed', evidence })
    expect(it.deadlines.queryAt).toBe(7 + 2)
    it.pass(2, { page: 'reports' })
    expect(it.timesOf('query', 1)).toEqual([5, 9])
  })

  test('cause only one query if notifications overtake each other within 2 s', () => {
    const it = withSequences(0, 3, 1, 2)
    it.wait(1)
      .notification(70, { sequence: 6, uid })
      .notification(70, { sequence: 5, uid })
      .pass(30, { page: 'reports' })
    expect(it.timesOf('query', 1)).toEqual([5, 9])
  })

  test('start anywhere after a failover, and those of the former session do not count', () => {
    const it = withSequences(0, 1).notification(12, { newUid: '77', sequence: 2, uid })
    it.notification(70, { sequence: 40, uid: '77' }).notification(31, { sequence: 9, uid })
    expect(it.live?.lastSequence).toBe(40)
    it.notification(70, { sequence: 0, uid: '77' })
    expect(it.timeline.map(({ code }) => code)).not.toContain('agora.notifications_missed')
    it.notification(70, { sequence: 42, uid: '77' })
    expect(it.codes).toEqual(['agora.notifications_missed'])
  })
})

describe('event 1, an error at Agora', () => {
  test('causes a query if the error has no level', () => {
    const it = rolling().notification(1, { detail: 'x' })
    expect(it.codes).toEqual(['agora.fatal_error'])
    expect(it.effectNames).toEqual(['query 1'])
  })

  test('causes a query if the error is fatal', () => {
    const it = rolling().notification(1, { errorLevel: 5, code: 12, detail: 'out of memory' })
    expect(it.codes).toEqual(['agora.fatal_error'])
    expect(it.timeline.at(-1)?.message).toContain('out of memory (event 1, code 12)')
    expect(it.effectNames).toEqual(['query 1'])
  })

  test.each([1, 2, 3, 4])('changes nothing at error level %i', (errorLevel) => {
    const it = rolling()
    const before = it.recording
    expect(it.notification(1, { errorLevel, code: 12 }).recording).toEqual(before)
  })
})

describe('late, repeated and unknown notifications', () => {
  test('event 70 before the answer to start brings the sid, and the answer changes nothing', () => {
    const it = track().acquired().notification(70)
    expect(it.codes).toEqual(['attempt.started'])
    expect(it.state).toBe('loading')
    const before = it.recording
    it.started()
    expect(it.recording).toEqual(before)
    expect(it.codes).toEqual([])
  })

  test('event 70 after event 71 changes nothing', () => {
    const it = rolling().notification(71, { code: 6 })
    const before = it.recording
    expect(it.notification(70, { attempt: 1 }).recording).toEqual(before)
  })

  test('a repeated event 71 starts no second attempt', () => {
    const it = rolling().notification(71, { code: 6 })
    const before = it.recording
    expect(it.notification(71, { code: 6, attempt: 1 }).recording).toEqual(before)
    expect(it.codes).toEqual([])
  })

  test.each([0, 6])('event 71 with code %i for a superseded attempt only confirms its end', (code) => {
    const it = rolling().pass(30)
    const [, successor] = it.recording.attempts
    expect(it.notification(71, { code, attempt: 1 }).codes).toEqual(['attempt.ended'])
    expect(it.attempt(1)).toMatchObject({ state: 'ended', endReason: { code: 'page_silent' }, stop: null })
    expect(it.recording.attempts[1]).toEqual(successor)
    expect(it.deadlines).toEqual({})
    expect(it.recording.desired).toBe('running')
  })

  // Event 11 too: a failover ends a session, and the recording continues in another.
  test.each([72, 73, 70, 40, 12, 11])('event %i for a superseded attempt changes nothing', (eventType) => {
    const it = rolling().pass(30)
    const before = it.recording
    expect(it.notification(eventType, { attempt: 1 }).recording).toEqual(before)
  })

  test('an unknown sid is recorded, but not acted on', () => {
    const it = rolling().notification(71, { code: 6, sid: 'unknownSid' })
    expect(it.codes).toEqual(['attempt.sid_conflict'])
    expect(it.state).toBe('rolling')
    expect(it.attempt(1).sid).toBe('sid1')
  })

  test('events without consequences and unknown events change nothing', () => {
    const it = rolling()
    const before = it.recording
    for (const eventType of [2, 3, 13, 30, 40, 41, 42, 70, 100, 4711]) it.notification(eventType)
    expect(it.notification(1, { errorLevel: 4 }).recording).toEqual(before)
  })

  test('every file is listed once, no matter when its notification arrives', () => {
    const it = rolling()
      .notification(4, { files: ['a', 'b'] })
      .notification(71, { code: 6, files: ['b', 'c'] })
    expect(it.notification(31, { files: ['c', 'd'], attempt: 1 }).attempt(1).files).toEqual([
      'a',
      'b',
      'c',
      'd',
    ])
  })
})
