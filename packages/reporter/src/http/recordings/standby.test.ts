import { describe, expect, test } from 'vitest'
import { expectProblem } from '../../testing/expectProblem.ts'
import { createHarness, type Harness, notification, REQUEST } from '../../testing/harness.ts'
import type { RecordingSummary } from './recordingSummary.ts'

const STANDBY = 'class42~standby'
const PAIR = { standby: true }

const load = async (harness: Harness, recordingId: string, attempt = 1): Promise<void> => {
  const page = `${recordingId.replace('~', '-')}-${attempt}`
  for (const type of ['hello', 'loaded'] as const) await harness.report({ recordingId, attempt, page, type })
}

/** Agora's event 71 about the current attempt. */
const end = async (harness: Harness, recordingId: string): Promise<void> => {
  const { sid, uid } = (await harness.recording(recordingId)).attempts.at(-1) ?? {}
  const event = { eventType: 71, details: { code: 6 }, noticeId: `end-${sid}` }
  await harness.notify(notification(event, { sid, uid }))
  await harness.drainEffects()
}

const rollingPair = async (): Promise<Harness> => {
  const harness = await createHarness()
  await harness.create(PAIR)
  await load(harness, 'class42')
  await load(harness, STANDBY)
  return harness
}

describe('POST /v1/recordings with a standby', () => {
  test('is idempotent', async () => {
    const harness = await createHarness()
    await harness.create(PAIR)
    expect((await harness.api('POST', '/v1/recordings', { ...REQUEST, ...PAIR })).status).toBe(200)
    await expectProblem(await harness.api('POST', '/v1/recordings', REQUEST), 409)
    expect((await harness.dump()).recordings).toHaveLength(2)
  })

  test.each([
    ['in the request', { policy: { handOver: 'replace' } }, {}],
    ['in the default policy', {}, { defaultPolicy: { handOver: 'replace' } }],
  ] as const)('is refused for a page that must not be open twice, %s', async (_where, request, overrides) => {
    const harness = await createHarness(overrides)
    const response = await harness.api('POST', '/v1/recordings', { ...REQUEST, ...PAIR, ...request })
    expect(await expectProblem(response, 422)).toMatchObject({
      errors: [{ path: 'policy.handOver', message: expect.stringContaining('cannot have a standby') }],
    })
    expect((await harness.dump()).recordings).toEqual([])
  })

  test('has no id of a standby', async () => {
    const harness = await createHarness()
    const response = await harness.api('POST', '/v1/recordings', { ...REQUEST, id: STANDBY })
    expect(await expectProblem(response, 422)).toMatchObject({ errors: [{ path: 'id' }] })
  })
})

describe('GET /v1/recordings/:id', () => {
  test('has no standby if none was requested', async () => {
    const harness = await createHarness()
    expect(await harness.create()).toMatchObject({ standby: null, standbyOf: null })
  })

  test('shows the standby while the recording is not rolling', async () => {
    const harness = await rollingPair()
    await end(harness, 'class42')
    expect(await harness.recording()).toMatchObject({
      state: 'loading',
      attemptCount: 2,
      standbyOf: null,
      standby: {
        ...{ id: STANDBY, state: 'rolling', reason: null, attention: [], gaveUp: null, nextAttemptAt: null },
        attemptCount: 1,
        current: { number: 1, sid: 'sid2', loadedAt: expect.any(String) },
      },
    })
  })

  test('shows why the standby is not rolling', async () => {
    const harness = await rollingPair()
    harness.agora.always('acquire', { status: 401, json: { message: 'Unauthorized' } })
    await end(harness, STANDBY)
    const { state, standby } = await harness.recording()
    expect(state).toBe('rolling')
    expect(standby).toMatchObject({
      state: 'recovering',
      reason: { code: 'start_failed' },
      attention: [{ code: 'agora_refuses_account', since: expect.any(String) }],
      nextAttemptAt: expect.any(String),
      current: { number: 2, sid: null },
    })
  })

  test('lists the files of both', async () => {
    const harness = await rollingPair()
    await harness.pass(10)
    const { files } = await harness.recording()
    expect(files).toMatchObject([
      { name: 'playlist.m3u8', attempt: 1, standby: false },
      { name: 'playlist.m3u8', attempt: 1, standby: true },
    ])
    expect((await harness.recording(STANDBY)).files).toMatchObject([{ attempt: 1, standby: true }])
  })

  test('distinguishes gaps of one from gaps of both', async () => {
    const harness = await rollingPair()
    const from = harness.now()
    const at = (seconds: number): string => new Date(from + seconds * 1000).toISOString()
    harness.jump(5)
    await end(harness, 'class42')
    harness.jump(3)
    await load(harness, 'class42', 2)
    // Only the recording had a gap.
    expect((await harness.recording()).standby).toMatchObject({ gaps: [], gapsOfBoth: [] })
    await end(harness, STANDBY)
    harness.jump(2)
    await end(harness, 'class42')
    harness.jump(4)
    const open = await harness.recording()
    expect(open.gaps.at(-1)).toMatchObject({ after: 2, to: null })
    expect(open.standby?.gaps).toMatchObject([{ after: 1, to: null }])
    expect(open.standby?.gapsOfBoth).toMatchObject([{ to: null }])
    await load(harness, STANDBY, 2)
    const { gaps, standby } = await harness.recording()
    expect(gaps.at(-1)).toMatchObject({ to: null })
    expect(standby?.gaps).toMatchObject([{ to: at(14) }])
    expect(standby?.gapsOfBoth).toEqual([{ from: at(10), to: at(14) }])
  })

  test('shows the standby itself, and everything below it', async () => {
    const harness = await rollingPair()
    expect(await harness.recording(STANDBY)).toMatchObject({
      ...{ id: STANDBY, standbyOf: 'class42', standby: null, state: 'rolling', url: REQUEST.url },
      attempts: [{ uid: '1000001', sid: 'sid2' }],
    })
    expect((await harness.timeline(STANDBY)).map(({ code }) => code)).toContain('recording.created')
    for (const below of ['attempts', 'stats']) {
      expect((await harness.api('GET', `/v1/recordings/${STANDBY}/${below}`)).status).toBe(200)
      expect((await harness.api('GET', `/v1/recordings/other~standby/${below}`)).status).toBe(404)
    }
  })
})

test('GET /v1/recordings lists a recording with the state of its standby', async () => {
  const harness = await rollingPair()
  await harness.create({ id: 'alone' })
  await end(harness, STANDBY)
  const list = async (query: string) => {
    const { items } = (await (await harness.api('GET', `/v1/recordings?${query}`)).json()) as {
      items: RecordingSummary[]
    }
    return items.map(({ id, state, standby }) => ({ id, state, standby }))
  }
  const pair = { id: 'class42', state: 'rolling', standby: 'loading' }
  const alone = { id: 'alone', state: 'loading', standby: null }
  expect((await list('limit=9')).toSorted((one, other) => (one.id < other.id ? -1 : 1))).toEqual([
    alone,
    pair,
  ])
  expect(await list('state=loading')).toEqual([alone])
})

test.each(['stop', 'restart', 'pause', 'resume'])(
  'POST /v1/recordings/:id/%s is refused for a standby, and changes nothing',
  async (command) => {
    const harness = await rollingPair()
    const before = await harness.dump()
    const response = await harness.api('POST', `/v1/recordings/${STANDBY}/${command}`)
    const { detail } = await expectProblem(response, 409)
    expect(detail).toContain('Send the command to "class42"')
    await expectProblem(await harness.api('POST', `/v1/recordings/other~standby/${command}`), 404)
    expect(await harness.dump()).toEqual(before)
  },
)
