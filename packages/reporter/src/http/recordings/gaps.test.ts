import { describe, expect, test } from 'vitest'
import { recordingRequestSchema } from '../../recordingRequest.ts'
import { rollingChannel } from '../../supervisor/testing/trackedChannel.ts'
import { rolling, type TrackedRecording, track } from '../../supervisor/testing/trackedRecording.ts'
import { type GapView, gapsOf } from './gaps.ts'
import { historyOf } from './history.ts'
import { viewRecording } from './recordingView.ts'

const BEGIN = Date.UTC(2027, 0, 15, 8)
const view = ({ recording }: TrackedRecording) =>
  viewRecording(
    {
      stored: {
        ...{ recording, version: 1, updatedAt: recording.createdAt },
        request: recordingRequestSchema.parse({ url: 'https://page.test/' }),
      },
      history: historyOf(recording),
    },
    {},
  )

/** Times in seconds since the recording was created. */
const gaps = (it: TrackedRecording) =>
  view(it).gaps.map(({ from, to, ...rest }: GapView) => ({
    from: (Date.parse(from) - BEGIN) / 1000,
    to: to === null ? null : (Date.parse(to) - BEGIN) / 1000,
    ...rest,
  }))
/** The newest attempt starts and has loaded 10 s later. */
const startsAndLoads = (it: TrackedRecording): TrackedRecording => it.started().wait(10).hello().loaded()

describe('gaps', () => {
  test('do not exist while the first attempt loads and is well', () => {
    expect(gaps(track().acquired().started())).toEqual([])
    expect(gaps(rolling().pass(300, { page: 'reports' }))).toEqual([])
  })

  test('begin at the last heartbeat of a page that fell silent', () => {
    const it = rolling().wait(5).heartbeat().pass(30)
    expect(gaps(it)).toEqual([{ from: 12, to: null, after: 1, before: null, reason: 'page_silent' }])
    expect(gaps(startsAndLoads(it))).toEqual([
      { from: 12, to: 52, after: 1, before: 2, reason: 'page_silent' },
    ])
  })

  test('begin at the first failed check of an unhealthy page', () => {
    const it = rolling().wait(5).checksFail('#board').wait(8).checksFail('#board').pass(12)
    expect(gaps(startsAndLoads(it))).toMatchObject([{ from: 12, to: 42, reason: 'page_unhealthy' }])
  })

  test('begin when Agora ends the task of a healthy page', () => {
    const it = rolling().wait(5).heartbeat().wait(5).notification(71, { code: 6 })
    expect(gaps(startsAndLoads(it))).toMatchObject([{ from: 17, to: 27, reason: 'stopped_by_agora' }])
    const rolled = rolling().wait(5).heartbeat().notification(71, { code: 1 })
    expect(gaps(startsAndLoads(rolled))).toMatchObject([{ from: 12, to: 22, reason: 'max_recording_hour' }])
  })

  test('span attempts that never loaded', () => {
    const it = rolling().notification(71, { code: 6 }).started().notification(71, { code: 5 }).pass(2)
    expect(gaps(startsAndLoads(it))).toEqual([
      { from: 7, to: 19, after: 1, before: 3, reason: 'stopped_by_agora' },
    ])
  })

  test('begin with the recording if the first attempt never loaded', () => {
    const it = track().acquired().started().wait(4).notification(71, { code: 5 })
    expect(gaps(it)).toEqual([])
    expect(gaps(startsAndLoads(it))).toEqual([
      { from: 0, to: 14, after: null, before: 2, reason: 'stopped_by_agora' },
    ])
  })

  test('are not left by a pause, but by a page that is replaced during one', () => {
    const paused = rolling().pause().updateAnswers('done').pass(60, { page: 'reports' })
    expect(gaps(paused)).toEqual([])
    expect(gaps(paused.resume().updateAnswers('done', false))).toEqual([])
    const replaced = rolling().pause().updateAnswers('done').pass(60)
    expect(gaps(startsAndLoads(replaced))).toMatchObject([{ after: 1, before: 2, reason: 'page_silent' }])
  })

  test('begin when Agora last confirmed that it records, if the task of a channel is lost', () => {
    const it = rollingChannel().pass(100)
    const { recordsAt } = it.newest
    it.passUntil('candidate.started', { agora: 2 })
    const lost = gapsOf(it.recording, historyOf(it.recording))
    const from = new Date(recordsAt ?? 0).toISOString()
    expect(lost).toEqual([{ from, to: null, after: 1, before: null, reason: 'lost_at_agora' }])
    it.pass(30, { agora: 5 })
    expect(gapsOf(it.recording, historyOf(it.recording))).toEqual([])
  })

  test('stay open if no attempt follows; a requested stop is not a gap', () => {
    expect(gaps(rolling().stop().stopAnswers('stopped', 1))).toEqual([])
    const it = rolling().notification(71, { code: 6 }).stop().started()
    expect(gaps(it)).toMatchObject([{ from: 7, to: null }])
  })
})

test('files lists the files of all attempts, in the order of the attempts', () => {
  const it = rolling()
    .notification(4, { files: ['a1/x.m3u8'] })
    .notification(71, { code: 6 })
  it.started().notification(4, { files: ['a2/x.m3u8'] })
  it.notification(31, { attempt: 1, files: ['a1/x.m3u8', 'a1/x_0.mp4'] })
  expect(view(it).files).toEqual([
    { name: 'a1/x.m3u8', attempt: 1, status: 'confirmed', upload: 'uploaded', standby: false },
    { name: 'a1/x_0.mp4', attempt: 1, status: 'confirmed', upload: 'uploaded', standby: false },
    { name: 'a2/x.m3u8', attempt: 2, status: 'confirmed', upload: 'unknown', standby: false },
  ])
})
