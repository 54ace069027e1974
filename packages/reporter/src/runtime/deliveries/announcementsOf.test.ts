import { describe, expect, test } from 'vitest'
import { decide } from '../../supervisor/decide.ts'
import { mergePolicy, type PolicyInput } from '../../supervisor/policy.ts'
import { newRecording, type Recording } from '../../supervisor/recording.ts'
import type { PageReport, Signal } from '../../supervisor/signal.ts'
import type { Announcement } from './announcement.ts'
import { announcementsOf } from './announcementsOf.ts'
import { DELIVERY_SCHEMAS, MAX_BODY_BYTES, writeBody } from './deliveryBody.ts'

const START = Date.UTC(2026, 0, 1)
const LABELS = { course: '7b' }

/** A recording that is decided on, and everything that was announced. */
const createScene = (policy: PolicyInput = {}) => {
  let now = START
  let seq = 0
  let recording: Recording = newRecording(
    'class42',
    mergePolicy({ restart: { delays: [0], jitter: 0, ...policy.restart }, ...policy }),
    now,
    3,
  )
  const all: Announcement[] = []
  let isNew = true
  const apply = (signal: Signal): Announcement[] => {
    const decision = decide(recording, signal, { now, random: 0.5 })
    const announced = announcementsOf({ before: isNew ? undefined : recording, decision, labels: LABELS })
    isNew = false
    recording = decision.recording
    all.push(...announced)
    return announced
  }
  const scene = {
    all,
    apply,
    recording: () => recording,
    pass: (seconds: number) => {
      now += seconds * 1000
    },
    due: () => apply({ type: 'due' }),
    report: (report: Partial<PageReport> = {}, attempt = recording.attemptCount) => {
      seq += 1
      const filled = { type: 'heartbeat', page: `page${attempt}`, seq, failing: [], ...report } as const
      return apply({ type: 'report', attempt, report: filled as PageReport })
    },
    started: (attempt = recording.attemptCount) => [
      ...apply({ type: 'acquired', attempt, resourceId: `r${attempt}` }),
      ...apply({ type: 'started', attempt, sid: `sid${attempt}`, resourceId: `r${attempt}` }),
    ],
    rolling: () => {
      apply({ type: 'created' })
      scene.started()
      scene.report({ type: 'hello' })
      scene.report({ type: 'loaded' })
      all.length = 0
    },
    ended: (code: number, attempt = recording.attemptCount, files: string[] = []) =>
      apply({
        type: 'notification',
        attempt,
        notification: { eventType: 71, sid: `sid${attempt}`, code, files },
      }),
    types: () => all.map(({ type }) => type),
  }
  return scene
}

const typesOf = (announced: readonly Announcement[]) => announced.map(({ type }) => type)

