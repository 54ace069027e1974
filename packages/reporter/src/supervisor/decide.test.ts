import { describe, expect, test } from 'vitest'
import { decide } from './decide.ts'
import {
  rollingWithReplace as rolling,
  type TrackedRecording,
  trackWithReplace as track,
} from './testing/trackedRecording.ts'

test('a new recording requests its first attempt', () => {
  const it = track()
  expect(it.codes).toEqual(['recording.created', 'attempt.requested'])
  expect(it.effectNames).toEqual(['start 1'])
  expect(it.state).toBe('starting')
  expect(it.attempt(1)).toMatchObject({ number: 1, uid: '900001', state: 'starting' })
})

test('a signal about an attempt that does not exist changes nothing', () => {
  const it = rolling()
  const before = it.recording
  const { recording, effects, timeline } = decide(
    before,
    { type: 'started', attempt: 7, sid: 'x', resourceId: 'r' },
    { now: 0, random: 0 },
  )
  expect({ recording, effects, timeline }).toEqual({ recording: before, effects: [], timeline: [] })
})

const recovering = () => {
  const it = rolling().notification(71, { code: 6 }).started().notification(71, { code: 6 })
  expect(it.state).toBe('recovering')
  return it
}
const keptAfterGivingUp = () => rolling({ restart: { maxFailures: 0 } }).pass(30)

describe('a stop', () => {
  const taskRuns: [string, () => TrackedRecording][] = [
    ['loading', () => track().acquired().started()],
    ['rolling', rolling],
    ['unhealthy', () => rolling().checksFail('#board')],
    ['unhealthy', () => rolling().dueAfter(30)],
    ['unhealthy', keptAfterGivingUp],
  ]
  test.each(taskRuns)('in state %s is retried until Agora confirms it', (state, setUp) => {
    const it = setUp()
    expect(it.state).toBe(state)
    it.stop()
    expect(it.effectNames).toEqual(['stop 1'])
    expect(it.recording).toMatchObject({ state: 'stopping', desired: 'stopped', reason: { code: 'stopped' } })
    expect(it.deadlines).toEqual({})
    it.pass(60, { page: 'reports', agora: 20, stops: 'unknown' })
    expect(it.state).toBe('stopping')
    it.pass(60, { stops: 'stopped' })
    expect(it.state).toBe('stopped')
    expect(it.attempt(1)).toMatchObject({ state: 'ended', endReason: { code: 'stopped' } })
    expect(it.recording.attempts).toHaveLength(1)
    expect(it.deadlines).toEqual({})
    expect(it.timeline.at(-1)?.code).toBe('recording.stopped')
  })

  const nothingRuns: [string, () => TrackedRecording][] = [
    ['recovering', recovering],
    ['failed', () => track().startFailed('permanent')],
  ]
  test.each(nothingRuns)('in state %s takes effect immediately, because nothing runs', (state, setUp) => {
    const it = setUp()
    expect(it.state).toBe(state)
    it.stop()
    expect(it.state).toBe('stopped')
    expect(it.effectNames).toEqual([])
    it.pass(300)
    expect(it.live).toBeUndefined()
  })

  const outcomes: [string, (it: TrackedRecording) => TrackedRecording, string, string[]][] = [
    ['the task runs', (it) => it.started(), 'stopping', ['stop 1']],
    ['a notification says that the task runs', (it) => it.notification(70), 'stopping', ['stop 1']],
    ['the start was not sent', (it) => it.startFailed('cancelled'), 'stopped', []],
    ['the start failed', (it) => it.startFailed('failed'), 'stopped', []],
    ['Agora has no capacity', (it) => it.startFailed('busy'), 'stopped', []],
    ['the start can never succeed', (it) => it.startFailed('permanent'), 'stopped', []],
    ['the answer is lost', (it) => it.startUnknown(), 'stopping', []],
  ]
  test.each(outcomes)(
    'during a start depends on the outcome of that start: %s',
    (_, outcome, state, effectNames) => {
      const it = track().acquired().stop()
      expect(it.effectNames).toEqual([])
      expect(it.state).toBe('stopping')
      outcome(it)
      expect(it.state).toBe(state)
      expect(it.effectNames).toEqual(effectNames)
    },
  )

  test('during a start without an outcome takes effect after 30 s, and a task that appears later is stopped too', () => {
    const it = track().acquired().stop().startUnknown().dueAfter(30)
    expect(it.attempt(1).state).toBe('orphaned')
    expect(it.state).toBe('stopped')
    expect(it.effectNames).toEqual([])
    it.wait(100).notification(70)
    expect(it.effectNames).toEqual(['stop 1'])
    expect(it.state).toBe('stopping')
    it.stopAnswers('stopped', 1)
    expect(it.state).toBe('stopped')
  })

  test('stops the superseded attempt as well as the next one', () => {
    const it = rolling().pass(30, { stops: 'unknown' }).stop()
    expect(it.state).toBe('stopping')
    it.started()
    expect(it.effectNames).toEqual(['stop 2'])
    it.stopAnswers('stopped', 2)
    expect(it.state).toBe('stopping')
    it.pass(60, { stops: 'stopped' })
    expect(it.state).toBe('stopped')
  })

  test('changes nothing if it is repeated', () => {
    const it = rolling().stop()
    const before = it.recording
    expect(it.stop().recording).toEqual(before)
    expect(it.effects).toEqual([])
  })

  test('is confirmed by event 71 as well as by an answer', () => {
    expect(rolling().stop().notification(71, { code: 0 }).state).toBe('stopped')
  })

  test('is final: no later signal starts an attempt', () => {
    const it = rolling().stop().stopAnswers('stopped', 1)
    it.hello({ page: 'again' })
      .checksFail('#board')
      .notification(71, { code: 6 })
      .notification(72)
      .notification(11, { code: 1 })
    it.restart().resumedAfterDowntime(600).pass(1000)
    expect(it.state).toBe('stopped')
    expect(it.recording.attempts).toHaveLength(1)
  })
})

