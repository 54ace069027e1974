import { describe, expect, test } from 'vitest'
import { expectProblem } from '../../testing/expectProblem.ts'
import { createHarness, type Harness, REQUEST } from '../../testing/harness.ts'

/** The harness's clock starts at this time. */
const STARTS_AT = Date.UTC(2026, 0, 1)
const PATH = `/v1/recordings/${REQUEST.id}`

/** So many seconds after the harness's clock has started. */
const time = (seconds: number): string => new Date(STARTS_AT + seconds * 1000).toISOString()

const scheduled = async (schedule: Record<string, unknown>): Promise<Harness> => {
  const harness = await createHarness()
  await harness.create(schedule)
  return harness
}

const codes = async (harness: Harness): Promise<string[]> =>
  (await harness.timeline()).map(({ code }) => code)

describe('a recording with startAt', () => {
  test('exists, and begins startAhead seconds before', async () => {
    const harness = await scheduled({ startAt: '2026-01-01T01:10:00+01:00', stopAt: time(1200) })
    expect(await harness.recording()).toMatchObject({
      ...{ state: 'starting', attempts: [], gaps: [] },
      ...{ startAt: time(600), startAhead: 60, stopAt: time(1200), maxDuration: null },
      ...{ startsAt: time(540), nextAttemptAt: time(540), endsAt: time(1200) },
      deadlines: { beginAt: time(540), endAt: time(1200) },
    })
    const list = (await (await harness.api('GET', '/v1/recordings?state=starting')).json()) as object
    expect(list).toMatchObject({ items: [{ nextAttemptAt: time(540), current: null }] })
    await harness.pass(539)
    expect(harness.agora.calls()).toEqual([])
    await harness.pass(1)
    expect(harness.agora.calls()).toEqual(['acquire', 'start'])
    expect(await harness.recording()).toMatchObject({ startsAt: null, nextAttemptAt: null })
  })

  test('begins late if the reporter was down, and ends without an attempt if its time is over by then', async () => {
    const harness = await scheduled({ startAt: time(600) })
    const over = { ...REQUEST, id: 'over', startAt: time(600), stopAt: time(900) }
    expect((await harness.api('POST', '/v1/recordings', over)).status).toBe(201)
    harness.jump(1000)
    await harness.crash()
    await harness.pass(1)
    expect(await codes(harness)).toContain('recording.begun')
    expect((await harness.recording()).attemptCount).toBe(1)
    expect(await harness.recording('over')).toMatchObject({
      ...{ state: 'stopped', attemptCount: 0 },
      reason: { code: 'time_over', message: expect.stringContaining('it had not begun') },
    })
  })

  test('has its standby begin with it', async () => {
    const harness = await scheduled({ startAt: time(600), standby: true })
    await harness.pass(541)
    expect(harness.agora.calls().filter((call) => call === 'start')).toHaveLength(2)
  })

  test('begins now if it is restarted, and never if it is stopped', async () => {
    const harness = await scheduled({ startAt: time(600) })
    await harness.api('POST', `${PATH}/restart`)
    await harness.drainEffects()
    expect(harness.agora.calls()).toEqual(['acquire', 'start'])
    const other = await scheduled({ startAt: time(600) })
    await other.api('POST', `${PATH}/stop`)
    await other.pass(700)
    expect(other.agora.calls()).toEqual([])
    expect(await other.recording()).toMatchObject({ state: 'stopped', reason: { code: 'stopped' } })
  })

  test('is the same recording for the same request, whatever the zone', async () => {
    const harness = await scheduled({ startAt: time(600), maxDuration: 300 })
    const again = { ...REQUEST, startAt: '2025-12-31T22:10:00-02:00', maxDuration: 300 }
    expect((await harness.api('POST', '/v1/recordings', again)).status).toBe(200)
    const other = { ...again, maxDuration: 301 }
    const { errors } = await expectProblem(await harness.api('POST', '/v1/recordings', other), 409)
    expect(errors).toMatchObject([{ path: 'maxDuration' }])
  })

  test('of a channel begins at that time', async () => {
    const harness = await createHarness()
    const channel = {
      ...{ id: 'lesson7', kind: 'channel', mode: 'mix', channel: 'lesson-7' },
      ...{ recordingConfig: { channelType: 1 }, startAt: time(600) },
    }
    await harness.api('POST', '/v1/recordings', channel)
    expect(await harness.recording('lesson7')).toMatchObject({ startAhead: 0, startsAt: time(600) })
    await harness.pass(600)
    expect(harness.agora.calls()).toEqual(['acquire', 'start'])
  })
})

