import { describe, expect, test } from 'vitest'
import { canStartCanary } from './page/canary.ts'
import { DEFAULT_POLICY } from './policy.ts'
import { UID_BASE, UID_BLOCK } from './recording.ts'
import { delayAt } from './retryPlan.ts'
import { rollingChannel } from './testing/trackedChannel.ts'
import {
  rollingWithReplace as rolling,
  rolling as rollingWithCandidates,
  type TrackedRecording,
  trackWithReplace as track,
} from './testing/trackedRecording.ts'

/** Starts and loads the newest attempt, and then its recorder fails. */
const breaks = (it: TrackedRecording): TrackedRecording =>
  it.acquired().started().hello().loaded().notification(71, { code: 6 })
/** Waits until the next attempt starts, unless one is live. */
const nextAttempt = (it: TrackedRecording): TrackedRecording =>
  it.live && !it.recording.replacing ? it : it.passUntil('attempt.requested')
/** Seconds from each failure to the next attempt. */
const delaysBetweenAttempts = (it: TrackedRecording): number[] =>
  it.recording.attempts.slice(1).map(({ number }) => {
    const lastFailure = it.when('attempt.failed', number - 1) ?? Number.NaN
    return Math.round(((it.when('attempt.requested', number) ?? Number.NaN) - lastFailure) * 1000) / 1000
  })

describe('a recording whose uids are all used', () => {
  /** Its newest attempt has the last uid. */
  const withLastUid = <It extends TrackedRecording>(it: It): It => {
    it.recording = { ...it.recording, attemptCount: UID_BLOCK }
    return it
  }
  const gaveUp = (it: TrackedRecording) => it.timeline.find(({ code }) => code === 'recording.gave_up')
  const Limit = 'all uids of the recording are used'

  test('makes its last attempt', () => {
    const it = track()
    it.recording = { ...it.recording, attemptCount: UID_BLOCK - 1 }
    breaks(it)
    expect(it.newest.uid).toBe(String(UID_BASE + UID_BLOCK))
    expect(gaveUp(it)).toBeUndefined()
  })

  test('gives up when its attempt fails, and announces no other one', () => {
    const it = breaks(withLastUid(track()))
    expect(it.state).toBe('failed')
    expect(gaveUp(it)).toMatchObject({ evidence: { limit: Limit, code: 6 } })
    expect(it.recording.gaveUp?.code).toBe('stopped_by_agora')
    expect(it.timeline.find(({ code }) => code === 'attempt.failed')?.evidence).not.toHaveProperty('next')
    expect(it.recording.attempts.map(({ number }) => number)).toEqual([1])
  })

  test('keeps what runs when another attempt would roll over from it', () => {
    const it = withLastUid(rollingWithCandidates()).pass(3 * 3600 - 100, { page: 'reports' })
    expect(gaveUp(it)).toMatchObject({ evidence: { limit: Limit, code: 'max_recording_hour' } })
    expect(it.live).toMatchObject({ number: 1, state: 'current' })
    expect(it.sent.filter(({ kind }) => kind === 'stop')).toEqual([])
  })

  test('keeps what runs when a restart is requested', () => {
    const it = withLastUid(rolling()).restart()
    expect(gaveUp(it)).toMatchObject({ evidence: { limit: Limit, code: 'restarted' } })
    expect(it.live).toMatchObject({ number: 1, state: 'current' })
  })

  test('no longer waits in an empty channel', () => {
    const it = rollingChannel({ onIdleExit: 'wait' }).pass(30)
    it.notification(41, { code: 1 << 8 })
      .notification(11, { code: 0 })
      .pass(400, { agora: 'notFound' })
    expect(it.state).toBe('paused')
    withLastUid(it).joined()
    expect(it.state).toBe('failed')
    expect(gaveUp(it)).toMatchObject({ evidence: { limit: Limit, code: 'idle_exit' } })
    expect(it.recording.waitingSince).toBeNull()
  })

  test('makes no canary', () => {
    const it = rollingWithCandidates().pass(30, { page: 'reports' })
    it.ingressSuspect = true
    it.pass(60)
    expect(canStartCanary(it.recording)).toBe(true)
    expect(canStartCanary(withLastUid(it).recording)).toBe(false)
  })
})