describe('the course of a recording', () => {
  test('is created, and rolls once its page has loaded', () => {
    const scene = createScene()
    expect(scene.apply({ type: 'created' })).toEqual([
      {
        type: 'recording.created',
        recording: { id: 'class42', kind: 'page', labels: LABELS, state: 'starting', attempt: 1, sid: null },
      },
    ])
    expect(scene.started()).toEqual([])
    expect(scene.report({ type: 'hello' })).toEqual([])
    expect(scene.report({ type: 'loaded' })).toEqual([
      {
        type: 'recording.rolling',
        recording: { id: 'class42', kind: 'page', labels: LABELS, state: 'rolling', attempt: 1, sid: 'sid1' },
      },
    ])
    expect(scene.report()).toEqual([])
  })

  test('is unhealthy with the reason, and rolls again', () => {
    const scene = createScene()
    scene.rolling()
    const [unhealthy, ...others] = scene.report({ failing: [{ name: '#board' }] })
    expect(others).toEqual([])
    expect(unhealthy).toMatchObject({
      ...{ type: 'recording.unhealthy', final: false, recording: { state: 'unhealthy', attempt: 1 } },
      reason: { code: 'page_unhealthy', evidence: { failing: [{ name: '#board' }] } },
    })
    expect(typesOf(scene.report())).toEqual(['recording.rolling'])
  })

  test('an attempt that Agora ends has failed, and another one is the current one', () => {
    const scene = createScene()
    scene.rolling()
    const [failed, restarted, ...others] = scene.ended(6)
    expect(others).toEqual([])
    expect(failed).toMatchObject({
      ...{ type: 'recording.attempt_failed', attempt: 1 },
      reason: { code: 'stopped_by_agora', evidence: { code: 6 } },
    })
    expect(restarted).toMatchObject({
      ...{ type: 'recording.restarted', from: 1, to: 2, reason: { code: 'stopped_by_agora' } },
      recording: { state: 'starting', attempt: 2, sid: null },
    })
  })

  test('is recovering while it waits for the next attempt', () => {
    const scene = createScene({ restart: { delays: [30], jitter: 0 } })
    scene.rolling()
    expect(typesOf(scene.ended(6))).toEqual(['recording.attempt_failed', 'recording.recovering'])
    scene.pass(31)
    expect(scene.due()).toMatchObject([{ type: 'recording.restarted', from: 1, to: 2 }])
  })

  test('a candidate takes over from a silent page', () => {
    const scene = createScene()
    scene.rolling()
    scene.report({ failing: [{ name: '#board' }] })
    scene.pass(21)
    expect(typesOf(scene.due())).toEqual([])
    scene.started(2)
    scene.report({ type: 'hello' }, 2)
    scene.all.length = 0
    const announced = scene.report({ type: 'loaded' }, 2)
    expect(announced).toMatchObject([
      { type: 'recording.restarted', from: 1, to: 2, reason: { code: 'page_unhealthy' } },
      { type: 'recording.rolling', recording: { attempt: 2, sid: 'sid2' } },
    ])
  })

  test('rolls over as planned', () => {
    const scene = createScene()
    scene.rolling()
    expect(scene.ended(1)).toMatchObject([
      { type: 'recording.rolled_over', from: 1, to: 2, reason: { code: 'max_recording_hour' } },
    ])
  })

  test('is paused and resumed once Agora confirms it', () => {
    const scene = createScene()
    scene.rolling()
    expect(scene.apply({ type: 'pause' })).toEqual([])
    const done = { type: 'updateAnswered', attempt: 1, outcome: 'done', evidence: {} } as const
    expect(scene.apply({ ...done, sent: { onhold: true } })).toMatchObject([
      { type: 'recording.paused', reason: null, recording: { state: 'paused' } },
    ])
    expect(scene.apply({ type: 'resume' })).toEqual([])
    expect(typesOf(scene.apply({ ...done, sent: { onhold: false } }))).toEqual(['recording.resumed'])
  })

  test('is stopped, and a pause that ends with it is not resumed', () => {
    const scene = createScene()
    scene.rolling()
    scene.apply({ type: 'pause' })
    const done = { type: 'updateAnswered', attempt: 1, outcome: 'done', evidence: {} } as const
    scene.apply({ ...done, sent: { onhold: true } })
    expect(scene.apply({ type: 'stop' })).toEqual([])
    const stopped = {
      type: 'stopAnswered',
      attempt: 1,
      sid: 'sid1',
      outcome: 'stopped',
      evidence: {},
    } as const
    expect(scene.apply({ ...stopped, files: ['a1.m3u8'] })).toMatchObject([
      { type: 'recording.files_added', files: [{ name: 'a1.m3u8', attempt: 1 }], count: 1 },
      { type: 'recording.stopped', recording: { state: 'stopped', attempt: null } },
    ])
  })

  test('fails when the request is refused for good', () => {
    const scene = createScene()
    scene.apply({ type: 'created' })
    const refused = { failure: 'permanent', message: 'Agora refuses it', evidence: { code: 2 } } as const
    expect(scene.apply({ type: 'startFailed', attempt: 1, ...refused })).toMatchObject([
      { type: 'recording.attempt_failed', attempt: 1, reason: { code: 'start_failed' } },
      { type: 'recording.failed', reason: { code: 'start_failed', evidence: { code: 2 } } },
    ])
  })

  test('has files as Agora lists them, each once', () => {
    const scene = createScene()
    scene.rolling()
    const queried = (files: string[]) =>
      scene.apply({ type: 'queried', attempt: 1, answer: { kind: 'status', status: 5, files } })
    expect(queried(['a.m3u8'])).toMatchObject([
      { type: 'recording.files_added', files: [{ name: 'a.m3u8', attempt: 1 }], count: 1 },
    ])
    expect(queried(['a.m3u8'])).toEqual([])
    const many = Array.from({ length: 150 }, (_, index) => `${index}.mp4`)
    const [added] = queried(['a.m3u8', ...many])
    expect(added).toMatchObject({ count: 150, files: { length: 100 } })
  })

  test('raises attention and clears it', () => {
    const scene = createScene()
    scene.apply({ type: 'created' })
    const busy = { failure: 'busy', trouble: 'account', message: 'Agora refuses it', evidence: {} } as const
    const [recovering, raised, ...others] = scene.apply({ type: 'startFailed', attempt: 1, ...busy })
    expect(others).toEqual([])
    expect(recovering).toMatchObject({ type: 'recording.recovering' })
    expect(raised).toMatchObject({
      type: 'recording.attention_raised',
      attention: { code: 'agora_refuses_account', since: new Date(START).toISOString() },
    })
    for (let n = 0; n < 5; n += 1) {
      scene.pass(60)
      expect(scene.due(), 'the same start is sent again').toEqual([])
      expect(scene.apply({ type: 'startFailed', attempt: 1, ...busy })).toEqual([])
    }
    scene.pass(60)
    scene.due()
    expect(scene.started()).toMatchObject([
      { type: 'recording.attention_cleared', attention: { code: 'agora_refuses_account' } },
    ])
  })
})

