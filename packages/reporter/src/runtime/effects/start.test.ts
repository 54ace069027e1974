import { describe, expect, test } from 'vitest'
import { config, createHarness, notification, REQUEST } from '../../testing/harness.ts'

const starts = (harness: { agora: { calls(): string[] } }): number =>
  harness.agora.calls().filter((call) => call === 'start').length

describe('a start', () => {
  test('is written ahead: its resource is stored before start is sent', async () => {
    const harness = await createHarness()
    const seen: unknown[] = []
    harness.agora.onRequest(async ({ call, resourceId }) => {
      if (call !== 'start') return
      const { attempts, state } = await harness.recording()
      seen.push({ state, sent: resourceId, stored: attempts[0]?.resourceId })
    })
    await harness.create()
    expect(seen).toEqual([{ state: 'starting', sent: 'resource1', stored: 'resource1' }])
  })

  test('that a crash interrupted is sent again unchanged, without another acquire', async () => {
    const harness = await createHarness()
    const start = harness.agora.delayAnswer('start')
    await harness.api('POST', '/v1/recordings', REQUEST)
    await start.arrived
    await harness.crash()
    await harness.drainEffects()
    expect(harness.agora.calls()).toEqual(['acquire', 'start', 'start'])
    const [, first, second] = harness.agora.sent
    expect(second).toEqual(first)
    expect(await harness.recording()).toMatchObject({
      state: 'loading',
      attempts: [{ number: 1, resourceId: 'resource1', sid: 'sid2' }],
    })
    start.release()
  })

  test('that Agora accepted before the crash makes no second task: a notification brings its sid', async () => {
    const harness = await createHarness()
    const start = harness.agora.delayAnswer('start')
    await harness.api('POST', '/v1/recordings', REQUEST)
    await start.arrived
    harness.agora.answer('start', { status: 400, json: { code: 53, reason: 'task conflict' } })
    await harness.crash()
    await harness.drainEffects()
    expect(await harness.recording()).toMatchObject({ state: 'starting', attempts: [{ sid: null }] })
    expect((await harness.timeline()).at(-1)?.code).toBe('attempt.unknown')
    start.release()
    expect(harness.agora.calls().filter((call) => call === 'acquire')).toHaveLength(1)
  })

  test('that a crash prevented is sent once', async () => {
    const harness = await createHarness()
    const acquire = harness.agora.delayAnswer('acquire')
    await harness.api('POST', '/v1/recordings', REQUEST)
    await acquire.arrived
    await harness.crash()
    await harness.drainEffects()
    expect(harness.agora.calls()).toEqual(['acquire', 'acquire', 'start'])
    expect(await harness.recording()).toMatchObject({ state: 'loading', attempts: [{ sid: 'sid1' }] })
  })

  test('acquires another resource if the stored one is too old', async () => {
    const harness = await createHarness()
    const start = harness.agora.delayAnswer('start')
    await harness.api('POST', '/v1/recordings', REQUEST)
    await start.arrived
    harness.jump(300)
    await harness.crash()
    await harness.drainEffects()
    expect(harness.agora.calls()).toEqual(['acquire', 'start', 'acquire', 'start'])
    expect(await harness.recording()).toMatchObject({ attempts: [{ number: 1, resourceId: 'resource2' }] })
  })

  describe('whose answers were all lost, and that was sent with two resources', () => {
    const notCompleted = { status: 206, json: { code: 65, reason: 'request not completed' } }
    const timedOut = { status: 504, json: { code: 62, reason: 'request timeout' } }
    const notFound = { status: 404, json: { code: 404, reason: 'failed to find worker' } }

    const lost = async () => {
      const harness = await createHarness()
      harness.agora.answer('start', ...Array(3).fill(notCompleted), ...Array(4).fill(timedOut))
      await harness.create()
      expect(harness.agora.calls().filter((call) => call === 'acquire')).toHaveLength(2)
      await harness.notify(notification({ eventType: 70 }))
      return harness
    }

    test('is stopped once its sid is known, if stop came before the second resource was used', async () => {
      const harness = await createHarness()
      const acquire = harness.agora.delayAnswer('acquire')
      harness.agora.answer('start', ...Array(3).fill(notCompleted))
      await harness.api('POST', '/v1/recordings', REQUEST)
      await acquire.arrived
      const second = harness.agora.delayAnswer('acquire')
      acquire.release()
      await second.arrived
      await harness.api('POST', '/v1/recordings/class42/stop')
      second.release()
      await harness.drainEffects()
      expect(await harness.recording()).toMatchObject({
        state: 'stopping',
        attempts: [{ resourceId: 'resource1' }],
      })
      await harness.notify(notification({ eventType: 70 }))
      await harness.drainEffects()
      expect(harness.agora.sent.at(-1)).toMatchObject({ call: 'stop', sid: 'sid1', resourceId: 'resource1' })
      expect(await harness.recording()).toMatchObject({ state: 'stopped' })
    })

    test('is queried with each of them until Agora finds the sid', async () => {
      const harness = await lost()
      expect(await harness.recording()).toMatchObject({
        attempts: [{ sid: 'sid1', resourceId: 'resource1' }],
      })
      harness.agora.answer('query', notFound)
      await harness.pass(5)
      const queries = harness.agora.sent.filter(({ call }) => call === 'query')
      expect(queries.map(({ resourceId }) => resourceId)).toEqual(['resource1', 'resource2'])
      const [attempt] = (await harness.recording()).attempts
      expect(attempt).toMatchObject({ resourceId: 'resource2' })
      expect(attempt?.confirmedAt).not.toBeNull()
    })

    test('is stopped with each of them until Agora finds the sid', async () => {
      const harness = await lost()
      harness.agora.answer('stop', notFound)
      await harness.api('POST', '/v1/recordings/class42/stop')
      await harness.drainEffects()
      const stops = harness.agora.sent.filter(({ call }) => call === 'stop')
      expect(stops.map(({ resourceId }) => resourceId)).toEqual(['resource1', 'resource2'])
      expect(await harness.recording()).toMatchObject({ state: 'stopped' })
    })
  })

  test('is followed by a stop if stop was requested meanwhile', async () => {
    const harness = await createHarness()
    const start = harness.agora.delayAnswer('start')
    await harness.api('POST', '/v1/recordings', REQUEST)
    await start.arrived
    const stop = await harness.api('POST', '/v1/recordings/class42/stop')
    expect(await stop.json()).toMatchObject({ state: 'stopping' })
    start.release()
    await harness.drainEffects()
    expect(harness.agora.sent.at(-1)).toMatchObject({ call: 'stop', sid: 'sid1' })
    expect(await harness.recording()).toMatchObject({ state: 'stopped', attempts: [{ state: 'ended' }] })
  })

  test('is not sent if stop was requested before', async () => {
    const harness = await createHarness()
    const acquire = harness.agora.delayAnswer('acquire')
    await harness.api('POST', '/v1/recordings', REQUEST)
    await acquire.arrived
    await harness.api('POST', '/v1/recordings/class42/stop')
    acquire.release()
    await harness.drainEffects()
    expect(harness.agora.calls()).toEqual(['acquire'])
    expect(await harness.recording()).toMatchObject({ state: 'stopped' })
  })

  test('that Agora refuses permanently is not retried', async () => {
    const harness = await createHarness()
    harness.agora.always('acquire', { status: 400, json: { code: 2, reason: 'parameter error' } })
    await harness.create()
    await harness.pass(10)
    expect(harness.agora.calls()).toEqual(['acquire'])
    expect(await harness.recording()).toMatchObject({ state: 'failed', reason: { code: 'start_failed' } })
  })

  test.each([
    [109, 'expired'],
    [110, 'wrong'],
  ])(
    'whose token Agora refuses (%d) is postponed until it is accepted, with attention',
    async (code, reason) => {
      const harness = await createHarness()
      harness.agora.always('start', { status: 400, json: { code, reason } })
      const channel = { kind: 'channel', mode: 'mix', channel: 'room', recordingConfig: { channelType: 1 } }
      await harness.create({ ...channel, id: 'mix1', url: undefined })
      await harness.pass(600)
      expect(await harness.recording('mix1')).toMatchObject({
        state: 'recovering',
        attention: [{ code: 'token_unavailable', message: expect.stringContaining(`${code}`) }],
        attempts: [{ number: 1 }],
      })
      harness.agora.always('start', { status: 200, json: { sid: 'sid1' } })
      await harness.pass(80)
      expect(await harness.recording('mix1')).toMatchObject({
        state: 'rolling',
        attention: [],
        attempts: [{ number: 1, sid: 'sid1' }],
      })
    },
  )

  test('that exceeds the quota is postponed, and does not count as a failure', async () => {
    const harness = await createHarness({ defaultPolicy: { restart: { delays: [0, 2], jitter: 0 } } })
    harness.agora.answer('acquire', ...Array(8).fill({ status: 400, json: { code: 406, reason: 'over' } }))
    await harness.create()
    await harness.pass(20)
    expect(await harness.recording()).toMatchObject({ state: 'loading', attempts: { length: 1 } })
    expect(starts(harness)).toBe(1)
  })

  const html = '<html>Blocked by policy</html>'
  describe.each([
    ['401', { status: 401, json: { message: 'Unauthorized' } }, 'agora_refuses_account'],
    ['400 for growing too fast', { status: 400, json: { message: 'too fast' } }, 'agora_refuses_account'],
    ['400/405', { status: 400, json: { code: 405, reason: 'no_active_status' } }, 'agora_refuses_account'],
    ["a proxy's 403", { status: 403, text: html }, 'agora_unreachable'],
    ["a proxy's 404", { status: 404, text: html }, 'agora_unreachable'],
    ['an empty 408', { status: 408, text: '' }, 'agora_unreachable'],
  ])('whose acquire is answered %s', (_, answer, code) => {
    test('is postponed until it is accepted, with attention and a degraded /readyz', async () => {
      const harness = await createHarness()
      harness.agora.always('acquire', answer)
      expect(await harness.create({ policy: { restart: { delays: [0, 60] } } })).toMatchObject({
        state: 'recovering',
        gaveUp: null,
        attention: [{ code, message: expect.stringContaining(`HTTP ${answer.status}`) }],
        attempts: [{ number: 1 }],
      })
      const detail = expect.stringContaining(`acquire: HTTP ${answer.status}`)
      const readiness = { status: 'degraded', checks: { agora: { ok: false, detail } } }
      expect(await (await harness.request('/readyz')).json()).toMatchObject(readiness)
      await harness.pass(600)
      expect(await harness.recording()).toMatchObject({ state: 'recovering', attempts: [{ number: 1 }] })
      harness.agora.always('acquire', { status: 200, json: { resourceId: 'resource' } })
      await harness.pass(80)
      expect(await harness.recording()).toMatchObject({ state: 'loading', attention: [] })
      expect(await (await harness.request('/readyz')).json()).toMatchObject({
        checks: { agora: { ok: true } },
      })
      const codes = (await harness.timeline()).map((entry) => entry.code)
      expect(codes.filter((each) => each.startsWith('attention'))).toEqual([
        'attention.raised',
        'attention.cleared',
      ])
    })
  })

  describe('whose storage profile was removed from the configuration', () => {
    const delays = { restart: { delays: [0, 5], jitter: 0 } }
    const trouble = {
      code: 'storage_unavailable',
      message: expect.stringContaining('There is no storage profile "default" in STORAGE_PROFILES'),
    }

    test('is postponed, with attention, until the profile is back', async () => {
      const storageProfiles = { ...config.storageProfiles }
      const harness = await createHarness({ storageProfiles, defaultPolicy: delays })
      await harness.rolling()
      const { default: profile } = storageProfiles
      delete storageProfiles.default
      await harness.notify(notification({ eventType: 71, details: { code: 6 } }))
      await harness.pass(60)
      expect(await harness.recording()).toMatchObject({
        state: 'recovering',
        gaveUp: null,
        attention: [trouble],
        attempts: [{ number: 1 }, { number: 2, state: 'starting' }],
      })
      expect(starts(harness)).toBe(1)
      Object.assign(storageProfiles, { default: profile })
      await harness.pass(5)
      expect(await harness.recording()).toMatchObject({ state: 'loading', attention: [] })
    })

    test('may have gone through, if an earlier process sent it: its sid is waited for', async () => {
      const storageProfiles = { ...config.storageProfiles }
      const harness = await createHarness({ storageProfiles })
      const start = harness.agora.delayAnswer('start')
      await harness.api('POST', '/v1/recordings', REQUEST)
      await start.arrived
      delete storageProfiles.default
      await harness.crash()
      await harness.drainEffects()
      expect(await harness.recording()).toMatchObject({ state: 'starting', attention: [trouble] })
      await harness.notify(notification({ eventType: 70 }))
      expect(await harness.recording()).toMatchObject({ attention: [], attempts: [{ sid: 'sid1' }] })
      start.release()
    })
  })

  test.each([
    ['400/2', { status: 400, json: { code: 2, reason: 'invalid parameter' } }],
    ['an unknown code', { status: 403, json: { code: 999, reason: 'forbidden' } }],
  ])('that the service refuses with %s is final', async (_, answer) => {
    const harness = await createHarness()
    harness.agora.always('acquire', answer)
    expect(await harness.create()).toMatchObject({ state: 'failed', gaveUp: { code: 'start_failed' } })
    expect(await (await harness.request('/readyz')).json()).toMatchObject({ status: 'ok' })
  })

  test('whose answer a proxy replaced may have gone through: nothing is started beside it', async () => {
    const harness = await createHarness()
    harness.agora.always('start', { status: 403, text: html })
    expect(await harness.create()).toMatchObject({
      state: 'starting',
      attention: [{ code: 'agora_unreachable' }],
    })
    expect((await harness.timeline()).map(({ code }) => code)).toContain('attempt.unknown')
    await harness.notify(notification({ eventType: 70 }))
    expect(await harness.recording()).toMatchObject({ attention: [], attempts: [{ sid: 'sid1' }] })
  })
})
