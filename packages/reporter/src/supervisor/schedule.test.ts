import { describe, expect, test } from 'vitest'
import { NO_SCHEDULE, type Schedule } from './recording.ts'
import { TrackedChannel } from './testing/trackedChannel.ts'
import { STARTED_AT, TrackedRecording } from './testing/trackedRecording.ts'

/** Times are seconds since the recording was created. */
type Times = { [Name in keyof Schedule]?: number }

const scheduleOf = ({ startAt, startAhead = 60, stopAt, maxDuration }: Times): Schedule => ({
  startAt: startAt === undefined ? null : STARTED_AT + startAt * 1000,
  startAhead,
  stopAt: stopAt === undefined ? null : STARTED_AT + stopAt * 1000,
  maxDuration: maxDuration ?? null,
})

const scheduled = (times: Times): TrackedRecording =>
  new TrackedRecording({}, { schedule: scheduleOf(times) })

/** Attempt 1 has loaded and is confirmed. */
const runs = <Tracked extends TrackedRecording>(it: Tracked): Tracked =>
  it.acquired().started().hello().loaded().confirmed()

const change = (it: TrackedRecording, times: Times): TrackedRecording =>
  it.signal({ type: 'changed', changes: [], fields: ['stopAt'], schedule: scheduleOf(times) })

const well = { page: 'reports', agora: 5, stops: 'stopped' } as const

describe('startAt', () => {
  test('has the recording begin startAhead seconds before, and nothing happen until then', () => {
    const it = scheduled({ startAt: 3600 })
    expect(it.recording).toMatchObject({ state: 'starting', awaitsStart: true, attempts: [] })
    expect(it.deadlines).toEqual({ beginAt: 3540 })
    expect(it.timeline).toMatchObject([
      { code: 'recording.created', message: 'Recording requested; it begins at 2027-01-15 08:59:00 UTC' },
    ])
    expect(it.dueAfter(3539).codes).toEqual([])
    expect(it.dueAfter(1).codes).toEqual(['recording.begun', 'attempt.requested'])
    expect(it.recording).toMatchObject({ state: 'starting', awaitsStart: false })
    expect(runs(it).state).toBe('rolling')
    expect(it.deadlines.beginAt).toBeUndefined()
  })

  test('that has passed, or comes within startAhead, has it begin immediately', () => {
    for (const startAt of [-60, 0, 60]) {
      expect(scheduled({ startAt }).effectNames).toEqual(['start 1'])
    }
    expect(scheduled({ startAt: 61 }).effectNames).toEqual([])
  })

  test('is not moved by a downtime: the recording begins late, when the reporter is back', () => {
    const it = scheduled({ startAt: 3600 }).resumedAfterDowntime(3000)
    expect(it.deadlines.beginAt).toBe(3540)
    it.resumedAfterDowntime(2000)
    expect(it.timeline.at(-2)).toMatchObject({
      code: 'recording.begun',
      message: 'The recording begins, 1460 s after its time',
    })
    expect(it.effectNames).toEqual(['start 1'])
  })

  test('is not moved by a step of the clock', () => {
    const it = scheduled({ startAt: 3600, stopAt: 7200 }).wait(600).clockStepBack(300).signal({ type: 'due' })
    expect(it.deadlines).toEqual({ beginAt: 3540, endAt: 7200 })
    expect(it.dueAfter(3240).effectNames).toEqual(['start 1'])
    runs(it).clockStepBack(1800).heartbeat()
    expect(it.deadlines.endAt).toBe(7200)
  })

  test('can be changed until the recording begins, which it does if the time has come', () => {
    const it = change(scheduled({ startAt: 3600 }), { startAt: 7200, startAhead: 0 })
    expect(it.deadlines).toEqual({ beginAt: 7200 })
    expect(change(it, {}).codes).toEqual(['recording.changed', 'recording.begun', 'attempt.requested'])
    expect(it.recording.schedule).toEqual({ ...NO_SCHEDULE, startAhead: 60 })
    const later = change(scheduled({ startAt: 3600 }).wait(100), { startAt: 120 })
    expect(later.effectNames).toEqual(['start 1'])
  })

  test('yields to a restart, which begins it now, and to a stop', () => {
    const it = scheduled({ startAt: 3600 }).restart()
    expect(it.effectNames).toEqual(['start 1'])
    expect(it.dueAfter(3540).recording.attemptCount).toBe(1)
    const stopped = scheduled({ startAt: 3600 }).stop()
    expect(stopped.recording).toMatchObject({ state: 'stopped', awaitsStart: false, deadlines: {} })
    expect(stopped.codes).toEqual(['recording.stop_requested', 'recording.stopped'])
  })

  test('has a recording that was paused before it begins start on hold', () => {
    const it = scheduled({ startAt: 3600 }).pause()
    expect(it.state).toBe('starting')
    expect(it.dueAfter(3540).live?.onhold).toBe(true)
  })
})