describe('a page that flickers', () => {
  /** Its checks fail and pass again every two seconds. */
  const flicker = (scene: ReturnType<typeof createScene>, seconds: number): void => {
    for (let at = 0; at < seconds; at += 2) {
      scene.report({ failing: at % 4 === 0 ? [{ name: '#board' }] : [] })
      scene.pass(2)
      if ((scene.recording().deadlines.repeatsAt ?? Infinity) <= START + at * 1000 + 2000) scene.due()
    }
  }

  test('costs a delivery a minute after the first ones, and it has the number of changes', () => {
    const scene = createScene()
    scene.rolling()
    flicker(scene, 600)
    expect(scene.all.length).toBeLessThanOrEqual(6 + 10)
    expect(scene.all.length).toBeGreaterThan(6 + 5)
    const repeated = scene.all.flatMap((each) => ('repeated' in each && each.repeated ? [each.repeated] : []))
    for (const count of repeated.slice(1)) expect(count).toBeGreaterThan(20)
  })

  test.each([[[]], [[{ name: '#board' }]]])('is announced as it is in the end: failing %j', (failing) => {
    const scene = createScene({ unhealthyTimeout: 600 })
    scene.rolling()
    flicker(scene, 60)
    scene.report({ failing })
    const state = scene.recording().state
    for (let n = 0; n < 5; n += 1) {
      scene.pass(30)
      scene.due()
      scene.report({ failing })
    }
    expect(scene.recording().state).toBe(state)
    expect(scene.all.at(-1)?.type).toBe(`recording.${state}`)
  })
})

describe('a body', () => {
  const about = {
    recording: { id: 'a', kind: 'page', labels: LABELS, state: 'unhealthy', attempt: 1, sid: null },
  } as const
  const meta = { id: 'dlv_1', time: new Date(START).toISOString() }

  test('fits its schema, with a sequence', () => {
    const scene = createScene()
    scene.apply({ type: 'created' })
    scene.started()
    scene.report({ type: 'hello' })
    scene.report({ type: 'loaded' })
    scene.report({ failing: [{ name: '#board' }] })
    scene.ended(6)
    expect(scene.all.length).toBeGreaterThan(4)
    for (const announcement of scene.all) {
      const body = { ...JSON.parse(writeBody(announcement, meta)), sequence: 1 }
      expect(DELIVERY_SCHEMAS[announcement.type].parse(body)).toEqual(body)
    }
  })

  test.each<[string, Announcement]>([
    [
      'evidence',
      {
        ...{ type: 'recording.unhealthy', ...about, final: false },
        reason: { code: 'page_unhealthy', message: 'short', evidence: { failing: 'x'.repeat(30_000) } },
      },
    ],
    [
      'a message of three-byte characters',
      {
        ...{ type: 'recording.failed', ...about },
        reason: { code: 'page_unhealthy', message: '板'.repeat(30_000), evidence: {} },
      },
    ],
    [
      'a message of control characters',
      {
        ...{ type: 'recording.failed', ...about },
        reason: { code: 'page_unhealthy', message: '\u0001'.repeat(30_000), evidence: {} },
      },
    ],
    [
      'names of files',
      {
        ...{ type: 'recording.files_added', ...about, count: 100 },
        files: Array.from({ length: 100 }, () => ({ name: 'f'.repeat(7000), attempt: 1 })),
      },
    ],
    [
      'labels',
      {
        type: 'recording.created',
        recording: {
          ...about.recording,
          labels: Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`l${n}`, '\u0001'.repeat(256)])),
        },
      },
    ],
    [
      'attention',
      {
        ...{ type: 'recording.attention_raised', ...about },
        attention: { code: 'no_files', message: 'x'.repeat(30_000), since: meta.time },
      },
    ],
    [
      'files',
      {
        ...{ type: 'recording.files_added', ...about, count: 100 },
        files: Array.from({ length: 100 }, () => ({ name: 'f'.repeat(700), attempt: 1 })),
      },
    ],
  ])('with long %s stays below 20 kB', (_what, announcement) => {
    const text = writeBody(announcement, meta)
    expect(Buffer.byteLength(text)).toBeLessThan(MAX_BODY_BYTES)
    const body = { ...JSON.parse(text), sequence: Number.MAX_SAFE_INTEGER }
    expect(DELIVERY_SCHEMAS[announcement.type].parse(body)).toEqual(body)
  })

  test('keeps the longest labels of ordinary characters beside a long message', () => {
    const labels = Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`l${n}`, '板'.repeat(256)]))
    const reason = { code: 'page_unhealthy', message: '板'.repeat(30_000), evidence: {} }
    const recording = { ...about.recording, labels }
    const text = writeBody({ type: 'recording.failed', recording, reason }, meta)
    expect(Buffer.byteLength(text)).toBeLessThan(MAX_BODY_BYTES)
    expect(JSON.parse(text)).toMatchObject({ recording: { labels }, reason: { message: '板'.repeat(2000) } })
  })
})
