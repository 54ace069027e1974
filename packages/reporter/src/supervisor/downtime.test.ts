import { describe, expect, test } from 'vitest'
import { decide } from './decide.ts'
import { type Attempt, type Downtimes, NO_DOWNTIMES, type Recording } from './recording.ts'
import { rolling, track } from './testing/trackedRecording.ts'

describe('a downtime', () => {
  test('is applied with the next signal, whatever it is', () => {
    const report = rolling().downtime(600).heartbeat()
    expect(report.codes).toEqual(['reporter.returned'])
    expect(report.effects).toEqual([])
    const stopped = rolling().downtime(600).stop()
    expect(stopped.codes).toEqual(['reporter.returned', 'recording.stop_requested'])
    expect(rolling().downtime(600).heartbeat().heartbeat().codes).toEqual([])
  })

  test('counts from its end, however much later the recording is decided on', () => {
    const it = rolling().downtime(600).wait(20).signal({ type: 'due' })
    expect(it.deadlines.beatBy).toBe(607 + 30)
    expect(it.dueAfter(10).codes).toEqual(['page.silent'])
    const late = rolling().downtime(600).wait(30).signal({ type: 'due' })
    expect(late.codes).toEqual(['reporter.returned', 'page.silent'])
  })

  test('is one entry with the one before, which the recording had no occasion to apply', () => {
    const it = rolling().downtime(600).wait(5).downtime(60).heartbeat()
    expect(it.timeline.filter(({ code }) => code === 'reporter.returned')).toMatchObject([
      { evidence: { downtimeSeconds: 660, clockStepBackSeconds: 0 } },
    ])
    expect(it.timeline.at(-1)?.message).toMatch(/was down for 660\.0 s until \d{4}-.* UTC/)
  })

  test('has no entry if there is no attempt whose deadlines start anew', () => {
    const it = rolling().stop().downtime(600).stopAnswers('stopped', 1)
    expect(it.state).toBe('stopped')
    expect(it.timeline.map(({ code }) => code)).not.toContain('reporter.returned')
  })

  test('from before a recording was created is none of its', () => {
    const downtimes = { count: 7, downtimeMs: 9000, clockStepBackMs: 5000, endedAt: 1000 }
    const { recording } = rolling()
    const known = { ...recording, appliedDowntimes: downtimes }
    const { timeline } = decide(known, { type: 'due' }, { now: recording.createdAt, random: 0, downtimes })
    expect(timeline).toEqual([])
  })

  test('changes nothing about a recording that has ended, until it is restarted', () => {
    const failed = track().startFailed('permanent')
    expect(failed.state).toBe('failed')
    const before = failed.recording
    expect(failed.clockStepBack(3600).signal({ type: 'due' }).recording).toEqual(before)
    failed.restart().acquired().started()
    expect(failed.attempt(2).createdAt).toBe(before.createdAt - 3_600_000)
    expect(failed.timeline.map(({ code }) => code)).not.toContain('reporter.returned')
  })

  test('is applied to a recording that has ended when one of its tasks turns out to run', () => {
    const failed = track().startFailed('permanent').clockStepBack(3600).notification(40)
    expect(failed.attempt(1)).toMatchObject({ state: 'superseded', sid: 'sid1' })
    const { startedAt } = failed.attempt(1)
    expect(failed.stopAnswers('unknown', 1).attempt(1).startedAt).toBe(startedAt)
  })

  test('leaves a stop that is to be sent again as it was', () => {
    const it = rolling().stop().stopAnswers('unknown', 1).resumedAfterDowntime(600)
    expect(it.effectNames).toEqual(['stop 1'])
  })
})

const STEP_MS = 3_600_000
const TIME = /(At|Since|Until|By)$/

