import { describe, expect, test } from 'vitest'
import { rolling, type TrackedRecording, track, type World } from './testing/trackedRecording.ts'

/** Attempt 1 records and its page has been heard, and has not said loaded; its silence is no matter here. */
const contacted = (...failing: string[]) =>
  track({ heartbeatTimeout: 300 }).acquired().started().confirmed().hello({ failing })
/** Attempt 1 records, and its page was never heard. */
const unheard = () => track().acquired().started().confirmed()

// The evidence table of the design, row by row. `rolling()` is 7 s old, was last heard then, and asks Agora at 125 s.
const failures: {
  name: string
  given: () => TrackedRecording
  world: World
  /** Seconds since the beginning. */
  failsAt: number
  reason: string
  says: RegExp
}[] = [
  {
    name: 'beats, 404: the failover window is waited out',
    given: rolling,
    world: { page: 'reports', agora: 'notFound' },
    failsAt: 125 + 90,
    reason: 'lost_at_agora',
    says: /not found the recording for 90 s/,
  },
  {
    name: 'silent, 5: the page is dead in a living recording',
    given: rolling,
    world: { page: 'silent', agora: 5 },
    failsAt: 7 + 30,
    reason: 'page_silent',
    says: /No report from the page for 30 s, the last one at 2027-01-15 08:00:07 UTC, while Agora records/,
  },
  {
    name: 'silent, 4: the same',
    given: rolling,
    world: { page: 'silent', agora: 4 },
    failsAt: 7 + 30,
    reason: 'page_silent',
    says: /status 4/,
  },
  {
    name: 'silent, 404 after 5, 10, 15 s',
    given: rolling,
    world: { page: 'silent', agora: 'notFound' },
    failsAt: 7 + 30 + 5 + 10 + 15,
    reason: 'lost_at_agora',
    says: /4 queries in 30 s were answered 404/,
  },
  {
    name: 'silent, status 7, said again after 5 s',
    given: rolling,
    world: { page: 'silent', agora: 7 },
    failsAt: 7 + 30 + 5,
    reason: 'lost_at_agora',
    says: /has ended \(status 7\)/,
  },
  {
    name: 'silent, status 8, said again after 5 s',
    given: rolling,
    world: { page: 'silent', agora: 8 },
    failsAt: 7 + 30 + 5,
    reason: 'lost_at_agora',
    says: /has ended \(status 8\)/,
  },
  {
    name: 'silent, status 20: at once',
    given: rolling,
    world: { page: 'silent', agora: 20 },
    failsAt: 7 + 30,
    reason: 'lost_at_agora',
    says: /exited abnormally/,
  },
  {
    name: 'beats, status 20: at once, the page may be the last to know',
    given: rolling,
    world: { page: 'reports', agora: 20 },
    failsAt: 125,
    reason: 'lost_at_agora',
    says: /exited abnormally/,
  },
  {
    name: 'never said hello, 5',
    given: unheard,
    world: { agora: 5 },
    failsAt: 75,
    reason: 'page_never_contacted',
    says: /never reached the reporter within 75 s.*script tag.*public URL/,
  },
  {
    name: 'never said hello, 4',
    given: unheard,
    world: { agora: 4 },
    failsAt: 75,
    reason: 'page_never_contacted',
    says: /never reached the reporter/,
  },
  {
    name: 'never said hello, 404 after 5, 10, 15 s',
    given: unheard,
    world: { agora: 'notFound' },
    failsAt: 75 + 30,
    reason: 'lost_at_agora',
    says: /does not find/,
  },
  ...([5, 'notFound', 'unknown'] as const).map((agora) => ({
    name: `hello, not loaded by loadBy, whatever Agora says (${agora})`,
    given: () => contacted('#board', 'video.teacher'),
    world: { page: 'silent', agora } as World,
    failsAt: 75,
    reason: 'page_not_loaded',
    says: /not loaded after 75 s: #board, video\.teacher/,
  })),
  {
    name: 'hello, not loaded, and nothing said to be missing',
    given: () => contacted(),
    world: { page: 'reports' },
    failsAt: 75,
    reason: 'page_not_loaded',
    says: /reached the reporter but did not report loaded/,
  },
  ...([5, 'notFound', 'unknown'] as const).map((agora) => ({
    name: `unhealthy past healthyBy, whatever Agora says (${agora})`,
    given: () => rolling().wait(3).fails('video.teacher'),
    world: { page: 'silent', agora } as World,
    failsAt: 10 + 20,
    reason: 'page_unhealthy',
    says: /reported failed checks for 20 s: video\.teacher/,
  })),
]

