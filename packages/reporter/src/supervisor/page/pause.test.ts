import { describe, expect, test } from 'vitest'
import {
  rollingWithReplace as rolling,
  type TrackedRecording,
  trackWithReplace as track,
} from '../testing/trackedRecording.ts'

const paused = (): TrackedRecording => rolling().pause().updateAnswers('done')

describe('a pause', () => {
  test('ends slow retries as rolling does', () => {
    const it = track({ restart: { maxNeverLoaded: 1, final: false } })
      .startFailed('failed')
      .pause()
    expect(it.recording.attention).toMatchObject([{ code: 'slow_retries' }])
    it.passUntil('attempt.requested').acquired().started().hello()
    expect(it.recording).toMatchObject({ state: 'loading', slowRetries: 1 })
    it.loaded()
    expect(it.recording).toMatchObject({ state: 'paused', slowRetries: 0, attention: [] })
  })

  test('is sent to Agora once, and so is the resume', () => {
    const it = rolling().pause()
    expect(it.codes).toEqual(['recording.pause_requested'])
    expect(it.effectNames).toEqual(['update 1'])
    expect(it.recording.paused).toBe(true)
    expect(it.live?.onhold).toBe(false)
    expect(it.pause().effectNames).toEqual([])
    it.updateAnswers('done')
    expect(it.codes).toEqual(['attempt.paused'])
    expect(it.live).toMatchObject({ onhold: true, update: null })
    expect(it.state).toBe('paused')

    it.resume()
    expect(it.codes).toEqual(['recording.resume_requested'])
    expect(it.effectNames).toEqual(['update 1'])
    it.updateAnswers('done')
    expect(it.codes).toEqual(['attempt.resumed'])
    expect(it.live?.onhold).toBe(false)
    expect(it.resume().codes).toEqual([])
  })

  test('that ends while its update is in flight sends the resume only after the answer', () => {
    const it = rolling().pause().resume()
    expect(it.effectNames).toEqual([])
    it.updateAnswers('done', true)
    expect(it.effectNames).toEqual(['update 1'])
    it.updateAnswers('done', false)
    expect(it.live).toMatchObject({ onhold: false, update: null })
    expect(it.effectNames).toEqual([])
  })

  test('whose answer is lost is retried after 5, 10, 15, 30 s, then every minute', () => {
    const it = rolling().pause().pass(190, { page: 'reports', updates: 'unknown' })
    expect(it.timesOf('update', 1)).toEqual([7, 12, 22, 37, 67, 127, 187])
    expect(it.timeline.filter(({ code }) => code === 'attempt.update_unconfirmed')).toHaveLength(1)
    expect(it.deadlines.updateBy).toBe(247)
    it.pass(60, { page: 'reports' })
    expect(it.live).toMatchObject({ onhold: true, update: null })
    expect(it.deadlines.updateBy).toBeUndefined()
  })

  test('whose answer is lost is still resumed at Agora, because it may have taken effect', () => {
    const it = rolling().pause().updateAnswers('unknown').resume()
    expect(it.effectNames).toEqual(['update 1'])
    expect(it.deadlines.updateBy).toBeUndefined()
    it.updateAnswers('done')
    expect(it.live?.update).toBeNull()
  })

  test('that is answered 404 causes a query', () => {
    const it = rolling().pause().updateAnswers('notFound')
    expect(it.effectNames).toEqual(['query 1'])
    expect(it.deadlines.updateBy).toBe(12)
  })

  test('that Agora refuses is retried, and the attempt goes on', () => {
    const it = rolling().pause().updateAnswers('refused')
    expect(it.live?.number).toBe(1)
    expect(it.deadlines.updateBy).toBe(12)
  })

  test('that Agora refuses to end is ended by a new attempt, which writes from the start', () => {
    const it = paused().resume().updateAnswers('refused')
    expect(it.reasons).toEqual(['resume_failed', null])
    expect(it.effectNames).toEqual(['stop 1', 'start 2'])
    expect(it.live?.onhold).toBe(false)
    expect(it.recording.failures).toHaveLength(1)
  })

  test.each([
    [true, 'Agora says that it writes although'],
    [false, 'Agora says that it writes nothing although'],
  ])('is corrected by another update if a query contradicts paused = %s', (isPaused, says) => {
    const it = isPaused ? paused() : rolling()
    it.notification(11, { code: 0 }).answers({ onhold: !isPaused })
    expect(it.codes).toEqual(['agora.pause_differs'])
    expect(it.timeline.at(-1)?.message).toContain(says)
    expect(it.effectNames).toEqual(['update 1'])
  })

  test('does not delay a stop, and ends with it', () => {
    const it = paused().stop()
    expect(it.effectNames).toEqual(['stop 1'])
    expect(it.stopAnswers('stopped', 1).state).toBe('stopped')
    const updating = rolling().pause().stop().updateAnswers('unknown')
    expect(updating.live).toBeUndefined()
    expect(updating.attempt(1).update).toBeNull()
    expect(updating.deadlines.updateBy).toBeUndefined()
    expect(updating.pause().codes).toEqual([])
  })
})

