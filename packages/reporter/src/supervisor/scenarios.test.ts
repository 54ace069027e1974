import { describe, expect, test } from 'vitest'
import { rolling, type TrackedRecording, track } from './testing/trackedRecording.ts'

/**
 * The fifteen ways in which supervision of recordings is known to fail, and what is expected of each. What takes a real
 * process, database or network to happen is named with the file in which it does.
 */

const codes = (it: TrackedRecording): string[] => it.timeline.map(({ code }) => code)
const isCalm = (it: TrackedRecording): void => {
  expect(it.state).toBe('rolling')
  expect(it.recording.attempts).toHaveLength(1)
}

/** Sent again with 3, 6, 9 s between: rest-core, startRecording.test.ts; over the wire: test/process/killedStart.test.ts. */
describe('1. the answer to start is lost after Agora accepted it', () => {
  test('the sid comes by the answer to the same start', () => {
    const it = track().acquired('resource1').started()
    expect(it.attempt(1)).toMatchObject({ sid: 'sid1', resourceId: 'resource1' })
    expect(it.timesOf('start', 1)).toEqual([0])
  })

  test('the sid comes by a notification with its uid', () => {
    const it = track().acquired().startUnknown().wait(10).notified(70)
    expect(it.state).toBe('loading')
    expect(it.timesOf('start', 1)).toEqual([0])
  })

  test('it never comes: what perhaps runs is reported, and stopped when it turns up', () => {
    const it = track().acquired().startUnknown().dueAfter(30)
    expect(codes(it)).toContain('attempt.orphaned')
    it.started(2).notified(70, { attempt: 1 })
    expect(it.effectNames).toEqual(['stop 1'])
    expect(it.live?.number).toBe(2)
  })
})

/** Killed at each step: test/process/killedStart.test.ts. */
test('2. a crash between the stored attempt and its start: the effect is still there, the attempt the same', () => {
  const it = track().acquired().resumedAfterDowntime(20)
  expect(it.inFlight).toEqual([{ kind: 'start', attempt: 1 }])
  expect(it.effectNames).toEqual([])
  expect(it.started().attempt(1).uid).toBe('900001')
})

/** The fence itself: runtime/engine.test.ts, store/store.test.ts; a second process: test/process/lockedDatabase.test.ts. */
test('3. two instances start the same attempt: both use one uid, and Agora takes one of them', () => {
  const [one, other] = [track(), track()]
  expect(one.newest.uid).toBe(other.newest.uid)
  // The other is told that it runs (code 53), and learns the sid like everybody else.
  other.acquired().startUnknown().notified(70, { sid: 'sidOfTheOne' })
  expect(other.attempt(1)).toMatchObject({ state: 'current', sid: 'sidOfTheOne' })
})

/** SIGSTOP for longer than every timeout: test/process/suspension.test.ts. */
test('4. an instance that stood still asks, and starts nothing', () => {
  const it = rolling().resumedAfterDowntime(600)
  expect(it.effectNames).toEqual(['routineQuery 1'])
  isCalm(it.answers(5).wait(5).heartbeat())
})

/** A real process that was away: test/crash.test.ts. */
describe('5. the reporter is down for 20 minutes', () => {
  test('what lives goes on', () => {
    isCalm(rolling().resumedAfterDowntime(1200).answers(5).wait(10).heartbeat().pass(60, { page: 'reports' }))
  })

  test('what is dead for certain is replaced, by the answer to the first query', () => {
    expect(rolling().resumedAfterDowntime(1200).answers(20).reasons[0]).toBe('lost_at_agora')
  })
})

/** When that is so, and /readyz: runtime/breaker.test.ts, runtime/sweep.test.ts. */
test('6. our own way in is broken, all pages are silent: nothing is restarted, and they roll on', () => {
  const it = rolling()
  it.ingressSuspect = true
  it.pass(280)
  it.ingressSuspect = false
  isCalm(it.heartbeat())
})

/** In a real Chromium: test/demo.test.ts. */
test('7. one page dies in a recorder that lives: the next attempt at once, the old one until Agora confirms', () => {
  const it = rolling()
    .notified(4, { files: ['a1.m3u8'] })
    .pass(30)
  expect(it.reasons[0]).toBe('page_silent')
  expect(it.effectNames).toEqual(['stop 1', 'start 2'])
  it.started().pass(20, { stops: 'unknown' }).pass(60, { stops: 'stopped' })
  expect(it.attempt(1)).toMatchObject({
    state: 'ended',
    files: ['a1.m3u8'],
    wellUntil: it.attempt(1).lastBeatAt,
  })
})

