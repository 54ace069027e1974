import { afterEach, describe, expect, test } from 'vitest'
import { createTestBench, startRequest, type TestBench } from '../testing/client.ts'

let bench: TestBench
afterEach(() => bench.emulator.close())

const open = async (...options: Parameters<typeof createTestBench>): Promise<TestBench> => {
  bench = await createTestBench(...options)
  return bench
}

describe('update', () => {
  test('nothing is recorded until onhold is false', async () => {
    const { run, on, clock, emulator } = await open()
    const task = await run({ web: { onhold: true } })
    await clock.advance(10)
    expect(emulator.tasks()).toMatchObject([{ state: 'paused', files: [] }])
    const updated = on(task, 'update', { webRecordingConfig: { onhold: false } })
    await expect.poll(() => emulator.requests().length).toBe(3)
    await clock.advance(0.1)
    expect(await updated).toEqual({ status: 200, body: task })
    expect(emulator.tasks()).toMatchObject([{ state: 'recording', onhold: false }])
    expect(emulator.tasks()[0]?.files).toHaveLength(2)
  })

  test('206/65 while another update is being carried out', async () => {
    const { run, on, clock, emulator } = await open()
    const task = await run()
    const first = on(task, 'update', { webRecordingConfig: { onhold: true } })
    await expect.poll(() => emulator.requests().length).toBe(3)
    expect(await on(task, 'update', {})).toEqual({
      status: 206,
      body: { code: 65, reason: 'request not completed' },
    })
    await clock.advance(0.1)
    expect((await first).status).toBe(200)
  })

  test('replaces the rtmp output, which query lists', async () => {
    const { run, on, clock, emulator } = await open()
    const services = [
      ...(startRequest().extensionServiceConfig as { extensionServices: unknown[] }).extensionServices,
      { serviceName: 'rtmp_publish_service', serviceParam: { outputs: [{ rtmpUrl: 'rtmp://a.example/x' }] } },
    ]
    const task = await run({ request: { extensionServiceConfig: { extensionServices: services } } })
    const updated = on(task, 'update', {
      rtmpPublishConfig: { outputs: [{ rtmpUrl: 'rtmp://b.example/y' }] },
    })
    await expect.poll(() => emulator.requests().length).toBe(3)
    await clock.advance(0.1)
    expect((await updated).status).toBe(200)
    expect((await on(task, 'query')).body).toMatchObject({
      serverResponse: {
        extensionServiceState: [
          { serviceName: 'web_recorder_service' },
          {
            serviceName: 'rtmp_publish_service',
            payload: {
              state: 'inProgress',
              outputs: [{ rtmpUrl: 'rtmp://b.example/y', status: 'publishing' }],
            },
          },
        ],
      },
    })
  })

  test('400/2 names the field, and refuses updateLayout', async () => {
    const { run, on } = await open()
    const task = await run()
    const update = await on(task, 'update', { webRecordingConfig: { onhold: 'no' } })
    expect(update).toEqual({ status: 400, body: { code: 2, reason: 'Update: invalid onhold value!' } })
    const rtmp = await on(task, 'update', { rtmpPublishConfig: { outputs: [{ rtmpUrl: 'rtmp://a/b' }] } })
    expect(rtmp.body.reason).toBe('Update: invalid rtmpPublishConfig value!')
    expect((await on(task, 'updateLayout')).body).toEqual({
      code: 2,
      reason: 'UpdateLayout: invalid mode value!',
    })
  })

  test('400/432 for another cname or uid than that of the task', async () => {
    const { run, on } = await open()
    const task = await run()
    for (const other of [{ cname: 'other' }, { uid: '7' }]) {
      expect(await on({ ...task, ...other }, 'update')).toEqual({
        status: 400,
        body: { code: 432, reason: 'invalid parameter' },
      })
    }
  })
})
