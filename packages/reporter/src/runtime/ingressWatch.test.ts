import { describe, expect, test } from 'vitest'
import { createLog } from '../log.ts'
import { canReplaceSilent, canStartCanary } from '../supervisor/page/canary.ts'
import type { PolicyInput } from '../supervisor/policy.ts'
import type { Recording } from '../supervisor/recording.ts'
import { rolling, type TrackedRecording } from '../supervisor/testing/trackedRecording.ts'
import type { PageActivity } from './heartbeatBuffer.ts'
import { createIngressWatch, type IngressStep } from './ingressWatch.ts'

const SECOND = 1000
const INTERVAL = 10 * SECOND

/** Pages that send a heartbeat every 10 s, page n at n seconds past; at second 0 all have just reported. */
const world = (count: number, policy: PolicyInput = {}) => {
  const pageOf = (recordingId: string, at: number): PageActivity => ({
    recordingId,
    at,
    interval: INTERVAL,
    get canStartCanary() {
      return canStartCanary(recordingOf(recordingId).recording)
    },
    get canReplaceSilent() {
      return canReplaceSilent(recordingOf(recordingId).recording)
    },
  })
  const pages = Array.from({ length: count }, (_, index) => pageOf(`class${index}`, 0))
  const watch = createIngressWatch(() => pages, createLog('silent'))
  const steps: (IngressStep & { at: number })[] = []
  let now = 0
  const recordings = new Map<string, TrackedRecording>()
  const recordingOf = (id: string): TrackedRecording => {
    const known = recordings.get(id)
    if (known) return known
    const it = rolling(policy)
    it.recording.id = id
    it.ingressSuspect = true
    it.pass(60)
    recordings.set(id, it)
    return it
  }
  return {
    watch,
    steps,
    pages,
    pageOf,
    recordingOf,
    get now() {
      return now / SECOND
    },
    get isOutage() {
      return watch.outageSince() !== null
    },
    /** Time passes, and each step is taken; `silent` are the pages that do not report. */
    pass(seconds: number, silent: number[] = []) {
      for (const end = now + seconds * SECOND; now < end; ) {
        now += SECOND
        for (const [index, page] of pages.entries()) {
          const reports = (now / SECOND - index) % 10 === 0
          if (reports && !silent.includes(index)) page.at = now
        }
        watch.update(now)
        const step = watch.nextStep(now)
        if (!step) continue
        steps.push({ ...step, at: now / SECOND })
        const it = recordingOf(step.recordingId)
        it.signal({ type: step.type })
        watch.taken(step, it.recording, now)
      }
      return this
    },
    observe(id: string, change: (it: TrackedRecording) => unknown) {
      const it = recordingOf(id)
      change(it)
      watch.observe(it.recording)
      return this
    },
  }
}

const all = (pages: number): number[] => Array.from({ length: pages }, (_, index) => index)

describe('an outage begins', () => {
  test.each([
    [3, 3],
    [6, 3],
    [100, 50],
  ])('with %i pages when %i fall silent together, before the first is suspected', (count, silent) => {
    expect(world(count).pass(20).pass(29, all(silent)).isOutage).toBe(true)
  })

  test.each([
    [2, 2],
    [7, 3],
    [100, 49],
  ])('not with %i pages of which %i are silent', (count, silent) => {
    expect(world(count).pass(20).pass(200, all(silent)).isOutage).toBe(false)
  })

  test('not because of pages that have been silent for long: they have been dealt with', () => {
    const it = world(5)
    it.pass(20).pass(400, [0, 1])
    it.pages.push(it.pageOf('class5', it.now * SECOND))
    expect(it.pass(60, [0, 1, 2]).isOutage).toBe(false)
  })

  test('not for the time in which the reporter was not listening', () => {
    const it = world(4).pass(20)
    it.pass(5, all(4))
    it.watch.resumed(it.now * SECOND)
    expect(it.pass(15, all(4)).isOutage).toBe(false)
    expect(it.pass(5, all(4)).isOutage).toBe(true)
  })
})

describe('it lasts', () => {
  test('for as long as most pages are silent: hours, with one canary at a time', () => {
    const it = world(4).pass(20)
    it.pass(30, all(4))
    for (let minute = 0; minute < 120; minute += 1) {
      const before = it.steps.length
      it.pass(60, all(4))
      const canary = it.steps[before]
      if (canary) it.observe(canary.recordingId, (recording) => recording.acquired().started().pass(100))
    }
    expect(it.isOutage).toBe(true)
    expect(it.steps.every(({ type }) => type === 'canary')).toBe(true)
    const waits = it.steps.slice(1).map(({ at }, index) => at - (it.steps[index]?.at ?? 0))
    expect(waits[0]).toBeGreaterThanOrEqual(120)
    expect(waits.slice(2).every((wait) => wait >= 600)).toBe(true)
  })

  test('until enough pages report again and the others have had three intervals', () => {
    const it = world(6).pass(20)
    it.pass(60, all(6))
    it.pass(20, [0])
    expect(it.isOutage).toBe(true)
    expect(it.pass(30, [0]).isOutage).toBe(false)
  })
})