describe('restart delays', () => {
  test('the first restart is immediate by default, and the sixth failure within 10 minutes is the last', () => {
    const it = track()
    for (let n = 1; n <= 6; n += 1) breaks(nextAttempt(it))
    expect(delaysBetweenAttempts(it)).toEqual([0, 2, 5, 10, 20])
    expect(it.state).toBe('failed')
    expect(it.recording.reason?.code).toBe('stopped_by_agora')
    expect(it.timeline.find(({ code }) => code === 'recording.gave_up')?.message).toContain(
      'more than 5 failures within 600 s',
    )
  })

  test('the last delay repeats', () => {
    const it = track({ restart: { maxFailures: 100 } })
    for (let n = 1; n <= 9; n += 1) breaks(nextAttempt(it))
    nextAttempt(it)
    expect(delaysBetweenAttempts(it)).toEqual([0, 2, 5, 10, 20, 40, 60, 60, 60])
  })

  test('a recording that waits for a restart is recovering, with a reason and a deadline', () => {
    const it = breaks(nextAttempt(breaks(track())))
    expect(it.state).toBe('recovering')
    expect(it.recording.reason?.code).toBe('stopped_by_agora')
    expect(it.deadlines).toEqual({ retryAt: 2 })
    expect(it.codes).toEqual(['attempt.failed', 'retry.scheduled'])
  })

  test.each([
    { index: 0, random: 0.9, seconds: 0 },
    { index: 3, random: 0, seconds: 8 },
    { index: 3, random: 0.5, seconds: 10 },
    { index: 3, random: 1, seconds: 12 },
    { index: 6, random: 0.5, seconds: 60 },
    { index: 99, random: 0.5, seconds: 60 },
  ])('index $index with the random number $random gives $seconds s', ({ index, random, seconds }) => {
    expect(delayAt(DEFAULT_POLICY.restart, index, random)).toBeCloseTo(seconds)
  })

  test('jitter 0 gives the exact delay', () => {
    expect(delayAt({ ...DEFAULT_POLICY.restart, jitter: 0 }, 3, 0)).toBe(10)
  })
})

describe('the timeline entry of a failure', () => {
  const failed = (it: TrackedRecording) => it.timeline.filter(({ code }) => code === 'attempt.failed').at(-1)

  test('says what was found and which attempt follows', () => {
    const entry = failed(rolling().pass(30))
    expect(entry?.message).toBe(
      'No report from the page for 30 s, the last one at 2027-01-15 08:00:07 UTC, while Agora records (status 5). The page reported first 31 s ago and last 30 s ago: it had loaded, and all its checks passed → attempt 2, uid 900002',
    )
    expect(entry?.evidence).toMatchObject({
      code: 'page_silent',
      silent: 30,
      status: 5,
      next: { attempt: 2, uid: '900002', delay: 0 },
    })
  })

  test('says when the next attempt follows', () => {
    const entry = failed(breaks(nextAttempt(breaks(track()))))
    expect(entry?.message).toMatch(/\(recorder_error\) → attempt 3, uid 900003 in 2\.0 s$/)
  })

  test('names no attempt if none follows', () => {
    const entry = failed(rolling({ restart: { maxFailures: 0 } }).notification(71, { code: 6 }))
    expect(entry?.message).not.toContain('→')
    expect(entry?.evidence.next).toBeUndefined()
  })
})