describe('stopAt and maxDuration', () => {
  test.each<[Times, number]>([
    [{ stopAt: 500 }, 500],
    [{ maxDuration: 500 }, 500],
    [{ startAt: 200, maxDuration: 300 }, 500],
    [{ startAt: 200, maxDuration: 900, stopAt: 500 }, 500],
    [{ maxDuration: 500, stopAt: 900 }, 500],
  ])('%j end the recording after %i s like a stop', (times, end) => {
    const it = scheduled(times)
    if (it.recording.awaitsStart) it.dueAfter(140)
    runs(it).pass(end - it.now - 1, well)
    expect(it.recording).toMatchObject({ state: 'rolling', deadlines: { endAt: STARTED_AT + end * 1000 } })
    it.dueAfter(1)
    expect(it.codes).toEqual(['recording.time_over'])
    expect(it.effectNames).toEqual(['stop 1'])
    expect(it.recording).toMatchObject({ state: 'stopping', reason: { code: 'time_over' } })
    it.pass(10, well)
    expect(it.recording).toMatchObject({ state: 'stopped', failures: [], deadlines: {} })
    expect(it.timeline.at(-1)?.code).toBe('recording.stopped')
    expect(it.reasons).toEqual(['time_over'])
  })

  test('say which of them it was', () => {
    expect(scheduled({ stopAt: 500, maxDuration: 900 }).dueAfter(500).recording.reason).toMatchObject({
      message: "The recording's time was over at 2027-01-15 08:08:20 UTC (stopAt)",
      evidence: { limit: 'stopAt', endsAt: STARTED_AT + 500_000 },
    })
    expect(scheduled({ maxDuration: 500 }).dueAfter(500).recording.reason?.evidence.limit).toBe('maxDuration')
  })

  test('end a recording that had not begun, because the reporter was down', () => {
    const it = scheduled({ startAt: 600, stopAt: 1200 }).resumedAfterDowntime(5000)
    expect(it.recording).toMatchObject({ state: 'stopped', attemptCount: 0 })
    expect(it.codes).toEqual(['recording.time_over', 'recording.stopped'])
    expect(it.recording.reason?.message).toContain('(stopAt), and it had not begun')
  })

  test('end it whatever it does: paused, recovering, beside a candidate, retrying slowly, or given up', () => {
    const until = (it: TrackedRecording) =>
      it
        .wait(5000 - it.now)
        .signal({ type: 'due' })
        .pass(60, well)
    const rolling = () => runs(scheduled({ stopAt: 5000 }))
    const failed = new TrackedRecording(
      { restart: { maxNeverLoaded: 1, final: true } },
      { schedule: scheduleOf({ stopAt: 5000 }) },
    )
    const retrying = new TrackedRecording(
      { restart: { maxNeverLoaded: 1, slowDelays: [9000] } },
      { schedule: scheduleOf({ stopAt: 5000 }) },
    )
    const cases: [TrackedRecording, string][] = [
      [rolling().pause().pass(10, well), 'paused'],
      [rolling().notification(71, { code: 6 }), 'starting'],
      [rolling().checksFail('#board').pass(25, { agora: 5 }), 'unhealthy'],
      [retrying.acquired().startFailed('failed'), 'recovering'],
      [failed.acquired().startFailed('failed'), 'failed'],
    ]
    for (const [it, state] of cases) {
      expect(it.state).toBe(state)
      for (const { number, sid } of it.recording.attempts.slice(1)) if (sid === null) it.started(number)
      expect(until(it).recording).toMatchObject({ state: 'stopped', reason: { code: 'time_over' } })
    }
  })

  test('end a channel that waits for users', () => {
    const it = new TrackedChannel({ onIdleExit: 'wait' }, 300, { schedule: scheduleOf({ stopAt: 900 }) })
    it.runs().pass(60).notification(41, { leaveCode: 4 })
    expect(it.due).toBe(900)
    expect(it.dueAfter(900 - it.now).state).toBe('stopped')
  })

  test('are too late for a restart of one that has failed', () => {
    const it = new TrackedRecording(
      { restart: { maxNeverLoaded: 1, final: true } },
      { schedule: scheduleOf({ stopAt: 100 }) },
    )
    it.acquired().startFailed('failed').wait(200).restart()
    expect(it.codes).toEqual(['recording.time_over', 'recording.stopped'])
  })

  test('stop an attempt that is being started once its sid is known', () => {
    const it = scheduled({ stopAt: 3 }).acquired().dueAfter(3)
    expect(it.effectNames).toEqual([])
    expect(it.started().effectNames).toEqual(['stop 1'])
  })

  test('can be changed and removed while it runs', () => {
    const it = change(runs(scheduled({ stopAt: 500 })), { stopAt: 900 })
    expect(it.deadlines.endAt).toBe(900)
    expect(change(it, {}).deadlines.endAt).toBeUndefined()
    change(it, { maxDuration: 60 })
    expect(it.dueAfter(60 - it.now).state).toBe('stopping')
  })
})