describe('after a downtime of the reporter', () => {
  test('every deadline starts anew, and Agora is queried about an unconfirmed attempt', () => {
    const it = track().acquired().started().resumedAfterDowntime(1000)
    expect(it.codes).toEqual(['reporter.returned'])
    expect(it.effectNames).toEqual(['query 1'])
    expect(it.deadlines).toEqual({ confirmBy: 1090, loadBy: 1075 })
    const unhealthy = rolling().checksFail('#board').resumedAfterDowntime(1000).dueAfter(0)
    expect(unhealthy.deadlines).toEqual({ beatBy: 1037, healthyBy: 1027, queryAt: 1067, fileBy: 1187 })
    expect(unhealthy.live?.number).toBe(1)
  })

  test('no deadline is shortened', () => {
    const it = track({ confirmTimeout: 300, loadTimeout: 500 })
      .acquired()
      .started()
      .wait(-1)
      .resumedAfterDowntime(1)
    expect(it.deadlines).toMatchObject({ confirmBy: 300, loadBy: 500 })
  })

  test('a healthy recording continues', () => {
    const it = rolling().resumedAfterDowntime(3600).wait(5).heartbeat().pass(300, { page: 'reports' })
    expect(it.state).toBe('rolling')
    expect(it.recording.attempts).toHaveLength(1)
  })

  test('Agora is queried first about pages that do not report in time, and about the others within queryInterval', () => {
    const silent = rolling().resumedAfterDowntime(3600)
    expect(silent.effectNames).toEqual([])
    expect(silent.dueAfter(30).effectNames).toEqual(['query 1'])
    const reporting = rolling()
      .resumedAfterDowntime(3600)
      .wait(25)
      .heartbeat()
      .wait(25)
      .heartbeat()
      .dueAfter(9.9)
    expect(reporting.effectNames).toEqual([])
    expect(reporting.dueAfter(0.1).effectNames).toEqual(['routineQuery 1'])
    const queriedSoon = rolling().resumedAfterDowntime(100)
    expect(queriedSoon.deadlines.queryAt).toBe(rolling().deadlines.queryAt)
  })

  test('a page has its full heartbeat timeout before its silence counts', () => {
    const it = rolling().resumedAfterDowntime(3600).pass(29.9)
    expect(it.live?.number).toBe(1)
    it.pass(0.1)
    expect(it.reasons[0]).toBe('page_silent')
  })

  test('an earlier suspicion is withdrawn', () => {
    const silent = rolling().dueAfter(30).resumedAfterDowntime(3600).answers(5)
    expect(silent.state).toBe('rolling')
    expect(silent.deadlines.beatBy).toBe(3637 + 30)
    const neverContacted = track()
      .acquired()
      .started()
      .confirmed()
      .dueAfter(70)
      .resumedAfterDowntime(3600)
      .answers(5)
    expect(neverContacted.live?.number).toBe(1)
    expect(neverContacted.deadlines.loadBy).toBe(3675 + 75)
  })

  test('earlier 404s do not add up with later ones', () => {
    const it = rolling()
      .pass(130, { page: 'reports', agora: 'notFound' })
      .resumedAfterDowntime(3600)
      .heartbeat()
    it.answers('notFound')
    expect(it.live?.number).toBe(1)
  })

  test('404s do not count against a page before its heartbeat deadline', () => {
    const it = rolling().wait(25).resumedAfterDowntime(60)
    it.pass(29.9, { agora: 'notFound' })
    expect(it.live?.number).toBe(1)
    it.pass(31, { agora: 'notFound' })
    expect(it.reasons[0]).toBe('lost_at_agora')
  })

  test('certain evidence counts', () => {
    const it = rolling().resumedAfterDowntime(3600).dueAfter(30).answers(20)
    expect(it.reasons[0]).toBe('lost_at_agora')
  })

  test('a clock step back by an hour leaves no deadline an hour away and no timestamp in the future', () => {
    const it = rolling().checksFail('#board').pass(3)
    it.clockStepBack(3600).signal({ type: 'due' })
    expect(it.timeline.at(-1)?.message).toContain('clock stepped back by 3600.0 s')
    expect(it.effectNames).toEqual([])
    for (const at of Object.values(it.deadlines)) expect(at).toBeLessThanOrEqual(it.now + 180)
    const { lastBeatAt, page } = it.attempt(1)
    const threeSecondsAgo = it.recording.createdAt + (it.now - 3) * 1000
    expect([lastBeatAt, page?.failingSince]).toEqual([threeSecondsAgo, threeSecondsAgo])
    it.pass(20)
    expect(it.attempt(1).endReason).toMatchObject({ code: 'page_unhealthy', evidence: { lasted: 23 } })
  })

  test('a clock step back by an hour does not delay the next attempt, a stop or an update', () => {
    const due = { type: 'due' } as const
    const waiting = recovering().clockStepBack(3600).signal(due)
    expect(waiting.deadlines.retryAt).toBe(waiting.now + 2)
    const pausing = rolling().pause().updateAnswers('unknown').clockStepBack(3600).signal(due)
    expect(pausing.deadlines.updateBy).toBe(pausing.now + 5)
    const stopping = rolling().restart().stopAnswers('unknown', 1).clockStepBack(3600).signal(due)
    expect(stopping.deadlines.stopBy).toBe(stopping.now + 5)
  })

  test('a lost sid is still awaited, and the next attempt still starts', () => {
    const withoutSid = track().acquired().startUnknown().resumedAfterDowntime(3600)
    expect(withoutSid.deadlines).toEqual({ confirmBy: 3630 })
    expect(withoutSid.effectNames).toEqual([])
    expect(recovering().resumedAfterDowntime(3600).effectNames).toEqual(['start 3'])
  })
})

test('a deadline that has moved in the meantime is not acted on', () => {
  const it = rolling().wait(20).heartbeat().dueAfter(10)
  expect(it.effects).toEqual([])
  expect(it.codes).toEqual([])
})
