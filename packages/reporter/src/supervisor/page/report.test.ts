import { describe, expect, test } from 'vitest'
import {
  rollingWithReplace as rolling,
  type TrackedRecording,
  trackWithReplace as track,
} from '../testing/trackedRecording.ts'

const confirmed = () => track().acquired().started().confirmed()

describe('a page that starts', () => {
  test('makes the recording rolling once it has loaded', () => {
    const it = confirmed()
      .wait(1)
      .hello({ failing: ['#board'] })
    expect(it.codes).toEqual(['page.hello'])
    expect(it.state).toBe('loading')
    expect(it.deadlines).toEqual({ loadBy: 75, beatBy: 36, queryAt: 125, fileBy: 185 })
    it.wait(2).loaded()
    expect(it.codes).toEqual(['page.loaded', 'recording.rolling'])
    expect(it.deadlines).toEqual({ beatBy: 38, queryAt: 125, fileBy: 185 })
    expect(it.recording.reason).toBeNull()
  })

  test('makes its first contact with any report if hello was lost', () => {
    const it = confirmed().loaded()
    expect(it.codes).toEqual(['page.hello', 'page.loaded', 'recording.rolling'])
  })

  test('only extends its heartbeat deadline by later heartbeats', () => {
    const it = rolling().wait(20).heartbeat()
    expect(it.codes).toEqual([])
    expect(it.deadlines).toEqual({ beatBy: 57, queryAt: 125, fileBy: 185 })
  })
})

describe('checks of a loaded page', () => {
  test('a failing check makes the recording unhealthy, and starts unhealthyTimeout', () => {
    const it = rolling().wait(3).checksFail('#board')
    expect(it.codes).toEqual(['page.check_failed'])
    expect(it.state).toBe('unhealthy')
    expect(it.recording.reason).toMatchObject({
      code: 'page_unhealthy',
      evidence: { failing: [{ name: '#board' }] },
    })
    expect(it.deadlines.healthyBy).toBe(10 + 20)
  })

  test('a repeated failure adds no timeline entry, another failing check does, and neither extends the deadline', () => {
    const it = rolling().wait(3).checksFail('#board').wait(10).checksFail('#board')
    expect(it.codes).toEqual([])
    expect(it.deadlines.healthyBy).toBe(30)
    it.checksFail('#board', 'video')
    expect(it.codes).toEqual(['page.check_failed'])
    expect(it.deadlines.healthyBy).toBe(30)
  })

  test('the recording is rolling again if all checks pass in time', () => {
    const it = rolling().checksFail('#board').wait(19).heartbeat()
    expect(it.codes).toEqual(['page.recovered', 'recording.rolling'])
    expect(it.deadlines.healthyBy).toBeUndefined()
    it.pass(60, { page: 'reports' })
    expect(it.recording.attempts).toHaveLength(1)
  })

  test('failing checks have no deadline of their own until the page has loaded', () => {
    const it = confirmed()
      .hello({ failing: ['#board'] })
      .heartbeat({ failing: ['#board'] })
    expect(it.state).toBe('loading')
    expect(it.deadlines.healthyBy).toBeUndefined()
  })
})

describe('an expectation that is overdue before the page has loaded', () => {
  const overdue = [{ name: 'video', overdue: true }]
  const loading = () => track().acquired().started().wait(6)

  test('starts the next attempt immediately; the reason names it, the evidence lists all failed checks', () => {
    const it = loading().hello({ failing: ['#board', ...overdue] })
    expect(it.effectNames).toEqual(['stop 1', 'start 2'])
    expect(it.attempt(1).endReason).toMatchObject({
      code: 'page_not_loaded',
      message:
        'The page has not loaded after 6 s, and the timeout of video has passed. The page reported once, 0 s ago: it waits for #board, video',
      evidence: { failing: [{ name: '#board' }, ...overdue] },
    })
  })

  test('counts like any other failure, and the recording gives up at the third in a row', () => {
    const it = loading().hello({ failing: overdue })
    for (let n = 2; n <= 3; n += 1) {
      if (it.recording.replacing) it.passUntil('attempt.requested')
      it.acquired().started().hello({ failing: overdue })
    }
    expect(it.recording.gaveUp?.code).toBe('page_not_loaded')
    expect(it.checksFail(...overdue).state).toBe('unhealthy')
  })

  test('has no effect until the sid is known, because a task cannot be stopped without it', () => {
    const it = track().acquired().hello({ failing: overdue })
    expect(it.live?.number).toBe(1)
    it.started().checksFail(...overdue)
    expect(it.reasons[0]).toBe('page_not_loaded')
  })

  test('has no effect on a page that has loaded, or during a pause', () => {
    const it = loading()
      .hello()
      .loaded()
      .checksFail(...overdue)
    expect(it.live?.number).toBe(1)
    const paused = loading().pause().hello({ failing: overdue })
    expect(paused.live?.number).toBe(1)
    expect(paused.resume().checksFail(...overdue).reasons[0]).toBe('page_not_loaded')
  })
})

/** Without what is remembered of earlier documents. */
const decisive = ({ recording }: TrackedRecording) => ({
  ...recording,
  attempts: recording.attempts.map(({ followedPages: _, ...attempt }) => attempt),
})

