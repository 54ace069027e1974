import { describe, expect, test } from 'vitest'
import { DEFAULT_POLICY } from './policy.ts'
import { delayAt } from './restart.ts'
import { rolling, type TrackedRecording, track } from './testing/trackedRecording.ts'

/** The newest attempt comes up, loads, and its recorder breaks. */
const breaks = (it: TrackedRecording): TrackedRecording =>
  it.acquired().started().hello().loaded().notified(71, { code: 6 })
/** Lets the next attempt begin. */
const nextAttempt = (it: TrackedRecording): TrackedRecording =>
  it.live ? it : it.passUntil('attempt.requested')
/** Seconds from each failure to the next attempt. */
const pauses = (it: TrackedRecording): number[] =>
  it.recording.attempts.slice(1).map(({ number }) => {
    const failed = it.when('attempt.failed', number - 1) ?? Number.NaN
    return Math.round(((it.when('attempt.requested', number) ?? Number.NaN) - failed) * 1000) / 1000
  })

describe('delays', () => {
  test('by default the first restart comes at once, the sixth failure within 10 minutes is the last', () => {
    const it = track()
    for (let n = 1; n <= 6; n += 1) breaks(nextAttempt(it))
    expect(pauses(it)).toEqual([0, 2, 5, 10, 20])
    expect(it.state).toBe('failed')
    expect(it.recording.reason?.code).toBe('stopped_by_agora')
    expect(it.timeline.find(({ code }) => code === 'recording.gave_up')?.message).toContain(
      '6 failures within 600 s exceed the limit of 5',
    )
  })

  test('the last delay repeats', () => {
    const it = track({ restart: { maxFailures: 100 } })
    for (let n = 1; n <= 9; n += 1) breaks(nextAttempt(it))
    nextAttempt(it)
    expect(pauses(it)).toEqual([0, 2, 5, 10, 20, 40, 60, 60, 60])
  })

  test('while it waits it is recovering, and says why and until when', () => {
    const it = breaks(nextAttempt(breaks(track())))
    expect(it.state).toBe('recovering')
    expect(it.recording.reason?.code).toBe('stopped_by_agora')
    expect(it.deadlines).toEqual({ retryAt: 2 })
    expect(it.codes).toEqual(['attempt.failed', 'retry.scheduled'])
  })

  test.each([
    { index: 0, dice: 0.9, seconds: 0 },
    { index: 3, dice: 0, seconds: 8 },
    { index: 3, dice: 0.5, seconds: 10 },
    { index: 3, dice: 1, seconds: 12 },
    { index: 6, dice: 0.5, seconds: 60 },
    { index: 99, dice: 0.5, seconds: 60 },
  ])('delay $index with dice $dice is $seconds s', ({ index, dice, seconds }) => {
    expect(delayAt(DEFAULT_POLICY.restart, index, dice)).toBeCloseTo(seconds)
  })

  test('jitter 0 takes the delay as it is', () => {
    expect(delayAt({ ...DEFAULT_POLICY.restart, jitter: 0 }, 3, 0)).toBe(10)
  })
})

describe('the line of a failure', () => {
  const failed = (it: TrackedRecording) => it.timeline.filter(({ code }) => code === 'attempt.failed').at(-1)

  test('says what was found, and which attempt follows', () => {
    const line = failed(rolling().pass(30))
    expect(line?.message).toBe(
      'No report from the page for 30 s, the last one at 2027-01-15 08:00:07 UTC, while Agora records (status 5) → attempt 2, uid 900002',
    )
    expect(line?.evidence).toMatchObject({
      code: 'page_silent',
      silent: 30,
      status: 5,
      next: { attempt: 2, uid: '900002', delay: 0 },
    })
  })

  test('says when it follows', () => {
    const line = failed(breaks(nextAttempt(breaks(track()))))
    expect(line?.message).toMatch(/\(recorder_error\) → attempt 3, uid 900003 in 2\.0 s$/)
  })

  test('promises none when there is none', () => {
    const line = failed(rolling({ restart: { maxFailures: 0 } }).pass(30))
    expect(line?.message).not.toContain('→')
    expect(line?.evidence.next).toBeUndefined()
  })
})