describe('canaries', () => {
  const outage = () => {
    const it = world(4).pass(20)
    return it.pass(85, all(4))
  }
  const canaryOf = (it: ReturnType<typeof world>): string => it.steps[0]?.recordingId ?? ''

  test('the first one starts once the patience is over, beside one silent page', () => {
    const it = outage()
    expect(it.steps).toMatchObject([{ type: 'canary' }])
    expect((it.steps[0]?.at ?? 0) * SECOND - (it.watch.outageSince() ?? 0)).toBe(60 * SECOND)
    expect(it.pass(500, all(4)).steps).toHaveLength(1)
  })

  test('one that is silent too is followed by another one, on another recording, after 2, 5, 10, 10 minutes', () => {
    const it = outage()
    it.observe(canaryOf(it), (recording) => recording.acquired().started().pass(100))
    it.pass(119, all(4))
    expect(it.steps).toHaveLength(1)
    it.pass(3, all(4))
    expect(it.steps).toHaveLength(2)
    expect(it.steps[1]?.recordingId).not.toBe(canaryOf(it))
  })

  test('one that reports shows that the pages are broken: they are replaced one by one', () => {
    const it = outage()
    it.observe(canaryOf(it), (recording) => recording.acquired().started().hello())
    it.pass(20, all(4))
    const replaced = it.steps.slice(1)
    expect(replaced.every(({ type }) => type === 'replaceSilent')).toBe(true)
    expect(replaced.slice(1).map(({ at }, index) => at - (replaced[index]?.at ?? 0))).toEqual([5, 5, 5])
    expect(new Set(replaced.map(({ recordingId }) => recordingId)).size).toBe(4)
    expect(it.isOutage).toBe(true)
  })

  test('when all silent pages are being replaced, no recording is asked again', () => {
    const it = outage()
    it.observe(canaryOf(it), (recording) => recording.acquired().started().hello())
    expect(it.pass(20, all(4)).steps).toHaveLength(1 + 4)
    expect(it.pass(300, all(4)).steps).toHaveLength(1 + 4)
  })

  test('a recording that cannot have one is not asked', () => {
    const it = world(4).pass(20)
    it.recordingOf('class0').stop()
    it.pass(92, all(4))
    expect(it.steps.map(({ recordingId }) => recordingId)).toEqual(['class1'])
  })

  test('a recording that was stopped meanwhile is passed over', () => {
    const { watch, recordingOf } = world(4).pass(20).pass(40, all(4))
    const now = (watch.outageSince() ?? 0) + 60 * SECOND
    const step = watch.nextStep(now)
    expect(step?.recordingId).toBe('class0')
    if (step) watch.taken(step, recordingOf('class0').stop().recording, now)
    expect(watch.nextStep(now + 4 * SECOND)).toBeUndefined()
    expect(watch.nextStep(now + 5 * SECOND)?.recordingId).toBe('class1')
  })

  test('no recording is asked, however long it lasts, if no page may be open twice', () => {
    const it = world(4, { handOver: 'replace' }).pass(20)
    it.pass(3600, all(4))
    expect(it.isOutage).toBe(true)
    expect(it.steps).toEqual([])
  })

  test('a page that reports takes its place if none of the silent ones may be open twice', () => {
    const it = world(4, { handOver: 'replace' }).pass(20).pass(200, all(4))
    expect(it.steps).toEqual([])
    it.pass(60, [0, 1])
    expect(it.steps.map(({ recordingId, type }) => [recordingId, type])).toEqual([
      ['class0', 'replaceSilent'],
      ['class1', 'replaceSilent'],
    ])
  })

  test('one that an earlier process started is waited for', () => {
    const it = world(4).pass(20)
    it.observe('class2', (recording) => recording.signal({ type: 'canary' }).acquired().started())
    it.pass(200, all(4))
    expect(it.steps).toEqual([])
    it.observe('class2', (recording) => recording.pass(100))
    expect(it.pass(125, all(4)).steps).toMatchObject([{ type: 'canary', recordingId: 'class0' }])
  })

  test('none starts while pages are returning', () => {
    const it = world(4).pass(20)
    it.pass(40, all(4))
    expect(it.pass(60, [0]).steps).toEqual([])
  })
})

test('a recording that is not the canary’s changes nothing', () => {
  const it = world(4).pass(20)
  it.pass(85, all(4))
  const other = { ...rolling().recording, id: 'other' } as Recording
  it.watch.observe(other)
  expect(it.pass(10, all(4)).steps).toHaveLength(1)
})
