import { describe, expect, test } from 'vitest'
import { rolling, type TrackedRecording } from './testing/trackedRecording.ts'

const BOARD = { name: '#board', detail: 'hidden' }

/** A check fails and passes again, each for a second. */
const flip = (it: TrackedRecording, times: number): TrackedRecording => {
  for (let n = 1; n <= times; n += 1) {
    it.pass(1).checksFail(BOARD)
    expect(it.state).toBe('unhealthy')
    it.pass(1).heartbeat()
    expect(it.state).toBe('rolling')
  }
  return it
}
const written = ({ timeline }: TrackedRecording, from: number) => timeline.slice(from).map(({ code }) => code)
const summaries = ({ timeline }: TrackedRecording) =>
  timeline.filter(({ code }) => code === 'timeline.repeated')

describe('a check that flips each second', () => {
  test('for ten minutes has one line a minute, and not one restart', () => {
    const it = rolling()
    const before = it.timeline.length
    flip(it, 300)
    expect(written(it, before)).toEqual([
      ...Array(3).fill(['page.check_failed', 'page.recovered', 'recording.rolling']).flat(),
      ...Array(9).fill('timeline.repeated'),
    ])
    expect(it.recording.attempts).toHaveLength(1)
    expect(it.recording.failures).toEqual([])
  })

  test('is counted: no change is missing', () => {
    const it = flip(rolling(), 90)
    it.pass(60, { page: 'reports' })
    const counts = summaries(it).map(({ evidence }) => evidence.count)
    // The first six of the 180 changes were written.
    expect(counts.reduce((sum: number, count) => sum + Number(count), 0)).toBe(174)
  })

  test('has a line that says how often, from when to when, and what fails now', () => {
    const it = flip(rolling(), 20).pass(1).checksFail(BOARD).pass(19)
    expect(summaries(it)).toEqual([])
    it.pass(1)
    const at = (seconds: number) => it.recording.createdAt + seconds * 1000
    expect(it.timeline.find(({ code }) => code === 'timeline.repeated')).toEqual({
      code: 'timeline.repeated',
      attempt: 1,
      at: 68,
      message: 'The checks of the page changed 35 more times within 40 s: #board (hidden)',
      evidence: {
        count: 35,
        from: at(8),
        to: at(48),
        entries: { 'page.check_failed': 18, 'page.recovered': 17, 'recording.rolling': 17 },
        failing: [BOARD],
      },
    })
  })

  test('is written immediately again after a quiet minute', () => {
    const it = flip(rolling(), 10)
    it.pass(120, { page: 'reports' }).checksFail(BOARD)
    expect(it.codes).toEqual(['page.check_failed'])
    expect(it.deadlines.repeatsAt).toBeUndefined()
    it.wait(1).heartbeat()
    expect(it.codes).toEqual(['page.recovered', 'recording.rolling'])
  })

  test('is summed up when its attempt ends', () => {
    const it = flip(rolling(), 10).notification(71, { code: 6 })
    expect(it.codes).toEqual(['timeline.repeated', 'attempt.failed', 'attempt.requested'])
    expect(it.attempt(1).repeats).toEqual({})
  })

  test('is summed up when the recording is stopped', () => {
    const it = flip(rolling(), 10).stop()
    expect(it.codes).toContain('timeline.repeated')
    it.stopAnswers('stopped', 1)
    expect(it.deadlines).toEqual({})
  })

  test('is counted from the new time after a clock step', () => {
    const it = flip(rolling(), 10).clockStepBack(3600).signal({ type: 'due' })
    expect(summaries(it.pass(61, { page: 'reports' }))).toHaveLength(1)
  })
})

describe('other entries without end', () => {
  /** Seconds after a recording has begun to roll. */
  const Minutes = 5
  test.each<[string, (it: TrackedRecording, n: number) => unknown]>([
    ['a warning that comes and goes', (it, n) => it.heartbeat({ warnings: n % 2 ? [BOARD] : [] })],
    ['a page that reloads itself', (it, n) => it.hello({ page: `r${n}` }).loaded({ page: `r${n}` })],
    ['gaps in the sequence of notifications', (it, n) => it.notification(4, { sequence: 2 * n })],
    ['fatal errors inside Agora', (it) => it.notification(1, { errorLevel: 5, code: 50 })],
    ['failovers', (it, n) => it.notification(12, { newUid: `${n}` })],
    ['second sids', (it, n) => it.signal(startedAgain(`other${n}`))],
  ])('%s: at most one line a minute after the first ones', (_, cause) => {
    const it = rolling()
    const before = it.timeline.length
    for (let n = 1; n <= Minutes * 60; n += 1) {
      it.pass(1)
      if (n % 10 === 0) it.heartbeat()
      cause(it, n)
    }
    const codes = written(it, before)
    const first = codes.filter((code) => code !== 'timeline.repeated')
    for (const code of first) expect(first.filter((each) => each === code).length).toBeLessThanOrEqual(3)
    expect(codes.length - first.length).toBeGreaterThan(0)
    expect(codes.length - first.length).toBeLessThanOrEqual(Minutes)
  })

  test('attention of different codes is never counted together', () => {
    const it = rolling()
    it.recording.repeats = {
      retries: {
        from: it.recording.createdAt,
        to: it.recording.createdAt,
        written: { 'attention.raised agora_unreachable': 3 },
        counted: {},
      },
    }
    it.notification(71, { code: 6 })
    it.signal({
      type: 'startFailed',
      attempt: 2,
      failure: 'busy',
      trouble: 'account',
      message: 'refused',
      evidence: {},
    })
    expect(it.codes).toContain('attention.raised')
  })
})

const startedAgain = (sid: string) => ({ type: 'started', attempt: 1, sid, resourceId: 'resource1' }) as const