describe('limits', () => {
  test('failures from before the window do not count', () => {
    const it = track({ restart: { maxFailures: 2, within: 100 } })
    for (let n = 1; n <= 10; n += 1) {
      breaks(nextAttempt(it))
      nextAttempt(it).wait(50)
    }
    expect(it.recording.gaveUp).toBeNull()
    expect(it.recording.failures.length).toBeLessThanOrEqual(2)
  })

  test('three attempts in a row that never loaded', () => {
    const it = track()
    for (let n = 1; n <= 3; n += 1) nextAttempt(it).acquired().started().pass(75)
    expect(it.reasons).toEqual(['page_never_contacted', 'page_never_contacted', null])
    expect(it.recording.gaveUp?.code).toBe('page_never_contacted')
    expect(it.timeline.find(({ code }) => code === 'recording.gave_up')?.message).toContain(
      '3 consecutive attempts never loaded',
    )
  })

  test('one that loads in between begins the row afresh', () => {
    const it = track()
    for (let n = 1; n <= 2; n += 1) nextAttempt(it).acquired().started().pass(75)
    breaks(nextAttempt(it))
    nextAttempt(it).acquired().started().pass(75)
    expect(it.recording.gaveUp).toBeNull()
    expect(it.recording.neverLoaded).toBe(1)
  })

  test('and so does one that loaded, and ended as it should', () => {
    const it = track()
    for (let n = 1; n <= 2; n += 1) nextAttempt(it).acquired().started().pass(75)
    nextAttempt(it).acquired().started().hello().loaded().notified(71, { code: 1 })
    it.acquired().started().pass(75)
    expect(it.recording.gaveUp).toBeNull()
    expect(it.recording.neverLoaded).toBe(1)
  })

  describe('a start that Agora did not take', () => {
    /** Refuses the first attempt every 100 s: how long after each refusal it is started again. */
    const pausesOf = (it: TrackedRecording, refusals: number): number[] => {
      for (let n = 1; n <= refusals; n += 1) it.startFailed('busy').pass(100)
      return it
        .timesOf('start', 1)
        .slice(1)
        .map((at, n) => at - 100 * n)
    }

    test('is sent again for the same attempt, ever less often, and never counts', () => {
      const it = track()
      expect(pausesOf(it, 8)).toEqual([2, 5, 10, 20, 40, 60, 60, 60])
      expect(it.recording.attempts).toHaveLength(1)
      expect(it.recording).toMatchObject({ failures: [], neverLoaded: 0, gaveUp: null, postponed: 8 })
      it.acquired().started()
      expect(it.recording.postponed).toBe(0)
      expect(it.state).toBe('loading')
    })

    test('pauses for a second at least', () => {
      expect(pausesOf(track({ restart: { delays: [0] } }), 2)).toEqual([1, 1])
    })

    test('is recovering meanwhile, says why, and forgets the resource that was not used', () => {
      const it = track().acquired().startFailed('busy')
      expect(it.state).toBe('recovering')
      expect(it.recording.reason?.code).toBe('start_failed')
      expect(it.codes).toEqual(['attempt.postponed'])
      expect(it.newest).toMatchObject({ state: 'starting', resourceId: null, acquiredAt: null })
      it.pass(2)
      expect(it.effectNames).toEqual(['start 1'])
      expect(it.state).toBe('starting')
    })

    test('ends at once when it is told to stop, as nothing runs', () => {
      const it = track().startFailed('busy').stop()
      expect(it.state).toBe('stopped')
      expect(it.deadlines).toEqual({})
      expect(it.newest).toMatchObject({ state: 'ended', endReason: { code: 'stopped' } })
    })

    test('gives way to a fresh attempt when a person asks for one', () => {
      const it = track().startFailed('busy').restart()
      expect(it.attempt(1)).toMatchObject({ state: 'ended', endReason: { code: 'restarted' } })
      expect(it.effectNames).toEqual(['start 2'])
      expect(it.recording.postponed).toBe(0)
    })

    test('runs after all, says a notification: it is not started again', () => {
      const it = track().startFailed('busy').notified(70)
      expect(it.state).toBe('loading')
      it.pass(60, { agora: 5 })
      expect(it.timesOf('start', 1)).toEqual([0])
    })
  })

  test('a start that would fail again gives up at once', () => {
    const it = track().startFailed('permanent')
    expect(it.state).toBe('failed')
    expect(it.codes).toEqual(['attempt.failed', 'recording.gave_up', 'recording.failed'])
    expect(it.recording.reason?.code).toBe('start_failed')
    expect(it.deadlines).toEqual({})
  })

  test('a start that failed is tried again, and counts', () => {
    const it = track().startFailed('failed')
    expect(it.effectNames).toEqual(['start 2'])
    expect(it.recording.failures).toHaveLength(1)
  })
})

