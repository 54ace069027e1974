import { expect, test } from 'vitest'
import type { StartTrouble } from './signal.ts'
import { type TrackedRecording, track } from './testing/trackedRecording.ts'

const fails = (it: TrackedRecording, trouble?: StartTrouble): TrackedRecording =>
  it.signal({ type: 'startFailed', attempt: 1, failure: 'busy', trouble, message: 'HTTP 401', evidence: {} })
const attention = (it: TrackedRecording): string[] => it.recording.attention.map(({ code }) => code)

test('a start that the account or the way to Agora prevents raises attention once', () => {
  const it = fails(track(), 'account').pass(100)
  expect(attention(it)).toEqual(['agora_refuses_account'])
  expect(it.recording.attention[0]?.message).toContain('HTTP 401')
  fails(it, 'account')
  expect(it.codes).not.toContain('attention.raised')
  expect(it.state).toBe('recovering')
})

test('a missing storage profile is no fault of the recording either', () => {
  const it = fails(track(), 'storage').pass(100)
  expect(attention(it)).toEqual(['storage_unavailable'])
  expect(attention(fails(it, 'way'))).toEqual(['agora_unreachable'])
})

test('the other trouble takes its place, and a full quota changes nothing', () => {
  const it = fails(track(), 'account').pass(100)
  expect(attention(fails(it, 'way'))).toEqual(['agora_unreachable'])
  expect(attention(fails(it.pass(100)))).toEqual(['agora_unreachable'])
})

test.each([
  ['is accepted', (it: TrackedRecording) => it.pass(100).acquired().started()],
  ['turns out to run', (it: TrackedRecording) => it.notification(70)],
  ['is no longer requested', (it: TrackedRecording) => it.stop()],
  ['is refused for good', (it: TrackedRecording) => it.pass(100).startFailed('permanent')],
])('it is over when the start %s', (_, then) => {
  const it = then(fails(track(), 'way'))
  expect(attention(it)).toEqual([])
  expect(it.timeline.filter(({ code }) => code === 'attention.cleared')).toHaveLength(1)
})
