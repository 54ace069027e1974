import { describe, expect, test } from 'vitest'
import { rollingChannel } from './testing/trackedChannel.ts'
import {
  type Conditions,
  rollingWithReplace as rolling,
  type TrackedRecording,
  trackWithReplace as track,
} from './testing/trackedRecording.ts'

/** Attempt 1 records and its page has said hello, but not loaded. The page may be silent for 300 s. */
const contacted = (...failing: string[]) =>
  track({ heartbeatTimeout: 300 }).acquired().started().confirmed().hello({ failing })
/** Attempt 1 records, and its page has never contacted the reporter. */
const neverContacted = () => track().acquired().started().confirmed()

// One row for each kind of evidence. `rolling()` is 7 s old, has its last report then, and its next query at 125 s.
const failures: {
  name: string
  setUp: () => TrackedRecording
  conditions: Conditions
  /** Seconds since the beginning. */
  failsAt: number
  reason: string
  says: RegExp
}[] = [
  {
    name: 'the page reports, but Agora answers 404 for the whole failover window',
    setUp: rolling,
    conditions: { page: 'reports', agora: 'notFound' },
    failsAt: 125 + 90,
    reason: 'lost_at_agora',
    says: /not found the recording for 90 s/,
  },
  {
    name: 'the page is silent while Agora records (status 5)',
    setUp: rolling,
    conditions: { page: 'silent', agora: 5 },
    failsAt: 7 + 30,
    reason: 'page_silent',
    says: /No report from the page for 30 s, the last one at 2027-01-15 08:00:07 UTC, while Agora records/,
  },
  {
    name: 'the page is silent while Agora records (status 4)',
    setUp: rolling,
    conditions: { page: 'silent', agora: 4 },
    failsAt: 7 + 30,
    reason: 'page_silent',
    says: /status 4/,
  },
  {
    name: 'the page is silent, and Agora answers 404 again after 5, 10 and 15 s',
    setUp: rolling,
    conditions: { page: 'silent', agora: 'notFound' },
    failsAt: 7 + 30 + 5 + 10 + 15,
    reason: 'lost_at_agora',
    says: /4 queries in 30 s were answered 404/,
  },
  {
    name: 'the page is silent, and status 7 is repeated after 5 s',
    setUp: rolling,
    conditions: { page: 'silent', agora: 7 },
    failsAt: 7 + 30 + 5,
    reason: 'lost_at_agora',
    says: /has ended \(status 7\)/,
  },
  {
    name: 'the page is silent, and status 8 is repeated after 5 s',
    setUp: rolling,
    conditions: { page: 'silent', agora: 8 },
    failsAt: 7 + 30 + 5,
    reason: 'lost_at_agora',
    says: /has ended \(status 8\)/,
  },
  {
    name: 'the page is silent, and status 20 counts immediately',
    setUp: rolling,
    conditions: { page: 'silent', agora: 20 },
    failsAt: 7 + 30,
    reason: 'lost_at_agora',
    says: /exited abnormally/,
  },
  {
    name: 'the page still reports, but status 20 counts immediately',
    setUp: rolling,
    conditions: { page: 'reports', agora: 20 },
    failsAt: 125,
    reason: 'lost_at_agora',
    says: /exited abnormally/,
  },
  {
    name: 'the page never contacts the reporter while Agora records (status 5)',
    setUp: neverContacted,
    conditions: { agora: 5 },
    failsAt: 75,
    reason: 'page_never_contacted',
    says: /No report from the page within 75 s.*never reached the reporter.*script tag.*public URL/,
  },
  {
    name: 'the page never contacts the reporter while Agora records (status 4)',
    setUp: neverContacted,
    conditions: { agora: 4 },
    failsAt: 75,
    reason: 'page_never_contacted',
    says: /never reached the reporter/,
  },
  {
    name: 'the page never contacts the reporter, and Agora answers 404 again after 5, 10 and 15 s',
    setUp: neverContacted,
    conditions: { agora: 'notFound' },
    failsAt: 75 + 30,
    reason: 'lost_at_agora',
    says: /does not find/,
  },
  ...([5, 'notFound', 'unknown'] as const).map((agora) => ({
    name: `the page does not load by loadBy, whatever Agora answers (${agora})`,
    setUp: () => contacted('#board', 'video.teacher'),
    conditions: { page: 'silent', agora } as Conditions,
    failsAt: 75,
    reason: 'page_not_loaded',
    says: /not loaded after 75 s\..*it waits for #board, video\.teacher/,
  })),
  {
    name: 'the page does not load, and names no failed check',
    setUp: () => contacted(),
    conditions: { page: 'reports' },
    failsAt: 75,
    reason: 'page_not_loaded',
    says: /it has not loaded, and no check fails/,
  },
  ...([5, 'notFound', 'unknown'] as const).map((agora) => ({
    name: `the page is unhealthy past healthyBy, whatever Agora answers (${agora})`,
    setUp: () => rolling().wait(3).checksFail('video.teacher'),
    conditions: { page: 'silent', agora } as Conditions,
    failsAt: 10 + 20,
    reason: 'page_unhealthy',
    says: /reported failed checks for 20 s: video\.teacher/,
  })),
]

