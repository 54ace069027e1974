import { describe, expect, test } from 'vitest'
import { rolling, track } from './testing/trackedRecording.ts'

const recording = () => track().acquired().started().confirmed()

describe('the page comes up', () => {
  test('hello, loaded: rolling', () => {
    const it = recording()
      .wait(1)
      .hello({ failing: ['#board'] })
    expect(it.codes).toEqual(['page.hello'])
    expect(it.state).toBe('loading')
    expect(it.deadlines).toEqual({ loadBy: 75, beatBy: 36, queryAt: 125 })
    it.wait(2).loaded()
    expect(it.codes).toEqual(['page.loaded', 'recording.rolling'])
    expect(it.deadlines).toEqual({ beatBy: 38, queryAt: 125 })
    expect(it.recording.reason).toBeNull()
  })

  test('hello was lost: whatever comes first is the first contact', () => {
    const it = recording().loaded()
    expect(it.codes).toEqual(['page.hello', 'page.loaded', 'recording.rolling'])
  })

  test('beats move the deadline, and nothing else', () => {
    const it = rolling().wait(20).heartbeat()
    expect(it.codes).toEqual([])
    expect(it.deadlines).toEqual({ beatBy: 57, queryAt: 125 })
  })
})

describe('checks of a loaded page', () => {
  test('one fails: unhealthy, within tolerance', () => {
    const it = rolling().wait(3).fails('#board')
    expect(it.codes).toEqual(['page.check_failed'])
    expect(it.state).toBe('unhealthy')
    expect(it.recording.reason).toMatchObject({
      code: 'page_unhealthy',
      evidence: { failing: [{ name: '#board' }] },
    })
    expect(it.deadlines.healthyBy).toBe(10 + 20)
  })

  test('the same again tells nothing and gives no more time; another one is told', () => {
    const it = rolling().wait(3).fails('#board').wait(10).fails('#board')
    expect(it.codes).toEqual([])
    expect(it.deadlines.healthyBy).toBe(30)
    it.fails('#board', 'video')
    expect(it.codes).toEqual(['page.check_failed'])
    expect(it.deadlines.healthyBy).toBe(30)
  })

  test('all are met again in time: rolling', () => {
    const it = rolling().fails('#board').wait(19).heartbeat()
    expect(it.codes).toEqual(['page.recovered', 'recording.rolling'])
    expect(it.deadlines.healthyBy).toBeUndefined()
    it.pass(60, { page: 'reports' })
    expect(it.recording.attempts).toHaveLength(1)
  })

  test('before it has loaded they are what it waits for', () => {
    const it = recording()
      .hello({ failing: ['#board'] })
      .heartbeat({ failing: ['#board'] })
    expect(it.state).toBe('loading')
    expect(it.deadlines.healthyBy).toBeUndefined()
  })
})

describe('an expectation whose time is over before the page has loaded', () => {
  const overdue = [{ name: 'video', overdue: true }]
  const loading = () => track().acquired().started().wait(6)

  test('the next attempt at once; the reason lists it, the evidence all that fail', () => {
    const it = loading().hello({ failing: ['#board', ...overdue] })
    expect(it.effectNames).toEqual(['stop 1', 'start 2'])
    expect(it.attempt(1).endReason).toMatchObject({
      code: 'page_not_loaded',
      message: 'The page has not loaded after 6 s and no longer waits for: video',
      evidence: { failing: [{ name: '#board' }, ...overdue] },
    })
  })

  test('counts like any other failure: the third in a row gives up', () => {
    const it = loading().hello({ failing: overdue })
    for (let n = 2; n <= 3; n += 1) {
      if (!it.live) it.passUntil('attempt.requested')
      it.acquired().started().hello({ failing: overdue })
    }
    expect(it.recording.gaveUp?.code).toBe('page_not_loaded')
    expect(it.fails(...overdue).state).toBe('unhealthy')
  })

  test('waits for the sid: there is nothing to stop without it', () => {
    const it = track().acquired().hello({ failing: overdue })
    expect(it.live?.number).toBe(1)
    it.started().fails(...overdue)
    expect(it.reasons[0]).toBe('page_not_loaded')
  })

  test('is nothing to a page that has loaded, or while nothing is written', () => {
    const it = loading()
      .hello()
      .loaded()
      .fails(...overdue)
    expect(it.live?.number).toBe(1)
    const paused = loading().pause().hello({ failing: overdue })
    expect(paused.live?.number).toBe(1)
    expect(paused.resume().fails(...overdue).reasons[0]).toBe('page_not_loaded')
  })
})

