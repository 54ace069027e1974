import { describe, expect, test } from 'vitest'
import {
  rollingWithReplace as rolling,
  type TrackedRecording,
  trackWithReplace as track,
} from './testing/trackedRecording.ts'

/**
 * The fifteen known ways in which the supervision of recordings can fail, and what is expected in each. Where a test
 * needs a real process, database or network, a comment names the file that has it.
 */

const timelineCodes = (it: TrackedRecording): string[] => it.timeline.map(({ code }) => code)
const expectUndisturbed = (it: TrackedRecording): void => {
  expect(it.state).toBe('rolling')
  expect(it.recording.attempts).toHaveLength(1)
}

/** Retries after 3, 6, 9 s: rest-core, startRecording.test.ts; over the network: test/process/killedStart.test.ts. */
describe('1. the answer to start is lost after Agora accepted it', () => {
  test('the answer to the same start, sent again, brings the sid', () => {
    const it = track().acquired('resource1').started()
    expect(it.attempt(1)).toMatchObject({ sid: 'sid1', resourceId: 'resource1' })
    expect(it.timesOf('start', 1)).toEqual([0])
  })

  test('a notification with its uid brings the sid', () => {
    const it = track().acquired().startUnknown().wait(10).notification(70)
    expect(it.state).toBe('loading')
    expect(it.timesOf('start', 1)).toEqual([0])
  })

  test('the attempt is orphaned without a sid, and stopped when its task appears', () => {
    const it = track().acquired().startUnknown().dueAfter(30)
    expect(timelineCodes(it)).toContain('attempt.orphaned')
    it.started(2).notification(70, { attempt: 1 })
    expect(it.effectNames).toEqual(['stop 1'])
    expect(it.live?.number).toBe(2)
  })
})

/** A process that is killed at each step: test/process/killedStart.test.ts. */
test('2. a crash between storing an attempt and starting it loses neither the effect nor the attempt', () => {
  const it = track().acquired().resumedAfterDowntime(20)
  expect(it.inFlight).toEqual([{ kind: 'start', attempt: 1 }])
  expect(it.effectNames).toEqual([])
  expect(it.started().attempt(1).uid).toBe('900001')
})

/** The fence itself: runtime/engine.test.ts, store/store.test.ts; a second process: test/process/lockedDatabase.test.ts. */
test('3. two instances that start the same attempt use one uid, and Agora accepts one of them', () => {
  const [one, other] = [track(), track()]
  expect(one.newest.uid).toBe(other.newest.uid)
  // Agora answers the other start with code 53, the task already runs; a notification brings its sid.
  other.acquired().startUnknown().notification(70, { sid: 'sidOfTheOne' })
  expect(other.attempt(1)).toMatchObject({ state: 'current', sid: 'sidOfTheOne' })
})

/** SIGSTOP for longer than every timeout: test/process/suspension.test.ts. */
test('4. an instance that was suspended starts nothing, and queries Agora at its ordinary turn', () => {
  const it = rolling().resumedAfterDowntime(600)
  expect(it.effectNames).toEqual([])
  expectUndisturbed(it.wait(5).heartbeat().pass(120, { page: 'reports' }))
})

/** A real process that was down: test/crash.test.ts. */
describe('5. the reporter is down for 20 minutes', () => {
  test('a recording that still runs continues', () => {
    expectUndisturbed(rolling().resumedAfterDowntime(1200).wait(10).heartbeat().pass(60, { page: 'reports' }))
  })

  test('a recording that has certainly ended is replaced once its page does not report in time', () => {
    expect(rolling().resumedAfterDowntime(1200).dueAfter(30).answers(20).reasons[0]).toBe('lost_at_agora')
  })
})

/** How an outage is detected, and /readyz: runtime/breaker.test.ts, runtime/sweep.test.ts. */
test('6. an ingress outage silences all pages, but restarts nothing, and they roll on', () => {
  const it = rolling()
  it.ingressSuspect = true
  it.pass(280)
  it.ingressSuspect = false
  expectUndisturbed(it.heartbeat())
})

