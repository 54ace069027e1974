import { describe, expect, test } from 'vitest'
import { rolling, type TrackedRecording, track } from './testing/trackedRecording.ts'

const paused = (): TrackedRecording => rolling().pause().updateAnswers('done')

describe('a pause', () => {
  test('is told to Agora once, and is over when Agora was told so', () => {
    const it = rolling().pause()
    expect(it.codes).toEqual(['recording.pause_requested'])
    expect(it.effectNames).toEqual(['update 1'])
    expect(it.recording.paused).toBe(true)
    expect(it.live?.onhold).toBe(false)
    expect(it.pause().effectNames).toEqual([])
    it.updateAnswers('done')
    expect(it.codes).toEqual(['attempt.paused'])
    expect(it.live).toMatchObject({ onhold: true, update: null })
    expect(it.state).toBe('rolling')

    it.resume()
    expect(it.codes).toEqual(['recording.resume_requested'])
    expect(it.effectNames).toEqual(['update 1'])
    it.updateAnswers('done')
    expect(it.codes).toEqual(['attempt.resumed'])
    expect(it.live?.onhold).toBe(false)
    expect(it.resume().codes).toEqual([])
  })

  test('that ends while Agora is being told: the opposite is sent after the answer, never beside it', () => {
    const it = rolling().pause().resume()
    expect(it.effectNames).toEqual([])
    it.updateAnswers('done', true)
    expect(it.effectNames).toEqual(['update 1'])
    it.updateAnswers('done', false)
    expect(it.live).toMatchObject({ onhold: false, update: null })
    expect(it.effectNames).toEqual([])
  })

  test('whose answer is lost is sent again after 5, 10, 15, 30 s and then every minute', () => {
    const it = rolling().pause().pass(190, { page: 'reports', updates: 'unknown' })
    expect(it.timesOf('update', 1)).toEqual([7, 12, 22, 37, 67, 127, 187])
    expect(it.timeline.filter(({ code }) => code === 'attempt.update_unconfirmed')).toHaveLength(1)
    expect(it.deadlines.updateBy).toBe(247)
    it.pass(60, { page: 'reports' })
    expect(it.live).toMatchObject({ onhold: true, update: null })
    expect(it.deadlines.updateBy).toBeUndefined()
  })

  test('whose answer is lost may have come through: its end is told to Agora all the same', () => {
    const it = rolling().pause().updateAnswers('unknown').resume()
    expect(it.effectNames).toEqual(['update 1'])
    expect(it.deadlines.updateBy).toBeUndefined()
    it.updateAnswers('done')
    expect(it.live?.update).toBeNull()
  })

  test('that meets a 404 asks whether it still runs', () => {
    const it = rolling().pause().updateAnswers('notFound')
    expect(it.effectNames).toEqual(['query 1'])
    expect(it.deadlines.updateBy).toBe(12)
  })

  test('that Agora refuses costs nothing but words: it is tried again', () => {
    const it = rolling().pause().updateAnswers('refused')
    expect(it.live?.number).toBe(1)
    expect(it.deadlines.updateBy).toBe(12)
  })

  test('whose end Agora refuses would last for ever: a new attempt writes from the start', () => {
    const it = paused().resume().updateAnswers('refused')
    expect(it.reasons).toEqual(['resume_failed', null])
    expect(it.effectNames).toEqual(['stop 1', 'start 2'])
    expect(it.live?.onhold).toBe(false)
    expect(it.recording.failures).toHaveLength(1)
  })

  test.each([
    [true, 'Agora says that it writes although'],
    [false, 'Agora says that it writes nothing although'],
  ])('wanted: %s, and a query says otherwise: Agora is told again', (wanted, says) => {
    const it = wanted ? paused() : rolling()
    it.notified(11, { code: 0 }).answers({ onhold: !wanted })
    expect(it.codes).toEqual(['agora.pause_differs'])
    expect(it.timeline.at(-1)?.message).toContain(says)
    expect(it.effectNames).toEqual(['update 1'])
  })

  test('stops are not held up by it, and end it', () => {
    const it = paused().stop()
    expect(it.effectNames).toEqual(['stop 1'])
    expect(it.stopAnswers('stopped', 1).state).toBe('stopped')
    const telling = rolling().pause().stop().updateAnswers('unknown')
    expect(telling.live).toBeUndefined()
    expect(telling.attempt(1).update).toBeNull()
    expect(telling.deadlines.updateBy).toBeUndefined()
    expect(telling.pause().codes).toEqual([])
  })
})

describe('an attempt that is made while it is paused', () => {
  test('begins on hold, and needs no update', () => {
    const it = paused().notified(71, { code: 6 })
    expect(it.effectNames).toEqual(['start 2'])
    expect(it.newest.onhold).toBe(true)
    expect(it.started().effectNames).toEqual([])
    expect(it.resume().effectNames).toEqual(['update 2'])
  })

  test('whose start was sent before the pause is told when its sid is known', () => {
    const it = track().acquired().pause()
    expect(it.effectNames).toEqual([])
    expect(it.newest.onhold).toBe(false)
    expect(it.started().effectNames).toEqual(['update 1'])
  })

  test('whose start Agora did not take is started again as is wanted then', () => {
    const it = track().startFailed('busy').pause().pass(2)
    expect(it.effectNames).toEqual(['start 1'])
    expect(it.newest.onhold).toBe(true)
  })

  test('after a fresh beginning is on hold too', () => {
    const it = paused().restart()
    expect(it.effectNames).toEqual(['stop 1', 'start 2'])
    expect(it.newest.onhold).toBe(true)
  })
})

describe('while it is paused', () => {
  test('failed checks are no failure, and count afresh from its end', () => {
    const it = rolling().fails('#board').pause().updateAnswers('done')
    expect(it.state).toBe('unhealthy')
    expect(it.deadlines.healthyBy).toBeUndefined()
    for (let n = 0; n < 30; n += 1) it.pass(10).fails('#board')
    expect(it.live?.number).toBe(1)
    it.resume()
    expect(it.deadlines.healthyBy).toBe(it.now + 20)
    it.updateAnswers('done').pass(20)
    expect(it.reasons[0]).toBe('page_unhealthy')
  })

  test('a page that spoke may take as long as it likes to load', () => {
    const it = track().acquired().started().confirmed().pause().updateAnswers('done')
    expect(it.deadlines.loadBy).toBe(75)
    it.hello({ failing: ['#board'] })
    expect(it.deadlines.loadBy).toBeUndefined()
    for (let n = 0; n < 30; n += 1) it.pass(10).fails('#board')
    expect(it.live?.number).toBe(1)
    expect(it.resume().deadlines.loadBy).toBe(it.now + 75)
  })

  test('a page that spoke before the pause, too; one that is opened again, too', () => {
    const it = track()
      .acquired()
      .started()
      .hello({ failing: ['#board'] })
      .pause()
    expect(it.deadlines.loadBy).toBeUndefined()
    const again = paused().hello({ page: 'again' })
    expect(again.deadlines.loadBy).toBeUndefined()
  })

  test('a sid that comes after the page has spoken brings no deadline for what it shows', () => {
    const it = track()
      .acquired()
      .pause()
      .hello({ failing: ['#board'] })
      .started()
    expect(it.deadlines.loadBy).toBeUndefined()
    expect(it.deadlines.beatBy).toBe(30)
  })

  test('a dead page is replaced all the same: it must live when the pause ends', () => {
    expect(paused().pass(30).reasons[0]).toBe('page_silent')
    const unheard = track().acquired().started().pause().pass(75)
    expect(unheard.reasons[0]).toBe('page_never_contacted')
  })
})
