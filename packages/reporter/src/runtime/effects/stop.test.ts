import { describe, expect, test } from 'vitest'
import { createHarness } from '../../testing/harness.ts'

describe('a stop', () => {
  test.each([
    ['the task is already stopping', { status: 400, json: { code: 49, reason: 'invalid operation' } }],
    ['nothing was recorded', { status: 206, json: { code: 435, reason: 'no recorded data' } }],
  ])('is complete if Agora says that %s', async (_what, answer) => {
    const harness = await createHarness()
    await harness.rolling()
    harness.agora.answer('stop', answer)
    await harness.api('POST', '/v1/recordings/class42/stop')
    await harness.drainEffects()
    expect(await harness.recording()).toMatchObject({ state: 'stopped' })
  })

  test('is retried until Agora confirms it', async () => {
    const harness = await createHarness()
    await harness.rolling()
    const failure = { status: 500, json: { code: 500, reason: 'internal error' } }
    harness.agora.answer('stop', failure, failure)
    await harness.api('POST', '/v1/recordings/class42/stop')
    await harness.drainEffects()
    expect(await harness.recording()).toMatchObject({
      state: 'stopping',
      deadlines: { stopBy: expect.any(String) },
    })
    await harness.pass(16)
    expect(await harness.recording()).toMatchObject({ state: 'stopped', deadlines: {} })
    expect(harness.agora.calls().filter((call) => call === 'stop')).toHaveLength(3)
  })
})
