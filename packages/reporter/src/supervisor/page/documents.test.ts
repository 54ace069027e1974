import { describe, expect, test } from 'vitest'
import { rolling, type TrackedRecording } from '../testing/trackedRecording.ts'

const TWO = { code: 'two_documents' }
/** Somebody opens the URL of a page that rolls: `page1` is the recorder's document. */
const opened = () => rolling().wait(3).hello({ page: 'other' })
/** Both documents report every 10 s. */
const bothReport = (it: TrackedRecording, seconds: number) => {
  for (let left = seconds; left > 0; left -= 10) {
    it.pass(10).heartbeat({ page: 'other' }).heartbeat({ page: 'page1' })
  }
  return it
}

describe('two documents with one token', () => {
  test('raise attention once the earlier one speaks on, until it is silent for a minute', () => {
    const it = bothReport(opened().loaded({ page: 'other' }), 20)
    expect(it.recording.attention).toEqual([])
    expect(bothReport(it, 10).recording.attention).toMatchObject([TWO])
    it.pass(59, { page: 'reports' })
    expect(it.recording.attention).toMatchObject([TWO])
    it.pass(1)
    expect(it.recording.attention).toEqual([])
    expect(it.recording.attempts).toHaveLength(1)
  })

  test('stay one attention across a downtime of the reporter, in which none could report', () => {
    const it = bothReport(opened().loaded({ page: 'other' }), 30).downtime(600)
    bothReport(it, 20)
    expect(it.recording.attention).toMatchObject([TWO])
    expect(it.timeline.filter(({ code }) => code.startsWith('attention.'))).toHaveLength(1)
  })

  test('stay one attention, however rarely a document reports', () => {
    const it = rolling({ heartbeatInterval: 300, heartbeatTimeout: 700 }).wait(3).hello({ page: 'other' })
    it.loaded({ page: 'other' })
    for (let n = 1; n <= 8; n += 1) it.pass(300).heartbeat().heartbeat({ page: 'page1' })
    expect(it.timeline.filter(({ code }) => code.startsWith('attention.'))).toHaveLength(1)
  })

  test('are expected after a failover, for failoverWindow', () => {
    const it = rolling().wait(3).notification(12, { newUid: '1' }).wait(2).hello({ page: 'other' })
    bothReport(it.loaded({ page: 'other' }), 80)
    expect(it.recording.attention).toEqual([])
    expect(bothReport(it, 10).recording.attention).toMatchObject([TWO])
  })

  test('the earlier one does not prolong the life of the newest', () => {
    const it = opened().loaded({ page: 'other' })
    for (let n = 1; n <= 3; n += 1) it.pass(10).heartbeat({ page: 'page1' })
    expect(it.recording.replacing?.code).toBe('page_silent')
  })

  test('the earlier one does not fail the newest', () => {
    const it = opened().loaded({ page: 'other' })
    for (let n = 1; n <= 12; n += 1) {
      it.pass(10)
        .heartbeat({ page: 'other' })
        .heartbeat({ page: 'page1', failing: ['#board'] })
    }
    expect(it.state).toBe('rolling')
    expect(it.recording.attempts).toHaveLength(1)
  })

  test('an unhealthy stranger costs one candidate, whose token is another, and no second of the recording', () => {
    const it = bothReport(opened(), 60)
    expect(it.recording.replacing?.code).toBe('page_not_loaded')
    it.started().wait(5).hello({ attempt: 2 }).loaded({ attempt: 2 })
    expect(it.live?.number).toBe(2)
    expect(it.recording.attention).toEqual([])
    bothReport(it, 0)
    it.heartbeat({ attempt: 1, page: 'other' }).hello({ attempt: 1, page: 'third' })
    expect(it.live?.number).toBe(2)
    expect(it.state).toBe('rolling')
  })

  test('the earlier one counts again when the newest is closed, up to its own silence', () => {
    const it = bothReport(opened(), 20).wait(4).report('bye', { page: 'other' })
    expect(it.codes).toContain('page.bye')
    expect(it.live?.page).toMatchObject({ id: 'page1', loaded: true })
    expect(it.state).toBe('rolling')
    expect(it.deadlines).toMatchObject({ beatBy: 30 + 30 })
    expect(it.deadlines.loadBy).toBeUndefined()
    it.pass(100, { page: 'reports' })
    expect(it.recording.attempts).toHaveLength(1)
    it.hello({ page: 'other' })
    expect(it.live?.page?.id).toBe('page1')
  })

  test('when one of three is closed, the attention about the others stays', () => {
    const it = bothReport(opened().loaded({ page: 'other' }), 40).hello({ page: 'third' })
    it.pass(1)
      .heartbeat({ page: 'other' })
      .heartbeat({ page: 'page1' })
      .wait(4)
      .report('bye', { page: 'third' })
    expect(it.live?.page?.id).toBe('page1')
    expect(bothReport(it, 20).recording.attention).toMatchObject([TWO])
    const entries = it.timeline.filter(({ code }) => code.startsWith('attention.'))
    expect(entries.map(({ code }) => code)).toEqual(['attention.raised'])
  })

  test('the attempts that a stranger kept from loading count no more when the page counts again', () => {
    const restart = { delays: [0], maxNeverLoaded: 2 }
    const it = rolling({ restart }).wait(3).hello({ page: 'other' })
    bothReport(bothReport(it, 60).started(), 80)
    expect(it.recording.neverLoaded).toBe(1)
    it.report('bye', { attempt: 1, page: 'other' })
    expect(it.live?.page).toMatchObject({ id: 'page1', loaded: true })
    expect(it.recording.neverLoaded).toBe(0)
  })

  test('those that failed while the stranger had loaded as well still count', () => {
    const restart = { maxNeverLoaded: 5 }
    const it = rolling({ restart }).wait(3).hello({ page: 'other' })
    it.loaded({ page: 'other' })
    expect(it.live?.page).toMatchObject({ id: 'other', loaded: true })
    it.recording.neverLoaded = 2
    bothReport(it, 10).report('bye', { attempt: 1, page: 'other' })
    expect(it.live?.page).toMatchObject({ id: 'page1', loaded: true })
    expect(it.recording.neverLoaded).toBe(2)
  })

  test('one that said bye, or has not reported since, does not count again', () => {
    const silent = opened().wait(5).report('bye', { page: 'other' })
    expect(silent.live?.page?.id).toBe('other')
    const left = bothReport(opened(), 10).report('bye', { page: 'page1' })
    expect(left.report('bye', { page: 'other' }).live?.page?.id).toBe('other')
  })

  test('are bounded: of many documents only a hello makes another one the newest', () => {
    const it = rolling()
    for (let n = 1; n <= 30; n += 1) it.wait(1).hello({ page: `r${n}` })
    expect(it.live?.earlierPages).toHaveLength(8)
    expect(it.live?.followedPages).toHaveLength(4)
    it.heartbeat({ page: 'page1' })
    expect(it.live?.page?.id).toBe('r30')
  })
})