describe('restart limits', () => {
  test('failures from before the window do not count', () => {
    const it = track({ restart: { maxFailures: 2, within: 100 } })
    for (let n = 1; n <= 10; n += 1) {
      breaks(nextAttempt(it))
      nextAttempt(it).wait(50)
    }
    expect(it.recording.gaveUp).toBeNull()
    expect(it.recording.failures.length).toBeLessThanOrEqual(2)
  })

  test.each([
    ['limit', { maxFailures: 4, delays: [1] }, 5],
    ['delays', { maxFailures: 0, delays: [1, 2, 3, 4, 5, 6] }, 6],
  ])('no more failures are remembered than the %s can tell apart', (_, restart, count) => {
    const it = track({ restart: { ...restart, within: 86_400, slowDelays: [1], final: false } })
    for (let n = 1; n <= 10; n += 1) breaks(nextAttempt(it))
    expect(it.recording.failures).toHaveLength(count)
    expect(it.recording.failures.at(-1)).toBe(it.recording.createdAt + it.now * 1000)
  })

  test('the recording gives up after three consecutive attempts that never loaded', () => {
    const it = track()
    for (let n = 1; n <= 3; n += 1) nextAttempt(it).acquired().started().pass(75)
    expect(it.reasons).toEqual(['page_never_contacted', 'page_never_contacted', null])
    expect(it.recording.gaveUp?.code).toBe('page_never_contacted')
    expect(it.timeline.find(({ code }) => code === 'recording.gave_up')?.message).toContain(
      '3 consecutive attempts never loaded',
    )
  })

  test('an attempt that loads resets the count of attempts that never loaded', () => {
    const it = track()
    for (let n = 1; n <= 2; n += 1) nextAttempt(it).acquired().started().pass(75)
    breaks(nextAttempt(it))
    nextAttempt(it).acquired().started().pass(75)
    expect(it.recording.gaveUp).toBeNull()
    expect(it.recording.neverLoaded).toBe(1)
  })

  test('an attempt that loads and rolls over resets that count, too', () => {
    const it = track()
    for (let n = 1; n <= 2; n += 1) nextAttempt(it).acquired().started().pass(75)
    nextAttempt(it).acquired().started().hello().loaded().notification(71, { code: 1 })
    it.acquired().started().pass(75)
    expect(it.recording.gaveUp).toBeNull()
    expect(it.recording.neverLoaded).toBe(1)
  })

  describe('a postponed start', () => {
    /** Agora refuses the start of attempt 1 every 100 s; returns the seconds from each refusal to the next start. */
    const startDelays = (it: TrackedRecording, refusals: number): number[] => {
      for (let n = 1; n <= refusals; n += 1) it.startFailed('busy').pass(100)
      return it
        .timesOf('start', 1)
        .slice(1)
        .map((at, n) => at - 100 * n)
    }

    test('is sent again for the same attempt with growing delays, and never counts as a failure', () => {
      const it = track()
      expect(startDelays(it, 8)).toEqual([2, 5, 10, 20, 40, 60, 60, 60])
      expect(it.recording.attempts).toHaveLength(1)
      expect(it.recording).toMatchObject({ failures: [], neverLoaded: 0, gaveUp: null, postponed: 8 })
      it.acquired().started()
      expect(it.recording.postponed).toBe(0)
      expect(it.state).toBe('loading')
    })

    test('of the next attempt begins with the first of these delays', () => {
      const it = track()
      for (let n = 1; n <= 5; n += 1) it.startFailed('busy').pass(100)
      it.startFailed('failed').startFailed('busy')
      expect(it.recording).toMatchObject({ attemptCount: 2, postponed: 1 })
      expect((it.deadlines.retryAt ?? 0) - it.now).toBe(2)
    })

    test('waits for at least a second', () => {
      expect(startDelays(track({ restart: { delays: [0] } }), 2)).toEqual([1, 1])
    })

    test('makes the recording recovering, with a reason, and drops the unused resource id', () => {
      const it = track().acquired().startFailed('busy')
      expect(it.state).toBe('recovering')
      expect(it.recording.reason?.code).toBe('start_failed')
      expect(it.codes).toEqual(['attempt.postponed'])
      expect(it.newest).toMatchObject({ state: 'starting', resourceId: null, acquiredAt: null })
      it.pass(2)
      expect(it.effectNames).toEqual(['start 1'])
      expect(it.state).toBe('starting')
    })

    test('can be stopped immediately, because nothing runs', () => {
      const it = track().startFailed('busy').stop()
      expect(it.state).toBe('stopped')
      expect(it.deadlines).toEqual({})
      expect(it.newest).toMatchObject({ state: 'ended', endReason: { code: 'stopped' } })
    })

    test('is replaced by a new attempt if a restart is requested', () => {
      const it = track().startFailed('busy').restart()
      expect(it.attempt(1)).toMatchObject({ state: 'ended', endReason: { code: 'restarted' } })
      expect(it.effectNames).toEqual(['start 2'])
      expect(it.recording.postponed).toBe(0)
    })

    test('is not sent again if a notification says that its task runs', () => {
      const it = track().startFailed('busy').notification(70)
      expect(it.state).toBe('loading')
      it.pass(60, { agora: 5 })
      expect(it.timesOf('start', 1)).toEqual([0])
    })
  })

  test('a start that can never succeed gives up immediately', () => {
    const it = track().startFailed('permanent')
    expect(it.state).toBe('failed')
    expect(it.codes).toEqual(['attempt.failed', 'recording.gave_up', 'recording.failed'])
    expect(it.recording.reason?.code).toBe('start_failed')
    expect(it.deadlines).toEqual({})
  })

  test('a failed start counts as a failure, and the next attempt starts', () => {
    const it = track().startFailed('failed')
    expect(it.effectNames).toEqual(['start 2'])
    expect(it.recording.failures).toHaveLength(1)
  })
})

