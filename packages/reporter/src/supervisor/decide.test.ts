import { describe, expect, test } from 'vitest'
import { decide } from './decide.ts'
import { rolling, type TrackedRecording, track } from './testing/trackedRecording.ts'

test('a recording begins with its first attempt', () => {
  const it = track()
  expect(it.codes).toEqual(['recording.created', 'attempt.requested'])
  expect(it.effectNames).toEqual(['start 1'])
  expect(it.state).toBe('starting')
  expect(it.attempt(1)).toMatchObject({ number: 1, uid: '900001', state: 'starting' })
})

test('a signal of an attempt that there is not changes nothing', () => {
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
  const it = rolling().notified(71, { code: 6 }).started().notified(71, { code: 6 })
  expect(it.state).toBe('recovering')
  return it
}
const kept = () => rolling({ restart: { maxFailures: 0 } }).pass(30)

describe('stop wins', () => {
  const running: [string, () => TrackedRecording][] = [
    ['loading', () => track().acquired().started()],
    ['rolling', rolling],
    ['unhealthy', () => rolling().fails('#board')],
    ['unhealthy', () => rolling().dueAfter(30)],
    ['unhealthy', kept],
  ]
  test.each(running)('%s: the attempt is stopped until Agora confirms it', (state, given) => {
    const it = given()
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

  const over: [string, () => TrackedRecording][] = [
    ['recovering', recovering],
    ['failed', () => track().startFailed('permanent')],
  ]
  test.each(over)('%s: nothing runs, so it is stopped at once', (state, given) => {
    const it = given()
    expect(it.state).toBe(state)
    it.stop()
    expect(it.state).toBe('stopped')
    expect(it.effectNames).toEqual([])
    it.pass(300)
    expect(it.live).toBeUndefined()
  })

  const outcomes: [string, (it: TrackedRecording) => TrackedRecording, string, string[]][] = [
    ['it runs', (it) => it.started(), 'stopping', ['stop 1']],
    ['a notification says that it runs', (it) => it.notified(70), 'stopping', ['stop 1']],
    ['it was not sent', (it) => it.startFailed('cancelled'), 'stopped', []],
    ['it failed', (it) => it.startFailed('failed'), 'stopped', []],
    ['no capacity', (it) => it.startFailed('busy'), 'stopped', []],
    ['it would always fail', (it) => it.startFailed('permanent'), 'stopped', []],
    ['nobody knows', (it) => it.startUnknown(), 'stopping', []],
  ]
  test.each(outcomes)('during start, and then: %s', (_, outcome, state, wanted) => {
    const it = track().acquired().stop()
    expect(it.effectNames).toEqual([])
    expect(it.state).toBe('stopping')
    outcome(it)
    expect(it.state).toBe(state)
    expect(it.effectNames).toEqual(wanted)
  })

  test('during a start of which nothing is heard: stopped after 30 s, and what turns up later is stopped too', () => {
    const it = track().acquired().stop().startUnknown().dueAfter(30)
    expect(it.attempt(1).state).toBe('orphaned')
    expect(it.state).toBe('stopped')
    expect(it.effectNames).toEqual([])
    it.wait(100).notified(70)
    expect(it.effectNames).toEqual(['stop 1'])
    expect(it.state).toBe('stopping')
    it.stopAnswers('stopped', 1)
    expect(it.state).toBe('stopped')
  })

  test('during a hand-over: both attempts are stopped', () => {
    const it = rolling().pass(30, { stops: 'unknown' }).stop()
    expect(it.state).toBe('stopping')
    it.started()
    expect(it.effectNames).toEqual(['stop 2'])
    it.stopAnswers('stopped', 2)
    expect(it.state).toBe('stopping')
    it.pass(60, { stops: 'stopped' })
    expect(it.state).toBe('stopped')
  })

  test('a second stop changes nothing', () => {
    const it = rolling().stop()
    const before = it.recording
    expect(it.stop().recording).toEqual(before)
    expect(it.effects).toEqual([])
  })

  test('event 71 confirms the stop as well as an answer does', () => {
    expect(rolling().stop().notified(71, { code: 0 }).state).toBe('stopped')
  })

  test('whatever comes after it starts nothing', () => {
    const it = rolling().stop().stopAnswers('stopped', 1)
    it.hello({ page: 'again' })
      .fails('#board')
      .notified(71, { code: 6 })
      .notified(72)
      .notified(11, { code: 1 })
    it.restart().resumedAfterDowntime(600).pass(1000)
    expect(it.state).toBe('stopped')
    expect(it.recording.attempts).toHaveLength(1)
  })
})

describe('the reporter was away', () => {
  test('every deadline gets its whole time again, and Agora is asked', () => {
    const it = track().acquired().started().resumedAfterDowntime(1000)
    expect(it.codes).toEqual(['reporter.returned'])
    expect(it.effectNames).toEqual(['query 1'])
    expect(it.deadlines).toEqual({ confirmBy: 1090, loadBy: 1075 })
    const unhealthy = rolling().fails('#board').resumedAfterDowntime(1000).dueAfter(0)
    expect(unhealthy.deadlines).toEqual({ beatBy: 1037, healthyBy: 1027 })
    expect(unhealthy.live?.number).toBe(1)
  })

  test('an absence that was short takes no time away', () => {
    const it = track({ confirmTimeout: 300, loadTimeout: 500 })
      .acquired()
      .started()
      .wait(-1)
      .resumedAfterDowntime(1)
    expect(it.deadlines).toMatchObject({ confirmBy: 300, loadBy: 500 })
  })

  test('a healthy recording goes on', () => {
    const it = rolling()
      .resumedAfterDowntime(3600)
      .answers(5)
      .wait(5)
      .heartbeat()
      .pass(300, { page: 'reports' })
    expect(it.state).toBe('rolling')
    expect(it.recording.attempts).toHaveLength(1)
  })

  test('a page that is silent afterwards has its whole time, and is then asked about', () => {
    const it = rolling().resumedAfterDowntime(3600).pass(29.9)
    expect(it.live?.number).toBe(1)
    it.pass(0.1)
    expect(it.reasons[0]).toBe('page_silent')
  })

  test('a doubt from before is withdrawn', () => {
    const silent = rolling().dueAfter(30).resumedAfterDowntime(3600).answers(5)
    expect(silent.state).toBe('rolling')
    expect(silent.deadlines.beatBy).toBe(3637 + 30)
    const unheard = track()
      .acquired()
      .started()
      .confirmed()
      .dueAfter(70)
      .resumedAfterDowntime(3600)
      .answers(5)
    expect(unheard.live?.number).toBe(1)
    expect(unheard.deadlines.loadBy).toBe(3675 + 75)
  })

  test('404s from before do not add up with the first one after', () => {
    const it = rolling()
      .pass(130, { page: 'reports', agora: 'notFound' })
      .resumedAfterDowntime(3600)
      .heartbeat()
    it.answers('notFound')
    expect(it.live?.number).toBe(1)
  })

  test('404s do not count against a page before its time to speak is over', () => {
    const it = rolling().wait(25).resumedAfterDowntime(60)
    it.pass(29.9, { agora: 'notFound' })
    expect(it.live?.number).toBe(1)
    it.pass(30, { agora: 'notFound' })
    expect(it.reasons[0]).toBe('lost_at_agora')
  })

  test('definite evidence counts', () => {
    const it = rolling().resumedAfterDowntime(3600).answers(20)
    expect(it.reasons[0]).toBe('lost_at_agora')
  })

  test('its clock went back by an hour: no deadline is an hour away, and nothing has happened later than now', () => {
    const it = rolling().fails('#board').pass(3)
    it.wait(-3600).signal({ type: 'resumedAfterDowntime', downtimeSeconds: 0, clockStepBackSeconds: 3600 })
    expect(it.timeline.at(-1)?.message).toContain('clock stepped back by 3600.0 s')
    expect(it.effectNames).toEqual(['routineQuery 1'])
    for (const at of Object.values(it.deadlines)) expect(at).toBeLessThanOrEqual(it.now + 120)
    const { createdAt, lastBeatAt, page } = it.attempt(1)
    const threeSecondsAgo = createdAt + (it.now - 3) * 1000
    expect([lastBeatAt, page?.failingSince]).toEqual([threeSecondsAgo, threeSecondsAgo])
    it.answers(5).pass(20)
    expect(it.attempt(1).endReason).toMatchObject({ code: 'page_unhealthy', evidence: { lasted: 23 } })
  })

  test('a next attempt, a stop and an update are not waited for an hour either', () => {
    const back = { type: 'resumedAfterDowntime', downtimeSeconds: 0, clockStepBackSeconds: 3600 } as const
    const waiting = recovering().wait(-3600).signal(back)
    expect(waiting.deadlines.retryAt).toBe(waiting.now + 2)
    const holding = rolling().pause().updateAnswers('unknown').wait(-3600).signal(back)
    expect(holding.deadlines.updateBy).toBe(holding.now + 5)
    const stopping = rolling().restart().stopAnswers('unknown', 1).wait(-3600).signal(back)
    expect(stopping.deadlines.stopBy).toBe(stopping.now + 5)
  })

  test('it still waits for a lost sid, and for the next attempt', () => {
    const lost = track().acquired().startUnknown().resumedAfterDowntime(3600)
    expect(lost.deadlines).toEqual({ confirmBy: 3630 })
    expect(lost.effectNames).toEqual([])
    const it = recovering().resumedAfterDowntime(3600).dueAfter(0)
    expect(it.effectNames).toEqual(['start 3'])
  })
})

test('a deadline that was moved meanwhile is left alone', () => {
  const it = rolling().wait(20).heartbeat().dueAfter(10)
  expect(it.effects).toEqual([])
  expect(it.codes).toEqual([])
})
