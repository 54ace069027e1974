import { expect, test } from 'vitest'
import { recordingRequestSchema } from '../../recordingRequest.ts'
import { rollingWithReplace } from '../../supervisor/testing/trackedRecording.ts'
import { historyOf } from './history.ts'
import { viewRecording } from './recordingView.ts'

test('gaveUpAt is when the recording gave up; a requested restart ends it', () => {
  const it = rollingWithReplace({ restart: { maxFailures: 0 } }).wait(3)
  const request = recordingRequestSchema.parse({ url: 'https://page.test/' })
  const gaveUpAt = () => {
    const { recording } = it
    const stored = { recording, version: 1, updatedAt: recording.createdAt, request }
    return viewRecording({ stored, history: historyOf(recording) }, {}).gaveUpAt
  }
  expect(gaveUpAt()).toBeNull()
  it.notification(71, { code: 6 })
  const at = new Date(it.recording.createdAt + 10_000).toISOString()
  expect(gaveUpAt()).toBe(at)
  it.wait(5).signal({ type: 'due' })
  expect(gaveUpAt()).toBe(at)
  it.restart()
  expect(gaveUpAt()).toBeNull()
})