describe('stableAfter', () => {
  const policy = { restart: { maxFailures: 1, within: 86_400, stableAfter: 100 } }
  const failureModes: [string, (it: TrackedRecording) => TrackedRecording][] = [
    ['its recorder failed', (it) => it.notification(71, { code: 6 })],
    ['its page fell silent', (it) => it.pass(31)],
    ['its checks failed', (it) => it.checksFail('#board').pass(21, { page: 'silent' })],
  ]
  /** Rolls for `seconds`, with a heartbeat at the very end, and then fails. */
  const rollThenFail = (
    it: TrackedRecording,
    seconds: number,
    fail: (it: TrackedRecording) => TrackedRecording,
  ): TrackedRecording =>
    fail(nextAttempt(it).acquired().started().hello().loaded().pass(seconds, { page: 'reports' }).heartbeat())

  test.each(failureModes)(
    'resets the count of failures if an attempt rolled long enough before %s',
    (_, fail) => {
      const it = track(policy)
      for (let n = 1; n <= 6; n += 1) rollThenFail(it, 100, fail)
      expect(it.recording.attempts).toHaveLength(7)
      expect(delaysBetweenAttempts(it)).toEqual([0, 0, 0, 0, 0, 0])
      expect(it.recording.failures).toHaveLength(1)
    },
  )

  test.each(failureModes)(
    'does not reset the count of failures if an attempt rolled too briefly before %s',
    (_, fail) => {
      const it = rollThenFail(rollThenFail(track(policy), 60, fail), 60, fail)
      expect(it.recording.gaveUp).not.toBeNull()
    },
  )

  test('does not add up two periods of rolling with a failed check between them', () => {
    const it = breaks(track(policy))
    rollThenFail(it, 60, (it) =>
      it.checksFail('#board').heartbeat().pass(60, { page: 'reports' }).notification(71, { code: 6 }),
    )
    expect(it.state).toBe('failed')
  })
})

/** Gave up at the first failure: the page had loaded and fell silent, but Agora still records. */
const gaveUp = () => rolling({ restart: { maxFailures: 0 }, onStopCode: { 6: 'giveUp' } }).pass(30)

