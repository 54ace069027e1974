import { describe, expect, test } from 'vitest'
import { rolling, rollingWithReplace, type TrackedRecording } from '../testing/trackedRecording.ts'
import { MAX_PAUSES } from './pauses.ts'

/** In seconds since the recording was created. A rolling recording has loaded after 7 s. */
const pauses = ({ recording }: TrackedRecording) =>
  recording.pauses.map(({ from, to }) => [since(recording.createdAt, from), since(recording.createdAt, to)])
const since = (start: number, at: number | null) => (at === null ? null : (at - start) / 1000)

const paused = (it = rolling()) => it.wait(3).pause().wait(1).updateAnswers('done')

describe('a recording’s pauses', () => {
  test('last from the confirmed pause to the confirmed resume', () => {
    const it = rolling()
    expect(pauses(it.wait(3).pause())).toEqual([])
    expect(pauses(it.wait(1).updateAnswers('done'))).toEqual([[11, null]])
    expect(pauses(it.wait(5).heartbeat().resume())).toEqual([[11, null]])
    expect(pauses(it.wait(2).updateAnswers('done'))).toEqual([[11, 18]])
    expect(pauses(paused(it))).toEqual([
      [11, 18],
      [22, null],
    ])
  })

  test('begin when the update that is sent again is confirmed, if the answer to the first was lost', () => {
    const it = rolling().pause().updateAnswers('unknown')
    it.dueAfter(5).updateAnswers('done')
    expect(pauses(it)).toEqual([[12, null]])
  })

  test('begin when Agora answers a query that it writes nothing, although no pause was requested', () => {
    const it = rolling().wait(3).notification(11, { code: 0 })
    expect(it.live?.update).toBeNull()
    expect(pauses(it.answers({ onhold: true }))).toEqual([[10, null]])
    expect(pauses(it.wait(2).updateAnswers('done'))).toEqual([[10, 12]])
  })

  test('go on while an attempt on hold replaces another', () => {
    const byRestart = paused().restart().wait(3).started().wait(9).hello().loaded()
    expect(pauses(byRestart)).toEqual([[11, null]])
    const byFailure = paused().wait(2).notification(71, { code: 6 })
    expect(pauses(byFailure)).toEqual([[11, null]])
    expect(pauses(byFailure.wait(4).started())).toEqual([[11, null]])
    const byRollOver = paused().passUntil('candidate.started', { page: 'reports' }).started()
    expect(pauses(byRollOver.hello().loaded())).toEqual([[11, null]])
    expect(byRollOver.live?.number).toBe(2)
  })

  test('end with the start of an attempt that writes, if the attempt on hold ended before the resume', () => {
    const it = paused(rollingWithReplace())
    it.notification(71, { code: 6 }).startFailed('busy').wait(5).resume()
    expect(pauses(it)).toEqual([[11, null]])
    it.passUntil('attempt.requested').wait(1).started()
    expect(it.live?.onhold).toBe(false)
    expect(pauses(it)).toEqual([[11, it.now]])
  })

  test('end with the recording', () => {
    expect(pauses(paused().wait(4).stop().stopAnswers('stopped', 1))).toEqual([[11, 15]])
  })

  test('are counted from the new time after a clock step', () => {
    const it = paused().wait(1).clockStepBack(10).signal({ type: 'due' })
    expect(pauses(it)).toEqual([[1, null]])
  })

  test('are bounded: the newest are kept', () => {
    const it = rolling()
    for (let n = 0; n < MAX_PAUSES + 5; n += 1) {
      it.wait(1).heartbeat().pause().updateAnswers('done').wait(1).resume().updateAnswers('done')
    }
    expect(pauses(it)).toHaveLength(MAX_PAUSES)
    expect(pauses(it).at(-1)).toEqual([it.now - 1, it.now])
  })
})
