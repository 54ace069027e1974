import { describe, expect, test } from 'vitest'
import { recordingRequestSchema } from '../../recordingRequest.ts'
import type { Attempt, Time } from '../../supervisor/recording.ts'
import { rolling } from '../../supervisor/testing/trackedRecording.ts'
import { viewStandby, type WithHistory } from './standbyView.ts'

const { recording } = rolling()
const [attempt] = recording.attempts as [Attempt]
const request = recordingRequestSchema.parse({ url: 'https://page.test/' })

/** A recording whose attempts were well at these times, in seconds. */
const wellAt = (times: [from: number, to: number | null][], since: Time | null = null): WithHistory => {
  const attempts = times.map(([from, to], index): Attempt => {
    const state = to === null ? 'current' : 'ended'
    const wellUntil = to === null ? null : to * 1000
    return { ...attempt, number: index + 1, state, loadedAt: from * 1000, wellUntil }
  })
  return { stored: { recording, version: 1, updatedAt: 0, request }, history: { attempts, since } }
}

/** In seconds. */
const sharedGaps = (main: WithHistory, standby: WithHistory) =>
  viewStandby(main, standby).gapsOfBoth.map(({ from, to }) => [
    Date.parse(from) / 1000,
    to === null ? null : Date.parse(to) / 1000,
  ])

describe('the gaps of both', () => {
  const standby = wellAt([
    [10, 100],
    [150, 200],
    [300, null],
  ])

  test('are the times in which neither is well', () => {
    const main = wellAt([
      [10, 90],
      [120, 130],
      [220, null],
    ])
    expect(sharedGaps(main, standby)).toEqual([
      [100, 120],
      [130, 150],
      [200, 220],
    ])
  })

  test('begin where the shorter of the histories does: attempts before it may have been well', () => {
    const main = wellAt(
      [
        [170, 180],
        [220, null],
      ],
      160_000,
    )
    expect(sharedGaps(main, standby)).toEqual([[200, 220]])
    expect(sharedGaps(standby, main)).toEqual([[200, 220]])
    expect(sharedGaps({ ...main, history: { attempts: [], since: 250_000 } }, standby)).toEqual([[250, 300]])
  })
})