describe('stableAfter: long enough of rolling, and the count is 0 again', () => {
  const policy = { restart: { maxFailures: 1, within: 86_400, stableAfter: 100 } }
  const ways: [string, (it: TrackedRecording) => TrackedRecording][] = [
    ['breaks', (it) => it.notified(71, { code: 6 })],
    ['falls silent', (it) => it.pass(31)],
    ['fails its checks', (it) => it.fails('#board').pass(21, { page: 'silent' })],
  ]
  /** Rolls for so long, with beats up to the last moment, and then fails. */
  const round = (
    it: TrackedRecording,
    seconds: number,
    fail: (it: TrackedRecording) => TrackedRecording,
  ): TrackedRecording =>
    fail(nextAttempt(it).acquired().started().hello().loaded().pass(seconds, { page: 'reports' }).heartbeat())

  test.each(ways)('forgotten when it rolled before it %s', (_, fail) => {
    const it = track(policy)
    for (let n = 1; n <= 6; n += 1) round(it, 100, fail)
    expect(it.recording.attempts).toHaveLength(7)
    expect(pauses(it)).toEqual([0, 0, 0, 0, 0, 0])
    expect(it.recording.failures).toHaveLength(1)
  })

  test.each(ways)('not forgotten when it rolled too short before it %s', (_, fail) => {
    const it = round(round(track(policy), 60, fail), 60, fail)
    expect(it.recording.gaveUp).not.toBeNull()
  })

  test('two halves of rolling, with a failed check between them, are not one', () => {
    const it = breaks(track(policy))
    round(it, 60, (it) =>
      it.fails('#board').heartbeat().pass(60, { page: 'reports' }).notified(71, { code: 6 }),
    )
    expect(it.state).toBe('failed')
  })
})

/** Gave up at the first failure: the page had loaded and is silent, Agora records on. */
const gaveUp = (onGiveUp: 'keep' | 'stop' = 'keep') =>
  rolling({ onGiveUp, restart: { maxFailures: 0 }, onStopCode: { 6: 'giveUp' } }).pass(30)

