import { describe, expect, test } from 'vitest'
import { rolling, type TrackedRecording, track } from './testing/trackedRecording.ts'

const numbers = ({ recording }: TrackedRecording): number[] => recording.attempts.map(({ number }) => number)
const size = ({ recording }: TrackedRecording): number => JSON.stringify(recording).length
/** Agora ends the current attempt, and the page of the next one loads. */
const replace = (it: TrackedRecording): TrackedRecording =>
  it.notification(71, { code: 1 }).acquired().started().hello().loaded()

describe('an ended attempt', () => {
  test('stays for 10 minutes, and settles with the next decision', () => {
    const it = replace(rolling()).pass(599, { page: 'reports' })
    expect(numbers(it)).toEqual([1, 2])
    it.pass(20, { page: 'reports' })
    expect(numbers(it)).toEqual([2])
    expect(it.settled.get(1)).toMatchObject({ number: 1, sid: 'sid1', state: 'ended' })
    expect(it.recording.attemptCount).toBe(2)
  })

  test('gets the files of a late notification, and settles again', () => {
    const it = replace(rolling()).pass(700, { page: 'reports' })
    it.notification(31, { attempt: 1, sid: 'sid1', files: ['late.m3u8'] })
    expect(numbers(it)).toEqual([2])
    expect(it.settled.get(1)?.files).toEqual(['late.m3u8'])
  })

  test('stays if it is the last one, however long ago it ended', () => {
    const it = rolling()
      .stop()
      .stopAnswers('stopped', 1)
      .wait(86_400)
      .notification(31, { files: ['f'] })
    expect(numbers(it)).toEqual([1])
  })

  test('stays beside candidates that never loaded: the open gap follows from it', () => {
    const it = rolling({ restart: { final: true, maxFailures: 0 } })
      .checksFail('#board')
      .dueAfter(20)
    expect(it.state).toBe('unhealthy')
    it.notification(71, { code: 6, attempt: 1 }).wait(700).signal({ type: 'due' })
    expect(numbers(it)).toEqual([1])
  })
})

describe('an attempt that is still needed stays', () => {
  test('while its stop is not confirmed', () => {
    const it = rolling().restart().acquired().started().hello().loaded()
    it.pass(3600, { page: 'reports', stops: 'unknown' })
    expect(it.attempt(1).state).toBe('superseded')
    expect(numbers(it)).toEqual([1, 2])
    it.pass(700, { page: 'reports', stops: 'stopped' })
    expect(numbers(it)).toEqual([2])
  })

  test('while Agora may run it and its sid is unknown', () => {
    const it = track().acquired().startUnknown().pass(31).acquired().started().hello().loaded()
    expect(it.attempt(1).state).toBe('orphaned')
    it.pass(3 * 3600, { page: 'reports' })
    expect(numbers(it)).toContain(1)
    it.pass(700, { page: 'reports' })
    expect(it.settled.get(1)?.state).toBe('orphaned')
  })

  test('if the next stop with its code ends the recording', () => {
    const it = rolling().notification(71, { code: 2 }).acquired().started().hello().loaded()
    for (let hour = 0; hour < 5; hour += 1) replace(it).pass(3600, { page: 'reports' })
    expect(numbers(it)).toEqual([1, 7])
    it.notification(71, { code: 2 })
    expect(it.state).toBe('failed')
  })

  test('until a restart is requested, which forgets its code', () => {
    const it = rolling().notification(71, { code: 2 }).acquired().started().hello().loaded()
    replace(it).pass(700, { page: 'reports' }).restart().acquired().started().hello().loaded()
    it.stopAnswers('stopped', 3).pass(700, { page: 'reports' })
    expect(numbers(it)).toEqual([4])
  })
})

describe('the size of a recording does not grow with its attempts', () => {
  test('if they end one after the other', () => {
    const it = rolling()
    for (let n = 0; n < 20; n += 1) replace(it)
    const after20 = size(it)
    for (let n = 0; n < 500; n += 1) replace(it)
    expect(it.recording.attemptCount).toBe(521)
    expect(size(it)).toBeLessThan(after20 * 1.05)
    expect(it.recording.attempts.length).toBeLessThan(20)
  })

  test('if a restart is requested again and again while Agora answers no start', () => {
    const it = track()
    for (let n = 0; n < 500; n += 1) it.acquired().startUnknown().wait(5).restart()
    expect(it.recording.attempts.length).toBeLessThan(20)
    expect(it.recording.attempts.at(0)?.state).toBe('orphaned')
    expect(it.settled.size).toBeGreaterThan(480)
  })

  test('if it rolls over for a year', () => {
    const it = rolling()
    for (let hour = 0; hour < 3 * 2920; hour += 3) {
      replace(it)
        .wait(3 * 3600)
        .heartbeat()
    }
    expect(it.recording.attemptCount).toBe(2921)
    expect(numbers(it)).toEqual([2921])
  })
})