describe('a recording with stopAt or maxDuration', () => {
  test.each([{ stopAt: time(20) }, { maxDuration: 20 }])(
    '%j is stopped at Agora, and says why',
    async (schedule) => {
      const harness = await scheduled(schedule)
      await harness.report({ type: 'hello' })
      await harness.report({ type: 'loaded' })
      await harness.pass(19)
      expect(harness.agora.calls()).not.toContain('stop')
      await harness.pass(1)
      await harness.drainEffects()
      expect(harness.agora.calls()).toContain('stop')
      expect(await harness.recording()).toMatchObject({
        ...{ state: 'stopped', desired: 'stopped', endsAt: time(20) },
        reason: { code: 'time_over' },
        attempts: [{ state: 'ended', endReason: { code: 'time_over' } }],
      })
      const timeline = await codes(harness)
      expect(timeline.filter((code) => code === 'recording.time_over' || code === 'attempt.failed')).toEqual([
        'recording.time_over',
      ])
    },
  )

  test('ends at the same time of day after a step of the clock', async () => {
    const harness = await scheduled({ stopAt: time(600) })
    await harness.pass(60)
    harness.stepClock(-3600)
    await harness.pass(5)
    expect((await harness.recording()).deadlines.endAt).toBe(time(600))
    harness.stepClock(3600)
    await harness.pass(600 - 65)
    expect(await codes(harness)).toContain('recording.time_over')
  })
})

describe('PATCH of a schedule', () => {
  const patch = (harness: Harness, body: object): Promise<Response> => harness.api('PATCH', PATH, body)

  test('moves it, and null removes it', async () => {
    const harness = await scheduled({ startAt: time(600), stopAt: time(900) })
    const moved = await patch(harness, { startAt: time(1200), startAhead: 10, stopAt: null, maxDuration: 60 })
    expect(await moved.json()).toMatchObject({
      ...{ startsAt: time(1190), stopAt: null, endsAt: time(1260) },
    })
    const version = (await harness.recording()).version
    await patch(harness, { startAt: time(1200), stopAt: null })
    expect((await harness.recording()).version).toBe(version)
    expect((await harness.timeline()).at(-1)).toMatchObject({
      code: 'recording.changed',
      evidence: { fields: ['startAt', 'startAhead', 'stopAt', 'maxDuration'] },
    })
    // The request that created it is still the same.
    const again = { ...REQUEST, startAt: time(600), stopAt: time(900) }
    expect((await harness.api('POST', '/v1/recordings', again)).status).toBe(200)
    await harness.crash()
    expect(await harness.recording()).toMatchObject({ startsAt: time(1190), endsAt: time(1260) })
    await patch(harness, { startAt: null, maxDuration: null })
    await harness.drainEffects()
    expect(harness.agora.calls()).toEqual(['acquire', 'start'])
    expect(await harness.recording()).toMatchObject({ startAt: null, startsAt: null, endsAt: null })
  })

  test('is refused for the beginning of one that has begun, and its end can still be moved', async () => {
    const harness = await scheduled({ startAt: time(600), stopAt: time(900) })
    await harness.pass(540)
    const { detail } = await expectProblem(await patch(harness, { startAt: time(700) }), 409)
    expect(detail).toContain('has begun')
    expect((await patch(harness, { startAt: time(600), stopAt: time(700) })).status).toBe(200)
    await harness.pass(160)
    expect((await harness.recording()).reason?.code).toBe('time_over')
  })

  test.each<[object, string]>([
    [{ stopAt: time(50) }, 'stopAt'],
    [{ stopAt: time(100) }, 'stopAt'],
    [{ maxDuration: 100 }, 'maxDuration'],
    [{ maxDuration: 0 }, 'maxDuration'],
    [{ startAt: '2026-01-01T00:10:00' }, 'startAt'],
  ])('answers 422 to %j', async (body, path) => {
    const harness = await scheduled({})
    await harness.pass(100)
    const { errors } = await expectProblem(await patch(harness, body), 422)
    expect(errors).toMatchObject([{ path }])
  })
})

describe('POST /v1/recordings', () => {
  test.each<[object, string, string]>([
    [{ startAt: '2026-01-01T10:00:00' }, 'startAt', 'must be a time with a zone'],
    [{ startAt: 'tomorrow' }, 'startAt', 'must be a time with a zone'],
    [{ startAt: '2026-02-30T10:00:00Z' }, 'startAt', 'must be a time with a zone'],
    [{ startAt: '2028-01-01T10:00:00Z' }, 'startAt', 'must be within 366 days'],
    [{ stopAt: '2028-01-01T10:00:00Z' }, 'stopAt', 'must be within 366 days'],
    [{ stopAt: time(0) }, 'stopAt', 'must be in the future'],
    [{ startAt: time(600), stopAt: time(600) }, 'stopAt', 'must be later than startAt'],
    [{ startAt: time(-600), maxDuration: 500 }, 'maxDuration', 'has passed already'],
    [{ maxDuration: 2_592_001 }, 'maxDuration', 'must be at most 2592000'],
    [{ startAhead: 3601 }, 'startAhead', 'must be at most 3600'],
  ])('answers 422 to %j', async (schedule, path, message) => {
    const harness = await createHarness()
    const response = await harness.api('POST', '/v1/recordings', { ...REQUEST, ...schedule })
    const { errors } = await expectProblem(response, 422)
    expect(errors).toEqual([{ path, message: expect.stringContaining(message) }])
  })
})