describe('an attempt that is created during a pause', () => {
  test('starts with onhold, and needs no update', () => {
    const it = paused().notification(71, { code: 6 })
    expect(it.effectNames).toEqual(['start 2'])
    expect(it.newest.onhold).toBe(true)
    expect(it.started().effectNames).toEqual([])
    expect(it.resume().effectNames).toEqual(['update 2'])
  })

  test('is updated once its sid is known if its start was sent before the pause', () => {
    const it = track().acquired().pause()
    expect(it.effectNames).toEqual([])
    expect(it.newest.onhold).toBe(false)
    expect(it.started().effectNames).toEqual(['update 1'])
  })

  test('is started with the current onhold if its start was postponed', () => {
    const it = track().startFailed('busy').pause().pass(2)
    expect(it.effectNames).toEqual(['start 1'])
    expect(it.newest.onhold).toBe(true)
  })

  test('starts with onhold after a requested restart, too', () => {
    const it = paused().restart()
    expect(it.effectNames).toEqual(['stop 1', 'start 2'])
    expect(it.newest.onhold).toBe(true)
  })
})

describe('while the recording is paused', () => {
  test('failed checks do not fail the attempt, and their deadline starts anew at the resume', () => {
    const it = rolling().checksFail('#board').pause().updateAnswers('done')
    expect(it.state).toBe('paused')
    expect(it.deadlines.healthyBy).toBeUndefined()
    for (let n = 0; n < 30; n += 1) it.pass(10).checksFail('#board')
    expect(it.live?.number).toBe(1)
    it.resume()
    expect(it.deadlines.healthyBy).toBe(it.now + 20)
    it.updateAnswers('done').pass(20)
    expect(it.reasons[0]).toBe('page_unhealthy')
  })

  test('a page that has reported may take any time to load', () => {
    const it = track().acquired().started().confirmed().pause().updateAnswers('done')
    expect(it.deadlines.loadBy).toBe(75)
    it.hello({ failing: ['#board'] })
    expect(it.deadlines.loadBy).toBeUndefined()
    for (let n = 0; n < 30; n += 1) it.pass(10).checksFail('#board')
    expect(it.live?.number).toBe(1)
    expect(it.resume().deadlines.loadBy).toBe(it.now + 75)
  })

  test('a page that reported before the pause, or is opened again, may also take any time to load', () => {
    const it = track()
      .acquired()
      .started()
      .hello({ failing: ['#board'] })
      .pause()
    expect(it.deadlines.loadBy).toBeUndefined()
    const reopened = paused().hello({ page: 'again' })
    expect(reopened.deadlines.loadBy).toBeUndefined()
  })

  test('a sid that arrives after the first report sets no load deadline', () => {
    const it = track()
      .acquired()
      .pause()
      .hello({ failing: ['#board'] })
      .started()
    expect(it.deadlines.loadBy).toBeUndefined()
    expect(it.deadlines.beatBy).toBe(30)
  })

  test('a silent page is still replaced, because it must work when the pause ends', () => {
    expect(paused().pass(30).reasons[0]).toBe('page_silent')
    const neverContacted = track().acquired().started().pause().pass(75)
    expect(neverContacted.reasons[0]).toBe('page_never_contacted')
  })
})
