import { describe, expect, test } from 'vitest'
import { expectProblem } from '../../testing/expectProblem.ts'
import { createHarness, type Harness } from '../../testing/harness.ts'

describe('POST /v1/recordings/:id/stop', () => {
  test('stops permanently, and is idempotent', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const response = await harness.api('POST', '/v1/recordings/class42/stop')
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ desired: 'stopped', state: 'stopping' })
    await harness.drainEffects()
    expect(await harness.recording()).toMatchObject({
      desired: 'stopped',
      state: 'stopped',
      reason: { code: 'stopped' },
      attempts: [{ state: 'ended', endReason: { code: 'stopped' } }],
    })
    const again = await harness.api('POST', '/v1/recordings/class42/stop')
    expect(again.status).toBe(200)
    await harness.drainEffects()
    expect(harness.agora.calls().filter((call) => call === 'stop')).toHaveLength(1)
  })
})

describe('POST /v1/recordings/:id/restart', () => {
  test('makes a new attempt and stops the old one', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const response = await harness.api('POST', '/v1/recordings/class42/restart')
    expect(response.status).toBe(200)
    await harness.drainEffects()
    expect(await harness.recording()).toMatchObject({
      state: 'loading',
      attempts: [
        { number: 1, state: 'ended', endReason: { code: 'restarted' } },
        { number: 2, state: 'current', uid: '900002', sid: 'sid2' },
      ],
    })
  })

  test('answers 409 after a stop, and changes nothing', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.api('POST', '/v1/recordings/class42/stop')
    await harness.drainEffects()
    const before = await harness.dump()
    const response = await harness.api('POST', '/v1/recordings/class42/restart')
    await expectProblem(response, 409)
    expect(await harness.dump()).toEqual(before)
  })
})

describe('POST /v1/recordings/:id/pause and resume', () => {
  const updates = (harness: Harness): unknown[] =>
    harness.agora.sent.filter(({ call }) => call === 'update').map(({ body }) => body)
  const hold = (onhold: boolean): unknown => ({
    cname: 'class42',
    uid: '900001',
    clientRequest: { webRecordingConfig: { onhold } },
  })

  test('pauses and resumes writing at Agora; both are idempotent', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const response = await harness.api('POST', '/v1/recordings/class42/pause')
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ paused: true, attempts: [{ onhold: false }] })
    await harness.drainEffects()
    expect((await harness.api('POST', '/v1/recordings/class42/pause')).status).toBe(200)
    await harness.drainEffects()
    expect(updates(harness)).toEqual([hold(true)])
    expect(await harness.recording()).toMatchObject({ state: 'paused', attempts: [{ onhold: true }] })
    expect((await harness.api('POST', '/v1/recordings/class42/resume')).status).toBe(200)
    await harness.drainEffects()
    expect(updates(harness)).toEqual([hold(true), hold(false)])
    expect(await harness.recording()).toMatchObject({
      paused: false,
      attempts: [{ onhold: false }],
      pauses: [{ from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T00:00:00.000Z' }],
    })
  })

  test('starts an attempt of a paused recording on hold', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.api('POST', '/v1/recordings/class42/pause')
    await harness.api('POST', '/v1/recordings/class42/restart')
    await harness.drainEffects()
    const onhold = harness.agora.sent
      .filter(({ call }) => call === 'start')
      .map(({ body }) => JSON.stringify(body).includes('"onhold":true'))
    expect(onhold).toEqual([false, true])
  })

  test('sends the update again after a crash before Agora confirmed it', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const call = harness.agora.delayAnswer('update')
    await harness.api('POST', '/v1/recordings/class42/pause')
    await call.arrived
    await harness.crash()
    await harness.drainEffects()
    expect(updates(harness)).toEqual([hold(true), hold(true)])
    expect(await harness.recording()).toMatchObject({ attempts: [{ onhold: true }] })
    call.release()
    await harness.drainEffects()
    expect(await harness.recording()).toMatchObject({ attempts: [{ onhold: true }] })
  })

  test.each([404, 503])('sends the update again when Agora answers %i', async (status) => {
    const harness = await createHarness()
    await harness.rolling()
    harness.agora.always('update', { status, json: { code: status, reason: 'no' } })
    await harness.api('POST', '/v1/recordings/class42/pause')
    await harness.drainEffects()
    expect(await harness.recording()).toMatchObject({
      attempts: [{ number: 1, onhold: false }],
      deadlines: { updateBy: expect.any(String) },
    })
    harness.agora.always('update', { status: 200, json: {} })
    await harness.pass(6)
    expect(await harness.recording()).toMatchObject({ attempts: [{ number: 1, onhold: true }] })
  })

  test('answers 409 to the pause of a channel, which Agora has not; its resume is for one that waits', async () => {
    const harness = await createHarness()
    const channel = { kind: 'channel', mode: 'mix', channel: 'room', recordingConfig: { channelType: 1 } }
    await harness.create({ ...channel, id: 'mix1', url: undefined })
    const before = await harness.dump()
    const problem = await expectProblem(await harness.api('POST', '/v1/recordings/mix1/pause'), 409)
    expect(problem.detail).toContain('is of a channel')
    expect((await harness.api('POST', '/v1/recordings/mix1/resume')).status).toBe(200)
    expect(await harness.dump()).toEqual(before)
  })

  test('answers 409 after a stop', async () => {
    const harness = await createHarness()
    await harness.rolling()
    await harness.api('POST', '/v1/recordings/class42/stop')
    await expectProblem(await harness.api('POST', '/v1/recordings/class42/pause'), 409)
    await expectProblem(await harness.api('POST', '/v1/recordings/class42/resume'), 409)
  })
})