describe('late, repeated, out of order', () => {
  test.each([
    ['repeated hello', 'hello', 1],
    ['repeated loaded', 'loaded', 2],
    ['repeated heartbeat', 'heartbeat', 3],
    ['late heartbeat', 'heartbeat', 2],
  ] as const)('%s changes nothing', (_, type, seq) => {
    const it = rolling().heartbeat()
    const before = it.recording
    expect(it.wait(5).report(type, { seq, failing: ['#board'] }).recording).toEqual(before)
    expect(it.codes).toEqual([])
  })

  test('a document that was left does not come back', () => {
    const it = rolling().hello({ page: 'second' }).loaded({ page: 'second' })
    const before = it.recording
    expect(it.wait(5).report('heartbeat', { page: 'page1' }).recording).toEqual(before)
  })

  test('bye of the page that speaks is told, and is no beat', () => {
    const it = rolling().wait(5).report('bye')
    expect(it.codes).toEqual(['page.bye'])
    expect(it.deadlines.beatBy).toBe(37)
    expect(it.state).toBe('rolling')
  })

  test('bye of a page that was never heard, or was left, changes nothing', () => {
    const it = recording()
    const before = it.recording
    expect(it.report('bye').recording).toEqual(before)
    const reloaded = rolling().hello({ page: 'second' })
    const then = reloaded.recording
    expect(reloaded.report('bye', { page: 'page1' }).recording).toEqual(then)
  })
})

describe('the page is opened again in the same recording', () => {
  test('it has reloadGrace to load', () => {
    const it = rolling().wait(3).hello({ page: 'second' })
    expect(it.codes).toEqual(['page.reloaded'])
    expect(it.state).toBe('loading')
    expect(it.deadlines).toEqual({ loadBy: 10 + 60, beatBy: 40, queryAt: 125 })
    it.wait(5).loaded({ page: 'second' })
    expect(it.state).toBe('rolling')
    expect(it.attempt(1).loadedAt).toBe(it.recording.createdAt + 7000)
    expect(it.recording.attempts).toHaveLength(1)
  })

  test('it does not load: the next attempt', () => {
    const it = rolling()
      .wait(3)
      .hello({ page: 'second', failing: ['#board'] })
      .pass(60, { page: 'reports' })
    expect(it.reasons).toEqual(['page_not_loaded', null])
  })

  test('again and again before it loads: it gets no more time by that', () => {
    const it = rolling().wait(3).hello({ page: 'r0' })
    for (let n = 1; n <= 6; n += 1) it.pass(10).hello({ page: `r${n}` })
    expect(it.reasons).toEqual(['page_not_loaded', null])
    const first = recording().hello({ page: 'r0' })
    for (let n = 1; n <= 7; n += 1) first.pass(10).hello({ page: `r${n}`, attempt: 1 })
    expect(first.reasons[0]).toBe('page_not_loaded')
  })

  test('what failed in the document before is not held against it', () => {
    const it = rolling().fails('#board').hello({ page: 'second' })
    expect(it.deadlines.healthyBy).toBeUndefined()
    it.loaded({ page: 'second' })
    expect(it.state).toBe('rolling')
  })
})

describe('warnings', () => {
  const black = { name: 'video', detail: 'its picture is black' }

  test('are told when they are others than before, and change nothing', () => {
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