describe('a step of the wall clock', () => {
  /** With every time set that may be stored. */
  const withAllTimes = (recording: Recording, at: number): Recording => {
    const fill = <T extends object>(value: T): T =>
      Object.fromEntries(
        Object.entries(value).map(([name, each]) => [name, TIME.test(name) ? at : each]),
      ) as T
    const deadlines = { confirmBy: at, loadBy: at, beatBy: at, healthyBy: at, queryAt: at, fileBy: at }
    const repeats = { reload: { from: at, to: at, written: {}, counted: {} } }
    const attempts = recording.attempts.map((attempt): Attempt => {
      const { page, query } = attempt
      const stop = { notFound: 1, notFoundSince: at, unknown: 0, nextAt: at }
      const update = { tries: 1, nextAt: at }
      return {
        ...fill(attempt),
        ...{ deadlines, stop, update, endedAt: null },
        // A superseded attempt has none.
        repeats: attempt.state === 'current' ? repeats : {},
        ...{ page: page && fill(page), query: fill(query) },
        followedPages: [{ id: 'former', seq: 1, loaded: true, openedAt: at, lastBeatAt: at, speaksOn: true }],
      }
    })
    return {
      ...recording,
      attempts,
      deadlines: { retryAt: at, rollOverAt: at, stopBy: at, updateBy: at, quietAt: at },
      failures: [at],
      rollingSince: at,
      pauses: [{ from: at, to: at }],
      attention: [{ code: 'upload_failing', message: '', since: at, attempts: [2] }],
      repeats,
    }
  }

  /** The paths of all numbers that could be a time. */
  const timesIn = (value: unknown, path = ''): [string, number][] => {
    if (typeof value === 'number') return value > 1_000_000_000_000 ? [[path, value]] : []
    if (typeof value !== 'object' || value === null) return []
    return Object.entries(value).flatMap(([name, each]) => timesIn(each, `${path}.${name}`))
  }

  test('moves every time of the attempts that may run and of their recording', () => {
    const { recording } = rolling().restart().acquired().started()
    expect(recording.attempts.map(({ state }) => state)).toEqual(['superseded', 'current'])
    const at = recording.createdAt + 40_000
    const before = withAllTimes(recording, at)
    const downtimes: Downtimes = {
      ...NO_DOWNTIMES,
      count: 1,
      clockStepBackMs: STEP_MS,
      endedAt: at - STEP_MS,
    }
    // A signal about an attempt that does not exist has no effect of its own.
    const signal = { type: 'tokenRefused', attempt: 99 } as const
    const { recording: after } = decide(before, signal, { now: at - STEP_MS, random: 0.5, downtimes })
    const moved = new Map(timesIn(after))
    const times = timesIn(before)
    expect(times.length).toBeGreaterThan(50)
    const others = times.filter(([path, time]) => moved.get(path) !== time - STEP_MS).map(([path]) => path)
    const startAnew = ['confirmBy', 'loadBy', 'beatBy', 'healthyBy', 'fileBy'].map(
      (name) => `.deadlines.${name}`,
    )
    const withdrawn = ['.graceUntil', '.query.notFoundSince', '.query.unsettledSince']
    const ofCurrent = [...startAnew, '.deadlines.queryAt', ...withdrawn].map((path) => `.attempts.1${path}`)
    const ofStops = [0, 1].map((index) => `.attempts.${index}.stop.notFoundSince`)
    const ofRecording = ['.createdAt', '.rollingSince', '.deadlines.quietAt']
    expect(others.toSorted()).toEqual([...ofRecording, ...ofCurrent, ...ofStops].toSorted())
  })

  test('between two decisions is added to the one before', () => {
    const it = rolling().checksFail('#board').clockStepBack(3600).clockStepBack(60).signal({ type: 'due' })
    const { lastBeatAt } = it.attempt(1)
    expect(lastBeatAt).toBe(it.recording.createdAt + it.now * 1000)
    expect(it.timeline.at(-1)?.evidence).toMatchObject({ clockStepBackSeconds: 3660 })
  })
})