/** In a real Chromium: test/demo.test.ts. */
test('7. a page dies in a running recorder: the next attempt starts immediately, and the former one is stopped until Agora confirms it', () => {
  const it = rolling()
    .notification(4, { files: ['a1.m3u8'] })
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

test('8. a page that never loads gets three attempts, and no more', () => {
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
  '9. a page that Agora reloads (73, %s) continues the same attempt',
  (detail) => {
    expectUndisturbed(
      rolling().notification(73, { detail }).wait(55).hello({ page: 'again' }).loaded({ page: 'again' }),
    )
  },
)

describe('10. a failover (12)', () => {
  const failedOver = (): TrackedRecording => rolling().notification(12, { newUid: '77', uid: '900001' })

  test('404s and silence are tolerated, and notifications with the new uid count', () => {
    const it = failedOver().pass(80, { agora: 'notFound' }).hello({ page: 'moved' }).loaded({ page: 'moved' })
    expectUndisturbed(it)
    expect(it.live?.newUid).toBe('77')
    expect(it.notification(71, { code: 6, uid: '77' }).reasons[0]).toBe('stopped_by_agora')
  })

  test('an attempt that does not return is lost', () => {
    expect(failedOver().pass(150, { agora: 'notFound' }).reasons[0]).toBe('lost_at_agora')
  })
})

/** Repeated notifications, known by noticeId or sequence: http/notifications.test.ts. */
test('11. event 71 causes one restart, even if it is repeated, late, or about an earlier attempt', () => {
  const it = rolling().notification(71, { code: 6 })
  it.notification(71, { code: 6, attempt: 1 }).started().notification(71, { code: 4, attempt: 1 })
  expect(it.recording.attempts).toHaveLength(2)
  expect(it.recording.failures).toHaveLength(1)
})

describe('12. notifications out of order, or missing', () => {
  test('events 70 and 71 have the same result in either order', () => {
    const end = (...events: [number, { code?: number }][]): unknown => {
      const it = track().acquired()
      for (const [eventType, options] of events) it.notification(eventType, { ...options, attempt: 1 })
      return it.recording
    }
    expect(end([71, { code: 6 }], [70, {}])).toEqual(end([70, {}], [71, { code: 6 }]))
  })

  test('event 11 without event 71, or a gap in the sequence, causes a query', () => {
    expect(rolling().notification(11, { code: 0 }).effectNames).toEqual(['query 1'])
    const it = rolling()
      .notification(70, { sequence: 0 })
      .notification(31, { sequence: 3 })
      .pass(2, { page: 'reports' })
    expect(it.timesOf('query', 1)).toEqual([5, 9])
  })
})

/** The quota that all recordings share: rest-core, quota.test.ts. */
describe('13. a storm of restarts', () => {
  test('while Agora accepts no start, the same attempt is postponed with growing delays, and no failure counts', () => {
    const it = track()
    for (let n = 0; n < 20; n += 1) it.startFailed('busy').passUntil('attempt.requested')
    expect(it.recording).toMatchObject({ failures: [], gaveUp: null })
    expect(it.recording.attempts).toHaveLength(1)
    expect(it.now).toBeGreaterThan(15 * 60)
  })

  test('if every attempt fails, six failures within 10 minutes fail the recording, with a reason', () => {
    const it = track()
    for (let n = 0; n < 6; n += 1) {
      if (!it.live) it.passUntil('attempt.requested')
      it.acquired()
        .started()
        .notification(71, { code: n < 2 ? 5 : 6 })
        .hello()
        .loaded()
      if (it.recording.gaveUp) break
    }
    expect(it.state).toBe('failed')
    expect(it.recording.reason?.code).toBe('stopped_by_agora')
  })
})

/** 14. The business server is down for hours: nothing here waits for it, and deliveries to it are not sent yet. */

/** A locked database, or a full disk: test/process/lockedDatabase.test.ts, fullDisk.test.ts. Tokens: token.test.ts. */
describe('15. problems with the database or the clock, and a stop during start', () => {
  test('a clock step forward or back restarts nothing, and a page that dies later is noticed in time', () => {
    for (const seconds of [3600, -3600]) {
      const it = seconds > 0 ? rolling().downtime(seconds) : rolling().clockStepBack(-seconds)
      expectUndisturbed(it.wait(5).heartbeat())
      expect(it.pass(30).reasons[0]).toBe('page_silent')
    }
  })

  test('a stop during start takes effect as soon as the sid is known', () => {
    const it = track().acquired().stop().started()
    expect(it.effectNames).toEqual(['stop 1'])
    expect(it.stopAnswers('stopped', 1).state).toBe('stopped')
  })
})