describe('evidence that ends an attempt', () => {
  test.each(failures)('$name', ({ given, world, failsAt, reason, says }) => {
    const it = given()
    it.pass(failsAt - it.now - 0.1, world)
    expect(it.recording.attempts).toHaveLength(1)
    it.pass(0.1, world)
    expect(it.attempt(1).endReason).toMatchObject({ code: reason, message: expect.stringMatching(says) })
    expect(it.live?.number).toBe(2)
    expect(it.when('attempt.failed', 1)).toBe(failsAt)
    expect(it.timesOf('start', 2)).toEqual([failsAt])
    expect(it.timesOf('stop', 1)[0]).toBe(failsAt)
  })
})

describe('no evidence: hold', () => {
  test('silent, and Agora cannot be asked: asked again after 5, 10, 15, 30 s, and on', () => {
    const it = rolling().pass(150, { page: 'silent', agora: 'unknown' })
    expect(it.timesOf('query', 1).slice(1)).toEqual([37, 42, 52, 67, 97, 127, 157])
    expect(it.recording.attempts).toHaveLength(1)
    expect(it.state).toBe('unhealthy')
    expect(it.recording.reason?.code).toBe('page_silent')
    it.pass(30, { agora: 5 })
    expect(it.reasons[0]).toBe('page_silent')
  })

  test('the waits begin afresh after a clear answer', () => {
    const it = rolling().pass(60, { agora: 'unknown' }).heartbeat().pass(30, { page: 'reports', agora: 5 })
    it.notified(11, { code: 0 }).answers('unknown')
    expect(it.deadlines.queryAt).toBe(it.now + 5)
  })

  test('never heard, and Agora cannot be asked', () => {
    const it = unheard().pass(600, { agora: 'unknown' })
    expect(it.recording.attempts).toHaveLength(1)
    expect(it.state).toBe('loading')
  })

  test('the page is heard again before Agora has answered', () => {
    const it = rolling().dueAfter(30)
    expect(it.effectNames).toEqual(['query 1'])
    expect(it.state).toBe('unhealthy')
    it.heartbeat()
    expect(it.codes).toEqual(['page.returned', 'recording.rolling'])
    it.answers(5)
    expect(it.state).toBe('rolling')
    expect(it.recording.attempts).toHaveLength(1)
  })

  test('the page says its first hello before Agora has answered, and gets time to load', () => {
    const it = unheard().dueAfter(70)
    expect(it.codes).toEqual(['page.never_contacted'])
    it.hello().answers(5)
    expect(it.state).toBe('loading')
    expect(it.deadlines.loadBy).toBe(75 + 60)
    it.pass(60, { page: 'reports' })
    expect(it.reasons[0]).toBe('page_not_loaded')
  })

  test('404s end with one clear answer, and are counted afresh', () => {
    const it = rolling().pass(200, { page: 'reports', agora: 'notFound' })
    expect(it.codes).not.toContain('attempt.failed')
    it.pass(10, { page: 'reports', agora: 5 })
    it.pass(200, { page: 'reports', agora: 'notFound' })
    expect(it.recording.attempts).toHaveLength(1)
    expect(it.state).toBe('rolling')
  })

  test('status 7 once, and then 5', () => {
    const it = rolling().dueAfter(30).answers(7).heartbeat().dueAfter(5).answers(5)
    expect(it.state).toBe('rolling')
    expect(it.recording.attempts).toHaveLength(1)
  })

  test('status 7 long after it was taken back counts as the first', () => {
    const it = rolling().dueAfter(30).answers(7).heartbeat().dueAfter(5).answers(5)
    it.pass(100, { page: 'reports' }).notified(11, { code: 0 }).answers(7)
    expect(it.live?.number).toBe(1)
  })

  test('status 7 asked about again too soon is not yet believed: event 71 may come, and say why', () => {
    const it = rolling().dueAfter(30).answers(7).wait(1).notified(11, { code: 0 }).answers(7)
    expect(it.live?.number).toBe(1)
    expect(it.deadlines.queryAt).toBe(42)
    it.dueAfter(4).answers(7)
    expect(it.reasons[0]).toBe('lost_at_agora')
  })

  test('a second question is not asked while the first is under way', () => {
    const it = rolling().dueAfter(30).dueAfter(60).dueAfter(60)
    expect(it.timesOf('query', 1)).toEqual([5, 37])
  })

  test('a question that something depends on is asked at once, though one waits for its turn', () => {
    const it = rolling().pass(115, { page: 'reports' }).dueAfter(5)
    expect(it.inFlight).toEqual([{ kind: 'routineQuery', attempt: 1 }])
    it.dueAfter(30)
    expect(it.state).toBe('unhealthy')
    expect(it.inFlight.at(-1)).toEqual({ kind: 'query', attempt: 1 })
    it.dueAfter(30)
    expect(it.inFlight, 'and only once').toHaveLength(2)
  })

  test.each([
    { name: 'a start that is not confirmed', it: () => track().acquired().started().dueAfter(5) },
    { name: '404', it: () => rolling().pass(120, { page: 'reports', agora: 'notFound' }).dueAfter(15) },
    { name: 'status 7', it: () => rolling().pass(120, { page: 'reports', agora: 7 }).dueAfter(5) },
  ])('$name: the question does not wait for its turn', ({ it }) => {
    expect(it().inFlight).toEqual([{ kind: 'query', attempt: 1 }])
  })

  test('a steady recording is asked about every queryInterval', () => {
    const it = rolling().pass(400, { page: 'reports' })
    expect(it.timesOf('query', 1)).toEqual([5, 125, 245, 365])
    expect(it.state).toBe('rolling')
  })
})