describe('evidence that ends an attempt', () => {
  // %s shows a title in full, where $name would cut it off.
  const byName = failures.map((row) => [row.name, row] as const)
  test.each(byName)('%s', (_, { setUp, conditions, failsAt, reason, says }) => {
    const it = setUp()
    it.pass(failsAt - it.now - 0.1, conditions)
    expect(it.recording.attempts).toHaveLength(1)
    it.pass(0.1, conditions)
    expect(it.attempt(1).endReason).toMatchObject({ code: reason, message: expect.stringMatching(says) })
    expect(it.live?.number).toBe(2)
    expect(it.when('attempt.failed', 1)).toBe(failsAt)
    expect(it.timesOf('start', 2)).toEqual([failsAt])
    expect(it.timesOf('stop', 1)[0]).toBe(failsAt)
  })
})

describe('without sufficient evidence', () => {
  test('a silent page causes queries after 5, 10, 15, 30 s, then every 30 s, while no answer is clear', () => {
    const it = rolling().pass(150, { page: 'silent', agora: 'unknown' })
    expect(it.timesOf('query', 1).slice(1)).toEqual([37, 42, 52, 67, 97, 127, 157])
    expect(it.recording.attempts).toHaveLength(1)
    expect(it.state).toBe('unhealthy')
    expect(it.recording.reason?.code).toBe('page_silent')
    it.pass(30, { agora: 5 })
    expect(it.reasons[0]).toBe('page_silent')
  })

  test('a clear answer resets the waits between queries', () => {
    const it = rolling().pass(60, { agora: 'unknown' }).heartbeat().pass(30, { page: 'reports', agora: 5 })
    it.notification(11, { code: 0 }).answers('unknown')
    expect(it.deadlines.queryAt).toBe(it.now + 5)
  })

  test('an attempt whose page never contacts the reporter is kept while no answer is clear', () => {
    const it = neverContacted().pass(600, { agora: 'unknown' })
    expect(it.recording.attempts).toHaveLength(1)
    expect(it.state).toBe('loading')
  })

  test('an attempt whose silent page reports again before Agora answers is kept', () => {
    const it = rolling().dueAfter(30)
    expect(it.effectNames).toEqual(['query 1'])
    expect(it.state).toBe('unhealthy')
    it.heartbeat()
    expect(it.codes).toEqual(['page.returned', 'recording.rolling'])
    it.answers(5)
    expect(it.state).toBe('rolling')
    expect(it.recording.attempts).toHaveLength(1)
  })

  test('a page that says its first hello before Agora answers gets time to load', () => {
    const it = neverContacted().dueAfter(70)
    expect(it.codes).toEqual(['page.never_contacted'])
    it.hello().answers(5)
    expect(it.state).toBe('loading')
    expect(it.deadlines.loadBy).toBe(75 + 60)
    it.pass(60, { page: 'reports' })
    expect(it.reasons[0]).toBe('page_not_loaded')
  })

  test('a clear answer ends a series of 404s, and later ones are counted anew', () => {
    const it = rolling().pass(200, { page: 'reports', agora: 'notFound' })
    expect(it.codes).not.toContain('attempt.failed')
    it.pass(10, { page: 'reports', agora: 5 })
    it.pass(200, { page: 'reports', agora: 'notFound' })
    expect(it.recording.attempts).toHaveLength(1)
    expect(it.state).toBe('rolling')
  })

  test('404s to queries that something else has asked for do not end an attempt before the 5, 10 and 15 s are over', () => {
    const it = rollingChannel()
    for (const _ of [1, 2, 3, 4, 5]) it.notification(1, { errorLevel: 5 }).answers('notFound').wait(1)
    it.pass(24.9, { agora: 'notFound' })
    expect(it.live?.number).toBe(1)
    it.pass(0.1, { agora: 'notFound' })
    expect(it.reasons[0]).toBe('lost_at_agora')
  })

  test('status 7 does not count if status 5 follows', () => {
    const it = rolling().dueAfter(30).answers(7).heartbeat().dueAfter(5).answers(5)
    expect(it.state).toBe('rolling')
    expect(it.recording.attempts).toHaveLength(1)
  })

  test('status 7 long after status 5 retracted it counts as the first', () => {
    const it = rolling().dueAfter(30).answers(7).heartbeat().dueAfter(5).answers(5)
    it.pass(100, { page: 'reports' }).notification(11, { code: 0 }).answers(7)
    expect(it.live?.number).toBe(1)
  })

  test('status 7 that is repeated too soon does not count yet, because event 71 may still say why', () => {
    const it = rolling().dueAfter(30).answers(7).wait(1).notification(11, { code: 0 }).answers(7)
    expect(it.live?.number).toBe(1)
    expect(it.deadlines.queryAt).toBe(42)
    it.dueAfter(4).answers(7)
    expect(it.reasons[0]).toBe('lost_at_agora')
  })

  test('no second query is sent while one is in flight', () => {
    const it = rolling().dueAfter(30).dueAfter(60).dueAfter(60)
    expect(it.timesOf('query', 1)).toEqual([5, 37])
  })

  test('an urgent query is sent immediately, even if a routine query is waiting', () => {
    const it = rolling().pass(115, { page: 'reports' }).dueAfter(5)
    expect(it.inFlight).toEqual([{ kind: 'routineQuery', attempt: 1 }])
    it.dueAfter(30)
    expect(it.state).toBe('unhealthy')
    expect(it.inFlight.at(-1)).toEqual({ kind: 'query', attempt: 1 })
    it.dueAfter(30)
    expect(it.inFlight, 'the urgent query is sent only once').toHaveLength(2)
  })

  test.each([
    { name: 'an unconfirmed start', it: () => track().acquired().started().dueAfter(5) },
    {
      name: 'a 404',
      it: () => rolling().pass(120, { page: 'reports', agora: 'notFound' }).dueAfter(15),
    },
    {
      name: 'status 7',
      it: () => rolling().pass(120, { page: 'reports', agora: 7 }).dueAfter(5),
    },
  ])('a query is urgent after $name', ({ it }) => {
    expect(it().inFlight).toEqual([{ kind: 'query', attempt: 1 }])
  })

  test('a healthy recording is queried every queryInterval', () => {
    const it = rolling().pass(400, { page: 'reports' })
    expect(it.timesOf('query', 1)).toEqual([5, 125, 245, 365])
    expect(it.state).toBe('rolling')
  })
})

