import { describe, expect, test } from 'vitest'
import { candidateAttempt, currentAttempt } from './attempts.ts'
import { rolling, type TrackedRecording, track } from './testing/trackedRecording.ts'

/** When Agora ends the first attempt, in seconds since the recording was created. */
const END = 3 * 3600

const roles = ({ recording }: TrackedRecording) => ({
  current: currentAttempt(recording)?.number,
  candidate: candidateAttempt(recording)?.number,
})

const passUntil = (it: TrackedRecording, at: number) => it.pass(at - it.now, { page: 'reports' })

describe('the planned roll-over', () => {
  test('comes after a candidate that was under way and is dropped', () => {
    const it = passUntil(rolling(), END - 125)
      .checksFail('#board')
      .dueAfter(20)
    expect(roles(it)).toEqual({ current: 1, candidate: 2 })
    it.acquired().started().heartbeat({ attempt: 1, page: 'page1' })
    expect(roles(it)).toEqual({ current: 1, candidate: undefined })
    passUntil(it, END - 80)
    expect(it.attempt(3)).toMatchObject({ state: 'candidate', candidateFor: { code: 'max_recording_hour' } })
  })

  test('has one more candidate before the end, however slow the retries are', () => {
    const it = passUntil(rolling({ restart: { maxNeverLoaded: 1 } }), END - 120)
      .acquired()
      .started()
    it.notification(71, { code: 5, attempt: 2 })
    expect(it.recording.attention).toMatchObject([{ code: 'slow_retries' }])
    passUntil(it, END - 29)
    expect(roles(it)).toEqual({ current: 1, candidate: 3 })
  })

  test.each([
    [40, 10],
    [10, 1],
  ])('follows a candidate for another reason that fails %i s before the end after %i s', (before, delay) => {
    const it = passUntil(rolling({ restart: { maxNeverLoaded: 1 } }), END - before - 30)
      .checksFail('#board')
      .dueAfter(20)
      .acquired()
      .started()
    passUntil(it, END - before).notification(71, { code: 5, attempt: 2 })
    expect((it.deadlines.retryAt ?? 0) - it.now).toBe(delay)
  })

  test('shortens no delay once Agora runs the attempt beyond its hour limit', () => {
    const it = passUntil(rolling({ restart: { maxNeverLoaded: 1 } }), END - 110)
      .acquired()
      .started()
    passUntil(it, END + 61)
    if (it.newest.sid === null) it.acquired().started()
    it.notification(71, { code: 5 })
    expect((it.deadlines.retryAt ?? 0) - it.now).toBeGreaterThanOrEqual(300)
  })

  test('is planned again when the page recovers after the recording has given up', () => {
    const it = rolling({ restart: { final: true, maxFailures: 0 } })
      .checksFail('#board')
      .dueAfter(20)
    expect(it.recording.gaveUp).not.toBeNull()
    it.heartbeat()
    expect(passUntil(it, END - 100).attempt(2)).toMatchObject({ state: 'candidate' })
  })

  describe('of an attempt that is kept because Agora refuses its candidate', () => {
    const refused = () =>
      passUntil(rolling(), END - 120)
        .startFailed('permanent')
        .pass(60, { page: 'reports' })

    test('is not planned again when the page reports', () => {
      const it = refused()
      expect(it.recording).toMatchObject({ state: 'rolling', gaveUp: null, attemptCount: 2 })
      expect(it.timeline.filter(({ code }) => code === 'recording.gave_up')).toHaveLength(1)
      expect(passUntil(it, END).recording.attemptCount).toBe(2)
    })

    test('leaves one attempt after the end, and the recording fails if that is refused as well', () => {
      const it = passUntil(refused(), END).notification(71, { code: 1, attempt: 1 })
      expect(it.effectNames).toEqual(['start 3'])
      expect(it.startFailed('permanent').recording).toMatchObject({
        state: 'failed',
        gaveUp: { code: 'start_failed' },
      })
    })

    test('fails the recording at the end if the page has not reported since', () => {
      const it = passUntil(rolling(), END - 120).startFailed('permanent')
      it.pass(120).notification(71, { code: 1, attempt: 1 })
      expect(it.recording).toMatchObject({ state: 'failed', attemptCount: 2 })
    })
  })

  test('is not planned again if its candidate has brought a final limit', () => {
    const it = passUntil(rolling({ restart: { final: true, maxNeverLoaded: 1 } }), END - 120)
      .acquired()
      .started()
      .notification(71, { code: 5, attempt: 2 })
    expect(it.recording.gaveUp).not.toBeNull()
    it.heartbeat({ attempt: 1, page: 'page1' })
    expect(passUntil(it, END).recording).toMatchObject({ state: 'rolling', attemptCount: 2 })
  })

  test('is counted from the acquired resource if the sid became known late', () => {
    const it = track().acquired().startUnknown()
    it.resumedAfterDowntime(600).notification(70).hello().loaded()
    expect(it.state).toBe('rolling')
    expect(passUntil(it, END - 100).attempt(2)).toMatchObject({ state: 'candidate' })
  })

  test('a candidate that never loads leads to slow retries with attention, while the recording is rolling', () => {
    const it = passUntil(rolling({ restart: { maxNeverLoaded: 1 } }), END - 110)
    it.acquired().started().pass(90, { page: 'reports' })
    expect(it.when('candidate.dropped', 2)).toBeDefined()
    expect(it.recording).toMatchObject({ state: 'rolling', attention: [{ code: 'slow_retries' }] })
  })

  test('a candidate that takes over before it has reported must load like any other attempt', () => {
    const restart = { maxNeverLoaded: 1, slowDelays: [86_400] }
    const it = track({ restart }).acquired().started().confirmed()
    it.pass(END - 110 - it.now)
    const { candidate = 0 } = roles(it)
    expect(it.attempt(candidate).candidateFor?.code).toBe('max_recording_hour')
    it.acquired().started().pass(100)
    expect(it.attempt(candidate).deadlines.loadBy).toBeUndefined()
    it.notification(71, { code: 1, attempt: 1 })
    expect(roles(it)).toEqual({ current: candidate, candidate: undefined })
    expect(it.pass(76).when('page.never_contacted', candidate)).toBeDefined()
  })
})