// The page is given time, so that only Agora's answers are looked at.
const confirming = () => track({ loadTimeout: 1000 }).acquired().started()

describe('confirmation', () => {
  test.each([
    { name: 'on the way (2)', agora: 2, asked: [5, 10, 20, 35, 50, 65, 80] },
    { name: '404', agora: 'notFound', asked: [5, 10, 20, 35, 50, 65, 80] },
  ] as const)(
    '$name: asked after 5, +5, +10, +15 s, then every 15 s; lost after 90 s',
    ({ agora, asked }) => {
      const it = confirming().pass(89.9, { agora })
      expect(it.timesOf('query', 1)).toEqual(asked)
      expect(it.live?.number).toBe(1)
      it.pass(0.1, { agora })
      expect(it.attempt(1).endReason).toMatchObject({
        code: 'lost_at_agora',
        message: expect.stringContaining('did not confirm the recording within 90 s'),
      })
      expect(it.timesOf('stop', 1)[0]).toBe(90)
    },
  )

  test.each([4, 5])('status %i confirms', (status) => {
    const it = confirming().dueAfter(5).answers(status)
    expect(it.codes).toEqual(['attempt.confirmed'])
    expect(it.attempt(1).confirmedAt).not.toBeNull()
    expect(it.deadlines).toEqual({ loadBy: 1000, queryAt: 125 })
  })

  test.each([0, 1, 2, 3, 6])('status %i does not', (status) => {
    const it = confirming().dueAfter(5).answers(status)
    expect(it.attempt(1).confirmedAt).toBeNull()
    expect(it.deadlines).toEqual({ loadBy: 1000, confirmBy: 90, queryAt: 10 })
  })

  test('Agora cannot be asked: held beyond 90 s', () => {
    const it = confirming().pass(300, { agora: 'unknown' })
    expect(it.recording.attempts).toHaveLength(1)
    it.pass(60, { agora: 5 })
    expect(it.attempt(1).confirmedAt).not.toBeNull()
  })

  test('the answer that is under way is waited for', () => {
    const it = confirming().pass(84.9, { agora: 2 }).wait(4).notified(11, { code: 0 }).dueAfter(2)
    expect(it.live?.number).toBe(1)
    it.answers(5)
    expect(it.deadlines).toEqual({ loadBy: 1000, queryAt: it.now + 120 })
  })

  test('a page that speaks is open in a recorder, whatever Agora says: held beyond 90 s', () => {
    const it = confirming().wait(6).hello().loaded().pass(200, { page: 'reports', agora: 3 })
    expect(it.recording.attempts).toHaveLength(1)
    expect(it.state).toBe('rolling')
  })
})

describe('Agora gives no clear answer', () => {
  test('of a recording that is well it is asked after 5, 10, 15, 30 s, and then at the usual interval', () => {
    const it = rolling().pass(480, { page: 'reports', agora: 'unknown' })
    expect(it.timesOf('query', 1)).toEqual([5, 125, 130, 140, 155, 185, 305, 425])
    expect(it.state).toBe('rolling')
  })

  test('of one that is doubted it is asked every 30 s', () => {
    const it = rolling().pass(180, { agora: 'unknown' })
    expect(it.timesOf('query', 1)).toEqual([5, 37, 42, 52, 67, 97, 127, 157, 187])
    expect(it.recording.attempts).toHaveLength(1)
  })
})