describe('giving up', () => {
  test('keep: what Agora records is left running, unhealthy, and asked about', () => {
    const it = gaveUp()
    expect(it.recording).toMatchObject({ state: 'unhealthy', reason: { code: 'page_silent' } })
    expect(it.codes).toEqual(['attempt.failed', 'recording.gave_up'])
    expect(it.live?.number).toBe(1)
    expect(it.deadlines).toEqual({ queryAt: 37 + 120 })
    it.pass(1000)
    expect(it.timesOf('query', 1)).toEqual([5, 37, 157, 277, 397, 517, 637, 757, 877, 997])
    expect(it.state).toBe('unhealthy')
    expect(it.recording.attempts).toHaveLength(1)
  })

  test('stop: it is stopped, and failed', () => {
    const it = gaveUp('stop')
    expect(it.state).toBe('failed')
    expect(it.timesOf('stop', 1)).toEqual([37])
    it.pass(5, { stops: 'stopped' })
    expect(it.attempt(1)).toMatchObject({ state: 'ended', endReason: { code: 'page_silent' } })
    expect(it.state).toBe('failed')
    expect(it.deadlines).toEqual({})
  })

  test('the page speaks again: rolling, and watched like any other', () => {
    const it = gaveUp().wait(100).heartbeat()
    expect(it.codes).toEqual(['recording.recovered', 'recording.rolling'])
    expect(it.recording).toMatchObject({ state: 'rolling', reason: null, gaveUp: null })
    expect(it.deadlines).toEqual({ beatBy: 137 + 30, queryAt: 157 })
    it.pass(30)
    expect(it.recording.gaveUp?.code).toBe('page_silent')
  })

  test('a page that loads at last: rolling', () => {
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

  test('a page that speaks and is not well does not count as well', () => {
    const it = gaveUp().fails('#board').pass(300, { page: 'silent' })
    expect(it.state).toBe('unhealthy')
    expect(it.recording.reason?.code).toBe('page_silent')
    it.heartbeat()
    expect(it.state).toBe('rolling')
  })

  const ends: [string, (it: TrackedRecording) => TrackedRecording][] = [
    ['404s', (it) => it.pass(160, { agora: 'notFound' }).stopAnswers('stopped', 1)],
    ['status 20', (it) => it.pass(130, { agora: 20 }).stopAnswers('stopped', 1)],
    ['status 7, twice', (it) => it.pass(130, { agora: 7 }).stopAnswers('stopped', 1)],
    ['event 71', (it) => it.notified(71, { code: 6 })],
    ['event 72, again', (it) => it.notified(72)],
    ['event 11', (it) => it.notified(11, { code: 1 })],
  ]
  test.each(ends)('then Agora ends it (%s): failed, nothing is started', (_, end) => {
    const it = end(gaveUp())
    expect(it.state).toBe('failed')
    expect(it.attempt(1).state).toBe('ended')
    expect(it.recording.attempts).toHaveLength(1)
    expect(it.deadlines).toEqual({})
    expect(it.timeline.filter(({ code }) => code === 'recording.gave_up')).toHaveLength(1)
  })

  test('then Agora does not find it, which may be a failover: it is stopped until that is answered', () => {
    const it = gaveUp().pass(200, { agora: 'notFound', stops: 'notFound' })
    expect(it.state).toBe('failed')
    expect(it.attempt(1).state).toBe('superseded')
    it.pass(20, { stops: 'stopped' })
    expect(it.attempt(1).state).toBe('ended')
    expect(it.recording.attempts).toHaveLength(1)
  })

  test('never confirmed, kept, and then 404s: failed', () => {
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

describe('a restart that a person asks for begins afresh', () => {
  test('after giving up: the kept attempt is replaced', () => {
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

  test('after it failed', () => {
    const it = track().startFailed('permanent').restart()
    expect(it.effectNames).toEqual(['start 2'])
    expect(it.state).toBe('starting')
  })

  test('while it waits for the next attempt: at once, and once', () => {
    const it = breaks(nextAttempt(breaks(track()))).restart()
    expect(it.effectNames).toEqual(['start 3'])
    it.pass(60)
    expect(it.recording.attempts).toHaveLength(3)
  })

  test('while it rolls: the old attempt is stopped at the same time', () => {
    const it = rolling().restart()
    expect(it.effectNames).toEqual(['stop 1', 'start 2'])
    expect(it.reasons).toEqual(['restarted', null])
  })

  test('not when it is to be stopped', () => {
    const it = rolling().stop()
    const before = it.recording
    expect(it.restart().recording).toEqual(before)
    expect(it.effectNames).toEqual([])
  })
})