// The load timeout is long, so that only Agora's answers matter.
const confirming = () => track({ loadTimeout: 1000 }).acquired().started()

describe('confirmation', () => {
  test.each([
    { name: 'status 2', agora: 2, queriedAt: [5, 10, 20, 35, 50, 65, 80] },
    { name: '404', agora: 'notFound', queriedAt: [5, 10, 20, 35, 50, 65, 80] },
  ] as const)(
    'is queried after 5, +5, +10, +15 s, then every 15 s, and the attempt is lost after 90 s of $name',
    ({ agora, queriedAt }) => {
      const it = confirming().pass(89.9, { agora })
      expect(it.timesOf('query', 1)).toEqual(queriedAt)
      expect(it.live?.number).toBe(1)
      it.pass(0.1, { agora })
      expect(it.attempt(1).endReason).toMatchObject({
        code: 'lost_at_agora',
        message: expect.stringContaining('did not confirm the recording within 90 s'),
      })
      expect(it.timesOf('stop', 1)[0]).toBe(90)
    },
  )

  // With status 4 Agora may be waiting for the page, and writes nothing yet.
  test.each([
    [4, {}],
    [5, { fileBy: 185 }],
  ])('is given by status %i', (status, fileDeadline) => {
    const it = confirming().dueAfter(5).answers(status)
    expect(it.codes).toEqual(['attempt.confirmed'])
    expect(it.attempt(1).confirmedAt).not.toBeNull()
    expect(it.deadlines).toEqual({ loadBy: 1000, queryAt: 125, ...fileDeadline })
  })

  test.each([0, 1, 2, 3, 6])('is not given by status %i', (status) => {
    const it = confirming().dueAfter(5).answers(status)
    expect(it.attempt(1).confirmedAt).toBeNull()
    expect(it.deadlines).toEqual({ loadBy: 1000, confirmBy: 90, queryAt: 10 })
  })

  test('is awaited beyond 90 s while no answer is clear', () => {
    const it = confirming().pass(300, { agora: 'unknown' })
    expect(it.recording.attempts).toHaveLength(1)
    it.pass(60, { agora: 5 })
    expect(it.attempt(1).confirmedAt).not.toBeNull()
  })

  test('may come from a query that is in flight at the deadline', () => {
    const it = confirming().pass(84.9, { agora: 2 }).wait(4).notification(11, { code: 0 }).dueAfter(2)
    expect(it.live?.number).toBe(1)
    it.answers(5)
    expect(it.deadlines).toEqual({ loadBy: 1000, queryAt: it.now + 120 })
  })

  test('is awaited beyond 90 s while the page reports, because a recorder must have it open', () => {
    const it = confirming().wait(6).hello().loaded().pass(200, { page: 'reports', agora: 3 })
    expect(it.recording.attempts).toHaveLength(1)
    expect(it.state).toBe('rolling')
  })
})

describe('without a clear answer from Agora', () => {
  test('a healthy recording is queried after 5, 10, 15, 30 s, then every queryInterval', () => {
    const it = rolling().pass(480, { page: 'reports', agora: 'unknown' })
    expect(it.timesOf('query', 1)).toEqual([5, 125, 130, 140, 155, 185, 305, 425])
    expect(it.state).toBe('rolling')
  })

  test('a silent page is queried about after 5, 10, 15 s, then every 30 s', () => {
    const it = rolling().pass(180, { agora: 'unknown' })
    expect(it.timesOf('query', 1)).toEqual([5, 37, 42, 52, 67, 97, 127, 157, 187])
    expect(it.recording.attempts).toHaveLength(1)
  })
})