describe('giving up', () => {
  test('leaves a running task alone, unhealthy and still queried', () => {
    const it = gaveUp()
    expect(it.recording).toMatchObject({ state: 'unhealthy', reason: { code: 'page_silent' } })
    expect(it.codes).toEqual(['recording.gave_up'])
    expect(it.live?.number).toBe(1)
    expect(it.deadlines).toEqual({ queryAt: 37 + 120, fileBy: 185 })
    it.pass(1000)
    expect(it.timesOf('query', 1)).toEqual([5, 37, 157, 277, 397, 517, 637, 757, 877, 997])
    expect(it.state).toBe('unhealthy')
    expect(it.recording.attempts).toHaveLength(1)
  })

  test('is undone when the page reports again, and the page is supervised as before', () => {
    const it = gaveUp().wait(100).heartbeat()
    expect(it.codes).toEqual(['page.returned', 'recording.recovered', 'recording.rolling'])
    expect(it.recording).toMatchObject({ state: 'rolling', reason: null, gaveUp: null })
    expect(it.deadlines).toEqual({ beatBy: 137 + 30, queryAt: 157, fileBy: 185 })
    it.pass(30)
    expect(it.recording.gaveUp?.code).toBe('page_silent')
  })

  test('is undone when the page loads at last', () => {
    const it = track({ restart: { maxNeverLoaded: 1 } })
      .acquired()
      .started()
      .pass(75)
    expect(it.recording.gaveUp?.code).toBe('page_never_contacted')
    it.hello()
    expect(it.state).toBe('unhealthy')
    it.loaded()
    expect(it.state).toBe('rolling')
  })

  test('is not undone by a report with failed checks', () => {
    const it = gaveUp().checksFail('#board').pass(300, { page: 'silent' })
    expect(it.state).toBe('unhealthy')
    expect(it.recording.reason?.code).toBe('page_silent')
    it.heartbeat()
    expect(it.state).toBe('rolling')
  })

  const taskEnds: [string, (it: TrackedRecording) => TrackedRecording][] = [
    ['404s', (it) => it.pass(160, { agora: 'notFound' }).stopAnswers('stopped', 1)],
    ['status 20', (it) => it.pass(130, { agora: 20 }).stopAnswers('stopped', 1)],
    ['a repeated status 7', (it) => it.pass(130, { agora: 7 }).stopAnswers('stopped', 1)],
    ['event 71', (it) => it.notification(71, { code: 6 })],
    ['event 72', (it) => it.notification(72)],
    ['event 11', (it) => it.notification(11, { code: 1 })],
  ]
  test.each(taskEnds)('fails the recording and starts nothing once its task ends (%s)', (_, end) => {
    const it = end(gaveUp())
    expect(it.state).toBe('failed')
    expect(it.attempt(1).state).toBe('ended')
    expect(it.recording.attempts).toHaveLength(1)
    expect(it.deadlines).toEqual({})
    expect(it.timeline.filter(({ code }) => code === 'recording.gave_up')).toHaveLength(1)
  })

  test('retries the stop of a task that Agora does not find, because it may be failing over', () => {
    const it = gaveUp().pass(200, { agora: 'notFound', stops: 'notFound' })
    expect(it.state).toBe('failed')
    expect(it.attempt(1).state).toBe('superseded')
    it.pass(20, { stops: 'stopped' })
    expect(it.attempt(1).state).toBe('ended')
    expect(it.recording.attempts).toHaveLength(1)
  })

  test('fails a recording that was never confirmed once Agora answers 404', () => {
    const it = track({ restart: { maxNeverLoaded: 1 } })
      .acquired()
      .started()
      .hello({ failing: ['#board'] })
    it.pass(80, { page: 'reports', agora: 'unknown' })
    expect(it.state).toBe('unhealthy')
    it.pass(300, { agora: 'notFound' })
    expect(it.state).toBe('failed')
  })
})

describe('a requested restart', () => {
  test('replaces the attempt that was kept after giving up', () => {
    const it = gaveUp().restart()
    expect(it.effectNames).toEqual(['stop 1', 'start 2'])
    expect(it.recording).toMatchObject({
      state: 'starting',
      gaveUp: null,
      failures: [],
      neverLoaded: 0,
      reason: null,
    })
  })

  test('starts a new attempt of a failed recording', () => {
    const it = track().startFailed('permanent').restart()
    expect(it.effectNames).toEqual(['start 2'])
    expect(it.state).toBe('starting')
  })

  test('starts an awaited attempt immediately, and only once', () => {
    const it = breaks(nextAttempt(breaks(track()))).restart()
    expect(it.effectNames).toEqual(['start 3'])
    it.pass(60)
    expect(it.recording.attempts).toHaveLength(3)
  })

  test('stops the current attempt while the next one starts', () => {
    const it = rolling().restart()
    expect(it.effectNames).toEqual(['stop 1', 'start 2'])
    expect(it.reasons).toEqual(['restarted', null])
  })

  test('changes nothing while the recording is being stopped', () => {
    const it = rolling().stop()
    const before = it.recording
    expect(it.restart().recording).toEqual(before)
    expect(it.effectNames).toEqual([])
  })
})