test('8. loaded never comes: three attempts, and no more', () => {
  const it = track()
  for (let n = 1; n <= 3; n += 1) {
    if (!it.live) it.passUntil('attempt.requested')
    it.acquired()
      .started()
      .hello({ failing: ['#board'] })
      .pass(80, { page: 'reports' })
  }
  expect(it.recording.gaveUp?.code).toBe('page_not_loaded')
  it.pass(3600, { page: 'silent' })
  expect(it.recording.attempts).toHaveLength(3)
})

test.each(['audio_silence', 'page_load_timeout'])(
  '9. Agora reloads the page (73, %s): the same attempt goes on',
  (detail) => {
    isCalm(rolling().notified(73, { detail }).wait(55).hello({ page: 'again' }).loaded({ page: 'again' }))
  },
)

describe('10. a failover (12)', () => {
  const failedOver = (): TrackedRecording => rolling().notified(12, { newUid: '77', uid: '900001' })

  test('404s and silence are waited out, and the new uid’s notifications count', () => {
    const it = failedOver().pass(80, { agora: 'notFound' }).hello({ page: 'moved' }).loaded({ page: 'moved' })
    isCalm(it)
    expect(it.live?.newUid).toBe('77')
    expect(it.notified(71, { code: 6, uid: '77' }).reasons[0]).toBe('stopped_by_agora')
  })

  test('from which nothing comes back is a loss', () => {
    expect(failedOver().pass(150, { agora: 'notFound' }).reasons[0]).toBe('lost_at_agora')
  })
})

/** The same notification again, by its noticeId or its sequence: http/notifications.test.ts. */
test('11. event 71 twice, late, or of an earlier attempt: one restart', () => {
  const it = rolling().notified(71, { code: 6 })
  it.notified(71, { code: 6, attempt: 1 }).started().notified(71, { code: 4, attempt: 1 })
  expect(it.recording.attempts).toHaveLength(2)
  expect(it.recording.failures).toHaveLength(1)
})

describe('12. notifications out of order, or missing', () => {
  test('71 before 70, and 70 after it: the same end', () => {
    const end = (...events: [number, { code?: number }][]): unknown => {
      const it = track().acquired()
      for (const [eventType, options] of events) it.notified(eventType, { ...options, attempt: 1 })
      return it.recording
    }
    expect(end([71, { code: 6 }], [70, {}])).toEqual(end([70, {}], [71, { code: 6 }]))
  })

  test('11 without 71, or a gap in the numbers: Agora is asked', () => {
    expect(rolling().notified(11, { code: 0 }).effectNames).toEqual(['query 1'])
    const it = rolling()
      .notified(70, { sequence: 0 })
      .notified(31, { sequence: 3 })
      .pass(2, { page: 'reports' })
    expect(it.timesOf('query', 1)).toEqual([5, 9])
  })
})

/** The quota that all recordings share: rest-core, quota.test.ts. */
describe('13. a storm of restarts', () => {
  test('Agora takes no start: the same attempt, ever less often, and nobody is blamed', () => {
    const it = track()
    for (let n = 0; n < 20; n += 1) it.startFailed('busy').passUntil('attempt.requested')
    expect(it.recording).toMatchObject({ failures: [], gaveUp: null })
    expect(it.recording.attempts).toHaveLength(1)
    expect(it.now).toBeGreaterThan(15 * 60)
  })

  test('every attempt breaks: six within 10 minutes, and an end with its cause', () => {
    const it = track()
    for (let n = 0; n < 6; n += 1) {
      if (!it.live) it.passUntil('attempt.requested')
      it.acquired()
        .started()
        .notified(71, { code: n < 2 ? 5 : 6 })
        .hello()
        .loaded()
      if (it.recording.gaveUp) break
    }
    expect(it.state).toBe('failed')
    expect(it.recording.reason?.code).toBe('stopped_by_agora')
  })
})

/** 14, the business server is down for hours: nothing here waits for it; its deliveries are not sent yet. */

/** The database locked, or the disk full: test/process/lockedDatabase.test.ts, fullDisk.test.ts. Tokens: token.test.ts. */
describe('15. trouble with the database or the clock, and a stop during start', () => {
  test('the clock jumps, forward or back: nothing is restarted, and what dies is noticed in its time', () => {
    for (const seconds of [3600, -3600]) {
      const it = rolling().wait(seconds)
      it.signal({
        type: 'resumedAfterDowntime',
        downtimeSeconds: Math.max(0, seconds),
        clockStepBackSeconds: Math.max(0, -seconds),
      })
      isCalm(it.answers(5).wait(5).heartbeat())
      expect(it.pass(30).reasons[0]).toBe('page_silent')
    }
  })

  test('a stop during start wins as soon as the sid is known', () => {
    const it = track().acquired().stop().started()
    expect(it.effectNames).toEqual(['stop 1'])
    expect(it.stopAnswers('stopped', 1).state).toBe('stopped')
  })
})