describe('late and repeated reports', () => {
  test.each([
    ['a repeated hello', 'hello', 1],
    ['a repeated loaded', 'loaded', 2],
    ['a repeated heartbeat', 'heartbeat', 3],
    ['a late heartbeat', 'heartbeat', 2],
  ] as const)('%s changes nothing', (_, type, seq) => {
    const it = rolling().heartbeat()
    const before = it.recording
    expect(it.wait(5).report(type, { seq, failing: ['#board'] }).recording).toEqual(before)
    expect(it.codes).toEqual([])
  })

  test('a heartbeat of the former document changes nothing', () => {
    const it = rolling().hello({ page: 'second' }).loaded({ page: 'second' })
    const before = decisive(it)
    expect(decisive(it.wait(5).report('heartbeat', { page: 'page1' }))).toEqual(before)
    expect(it.codes).toEqual([])
  })

  test('bye of the current document is recorded, but does not count as a heartbeat', () => {
    const it = rolling().wait(5).report('bye')
    expect(it.codes).toEqual(['page.bye'])
    expect(it.deadlines.beatBy).toBe(37)
    expect(it.state).toBe('rolling')
  })

  test('bye of an unknown or former document changes nothing', () => {
    const it = confirmed()
    const before = it.recording
    expect(it.report('bye').recording).toEqual(before)
    const reloaded = rolling().hello({ page: 'second' })
    const afterReload = decisive(reloaded)
    expect(decisive(reloaded.report('bye', { page: 'page1' }))).toEqual(afterReload)
  })
})

describe('a page that is opened again in the same attempt', () => {
  test('has reloadGrace to load', () => {
    const it = rolling().wait(3).hello({ page: 'second' })
    expect(it.codes).toEqual(['page.reloaded'])
    expect(it.state).toBe('loading')
    expect(it.deadlines).toEqual({ loadBy: 10 + 60, beatBy: 40, queryAt: 125, fileBy: 185 })
    it.wait(5).loaded({ page: 'second' })
    expect(it.state).toBe('rolling')
    expect(it.attempt(1).loadedAt).toBe(it.recording.createdAt + 7000)
    expect(it.recording.attempts).toHaveLength(1)
  })

  test('fails the attempt if it does not load', () => {
    const it = rolling()
      .wait(3)
      .hello({ page: 'second', failing: ['#board'] })
      .pass(60, { page: 'reports' })
    expect(it.reasons).toEqual(['page_not_loaded', null])
  })

  test('gets no more time by opening again and again before it loads', () => {
    const it = rolling().wait(3).hello({ page: 'r0' })
    for (let n = 1; n <= 6; n += 1) it.pass(10).hello({ page: `r${n}` })
    expect(it.reasons).toEqual(['page_not_loaded', null])
    const first = confirmed().hello({ page: 'r0' })
    for (let n = 1; n <= 7; n += 1) first.pass(10).hello({ page: `r${n}`, attempt: 1 })
    expect(first.reasons[0]).toBe('page_not_loaded')
  })

  test('does not inherit the failed checks of the former document', () => {
    const it = rolling().checksFail('#board').hello({ page: 'second' })
    expect(it.deadlines.healthyBy).toBeUndefined()
    it.loaded({ page: 'second' })
    expect(it.state).toBe('rolling')
  })
})

describe('the first script error', () => {
  const firstError = 'TypeError: x is not a function at app.js:1:2'

  test('is recorded once per document, and has no other effect', () => {
    const it = rolling().wait(3)
    const { deadlines } = it
    it.heartbeat({ firstError })
    expect(it.codes).toEqual(['page.error'])
    expect(it.timeline.at(-1)).toMatchObject({
      attempt: 1,
      message: `The page’s first script error: ${firstError}`,
      evidence: { error: firstError },
    })
    expect(it.state).toBe('rolling')
    expect(it.recording.reason).toBeNull()
    expect(Object.keys(it.deadlines)).toEqual(Object.keys(deadlines))
    expect(it.attempt(1).page?.firstError).toBe(firstError)
    it.heartbeat({ firstError }).heartbeat({}).heartbeat({ firstError: 'another' })
    expect(it.codes).toEqual([])
    expect(it.attempt(1).page?.firstError).toBe(firstError)
  })

  test('of a document that loads after a reload is recorded again', () => {
    const it = rolling().heartbeat({ firstError }).hello({ page: 'second' })
    expect(it.attempt(1).page?.firstError).toBeUndefined()
    it.heartbeat({ page: 'second', firstError })
    expect(it.codes).toEqual(['page.error'])
  })

  test('is in the reason for which the attempt is replaced', () => {
    const it = rolling()
      .heartbeat({ failing: ['#board'], errors: 2, firstError })
      .dueAfter(20)
    expect(it.recording.attempts[0]?.endReason).toMatchObject({
      code: 'page_unhealthy',
      message: `The page has reported failed checks for 20 s: #board; 2 script errors, the first: ${firstError}`,
      evidence: { errors: 2, firstError },
    })
  })

  test('may come with the last report of a document', () => {
    const it = rolling().report('bye', { firstError })
    expect(it.codes).toEqual(['page.error', 'page.bye'])
  })
})

describe('warnings', () => {
  const black = { name: 'video', detail: 'its picture is black' }

  test('are recorded when a new one appears, and have no other effect', () => {
    const it = rolling().wait(3)
    const { deadlines } = it
    it.heartbeat({ warnings: [black] })
    expect(it.codes).toEqual(['page.warned'])
    expect(it.state).toBe('rolling')
    expect(it.recording.reason).toBeNull()
    expect(Object.keys(it.deadlines)).toEqual(Object.keys(deadlines))
    it.heartbeat({ warnings: [{ ...black, detail: 'its picture is still black' }] })
    expect(it.codes).toEqual([])
    it.heartbeat({ warnings: [] })
    expect(it.codes).toEqual([])
    it.heartbeat({ warnings: [black] })
    expect(it.codes).toEqual(['page.warned'])
  })
})
