import { afterEach, describe, expect, test } from 'vitest'
import {
  APP_PATH,
  authorization,
  createTestBench,
  type StartChanges,
  startRequest,
  type TestBench,
} from '../testing/client.ts'

let bench: TestBench
afterEach(() => bench.emulator.close())

const open = async (...options: Parameters<typeof createTestBench>): Promise<TestBench> => {
  bench = await createTestBench(...options)
  return bench
}

const HOUR = 3600

describe('any call', () => {
  test('400/2 names the parameter that is not valid', async () => {
    const { acquire } = await open()
    expect(await acquire({ scene: 7 })).toMatchObject({
      status: 400,
      body: { code: 2, reason: expect.stringContaining('clientRequest.scene') },
    })
  })

  test('401: without credentials, and with wrong ones', async () => {
    const { call } = await open()
    const path = `${APP_PATH}/acquire`
    expect(await call('POST', path, {}, {})).toEqual({ status: 401, body: { message: 'Unauthorized' } })
    for (const wrong of [authorization('customer', 'no'), authorization('no'), 'Bearer x', 'Basic']) {
      expect(await call('POST', path, {}, { authorization: wrong })).toEqual({
        status: 401,
        body: { message: 'Invalid authentication credentials' },
      })
    }
  })

  test('429 beyond 10 requests in a second, and 200 again a second later', async () => {
    const { acquire, clock } = await open({ qps: undefined })
    const statuses = []
    for (let n = 0; n < 12; n++) statuses.push((await acquire()).status)
    expect(statuses).toEqual([...Array(10).fill(200), 429, 429])
    expect(await acquire()).toEqual({ status: 429, body: { message: 'API rate limit exceeded' } })
    await clock.pass(1)
    expect((await acquire()).status).toBe(200)
  })

  test('400 for another App ID, 404 for an unknown route or method', async () => {
    const { call } = await open()
    expect(await call('POST', '/v1/apps/other/cloud_recording/acquire', {})).toEqual({
      status: 400,
      body: { message: 'appid is invalid' },
    })
    const noRoute = { status: 404, body: { message: 'no Route matched with those values' } }
    expect(await call('POST', '/v1/apps/app/cloud_recording/Acquire', {})).toEqual(noRoute)
    expect(await call('GET', `${APP_PATH}/acquire`)).toEqual(noRoute)
  })

  test('400/2 for a body that is not JSON, and for the modes that are not emulated', async () => {
    const { call } = await open()
    expect(await call('POST', `${APP_PATH}/acquire`, '{"cname":')).toMatchObject({
      status: 400,
      body: { code: 2, reason: expect.stringContaining('body must be JSON') },
    })
    for (const mode of ['individual', 'mix']) {
      expect(await call('POST', `${APP_PATH}/resourceid/r/mode/${mode}/start`, {})).toMatchObject({
        status: 400,
        body: { code: 2, reason: expect.stringContaining(`mode ${mode} is not emulated yet`) },
      })
    }
    expect((await call('POST', `${APP_PATH}/resourceid/r/mode/Web/start`, {})).body.reason).toContain(
      'not Web',
    )
  })

  test('413 for a body above 1 MiB', async () => {
    const { call } = await open()
    expect((await call('POST', `${APP_PATH}/acquire`, 'x'.repeat(2 ** 20 + 1))).status).toBe(413)
  })

  test('200 with the addresses of the notification servers', async () => {
    const { call } = await open()
    const answer = { status: 200, body: { data: { service: { hosts: [{ primaryIP: '127.0.0.1' }] } } } }
    expect(await call('GET', '/v1/ncs/ip')).toEqual(answer)
    expect(await call('GET', '/v2/ncs/ip')).toEqual(answer)
    expect((await call('GET', '/v2/ncs/ip', undefined, {})).status).toBe(401)
  })
})

describe('acquire', () => {
  test('400/406 when the largest number of tasks is running', async () => {
    const { acquire, run } = await open({ concurrency: 1 })
    await run()
    expect(await acquire()).toEqual({ status: 400, body: { code: 406, reason: 'vendor_over_load' } })
  })

  test('200 echoes cname and uid', async () => {
    const { acquire } = await open()
    expect(await acquire()).toEqual({
      status: 200,
      body: { cname: 'class42', uid: '900001', resourceId: expect.stringMatching(/^[\w-]{100,}$/) },
    })
  })
})

describe('start', () => {
  const resource = async ({ acquire }: TestBench, ...how: Parameters<TestBench['acquire']>) =>
    String((await acquire(...how)).body.resourceId)

  test('200 with the sid', async () => {
    const { start } = await open()
    const resourceId = await resource(bench)
    expect(await start(resourceId)).toEqual({
      status: 200,
      body: { cname: 'class42', uid: '900001', resourceId, sid: expect.stringMatching(/^[0-9a-f]{32}$/) },
    })
  })

  test('201/7 when the resource id is in use, and no second task', async () => {
    const { start, emulator } = await open()
    const resourceId = await resource(bench)
    await start(resourceId)
    expect(await start(resourceId)).toEqual({ status: 201, body: { code: 7, reason: 'already started' } })
    expect(emulator.tasks()).toHaveLength(1)
  })

  test('400/53 while a task with the same cname and uid is running', async () => {
    const { start, run } = await open()
    await run()
    expect(await start(await resource(bench))).toEqual({
      status: 400,
      body: { code: 53, reason: 'task conflict' },
    })
    const other = await resource(bench, {}, { uid: '900002' })
    expect((await start(other, { uid: '900002' })).status).toBe(200)
  })

  test('500/502 when the largest number of tasks was reached between acquire and start', async () => {
    const { start } = await open({ concurrency: 1 })
    const [first, second] = [await resource(bench), await resource(bench, {}, { uid: '2' })]
    await start(first)
    expect(await start(second, { uid: '2' })).toEqual({
      status: 500,
      body: { code: 502, reason: 'Failed to allocate worker' },
    })
  })

  test.each<[string, () => Promise<{ resourceId: string; changes?: StartChanges }>, string]>([
    ['an unknown resource id', async () => ({ resourceId: 'unknown' }), 'resourceId is unknown'],
    [
      'another cname',
      async () => ({ resourceId: await resource(bench), changes: { cname: 'other' } }),
      'cname is not the one',
    ],
    [
      'another uid',
      async () => ({ resourceId: await resource(bench), changes: { uid: '7' } }),
      'uid is not the one',
    ],
    [
      'the scene of another mode',
      async () => ({ resourceId: await resource(bench, { scene: 0 }) }),
      'clientRequest.scene',
    ],
  ])('400/2 for %s', async (_, prepare, reason) => {
    const { start } = await open()
    const { resourceId, changes } = await prepare()
    expect(await start(resourceId, changes)).toMatchObject({
      status: 400,
      body: { code: 2, reason: expect.stringContaining(reason) },
    })
  })

  test('a resource id expires after 5 minutes', async () => {
    const { start, clock } = await open()
    const [early, late] = [await resource(bench), await resource(bench, {}, { uid: '2' })]
    await clock.pass(299)
    expect((await start(early)).status).toBe(200)
    await clock.pass(1)
    expect((await start(late, { uid: '2' })).body).toMatchObject({
      code: 2,
      reason: expect.stringContaining('5 minutes'),
    })
  })

  test('a resource id cannot be used again, even after its task has ended', async () => {
    const { start, on, clock } = await open()
    const resourceId = await resource(bench)
    const { sid } = (await start(resourceId)).body
    await on({ resourceId, sid: String(sid), cname: 'class42', uid: '900001' }, 'stop', { async_stop: true })
    await clock.pass(1)
    expect((await start(resourceId)).body).toMatchObject({
      code: 2,
      reason: expect.stringContaining('has been used'),
    })
  })

  test('400/2 when the request differs from the startParameter of acquire', async () => {
    const { start } = await open()
    const same = await resource(bench, { startParameter: startRequest() })
    expect((await start(same)).status).toBe(200)
    const other = await resource(bench, { startParameter: startRequest() }, { uid: '2' })
    expect((await start(other, { uid: '2', web: { maxRecordingHour: 4 } })).body).toEqual({
      code: 2,
      reason:
        'Start: clientRequest.extensionServiceConfig differs from startParameter.extensionServiceConfig of acquire',
    })
  })
})

describe('query', () => {
  test('200 shows the progress of the task', async () => {
    const { run, on, clock } = await open({ openDelay: 5 })
    const task = await run({ web: { readyTimeout: 30 } })
    const progress = async () => {
      const { serverResponse } = (await on(task, 'query')).body as {
        serverResponse: { status: number; extensionServiceState: { payload: { state: string } }[] }
      }
      return [serverResponse.status, serverResponse.extensionServiceState[0]?.payload.state]
    }
    expect(await progress()).toEqual([1, 'init'])
    await clock.pass(5)
    expect(await progress()).toEqual([4, 'init'])
    await bench.emulator.runCommand(task.sid, { do: 'notifyReady' })
    expect(await progress()).toEqual([5, 'inProgress'])
    await on(task, 'stop', { async_stop: true })
    expect(await progress()).toEqual([6, 'exit'])
  })

  test('200 lists the files, named as Agora names them', async () => {
    const { run, on, clock } = await open()
    const task = await run({ cname: 'a.b c#1' })
    await clock.pass(2 * HOUR)
    const { sid } = task
    const start = Date.UTC(2026, 0, 1) / 1000
    expect((await on(task, 'query')).body).toEqual({
      ...task,
      serverResponse: {
        status: 5,
        extensionServiceState: [
          {
            serviceName: 'web_recorder_service',
            payload: {
              state: 'inProgress',
              onhold: false,
              fileList: [
                { filename: `class42/a1/${sid}_a-b c-1.m3u8`, sliceStartTime: start },
                { filename: `class42/a1/${sid}_a-b c-1_0.mp4`, sliceStartTime: start },
                { filename: `class42/a1/${sid}_a-b c-1_1.mp4`, sliceStartTime: start + 2 * HOUR },
              ],
            },
          },
        ],
      },
    })
  })

  test('404/404 for an unknown id, after the end, and after resourceExpiredHour', async () => {
    const { start, acquire, run, on, clock, emulator } = await open()
    const notFound = { status: 404, body: { code: 404, reason: 'failed to find worker' } }
    const ended = await run()
    expect(await on({ ...ended, sid: 'unknown' }, 'query')).toEqual(notFound)
    expect(await on({ ...ended, resourceId: 'unknown' }, 'query')).toEqual(notFound)
    await on(ended, 'stop', { async_stop: true })
    await clock.pass(1)
    for (const call of ['query', 'update', 'stop'] as const) expect(await on(ended, call)).toEqual(notFound)

    const resourceId = String((await acquire({ resourceExpiredHour: 1 })).body.resourceId)
    const expiring = (await start(resourceId)).body as unknown as typeof ended
    await clock.pass(HOUR - 2)
    expect((await on(expiring, 'query')).status).toBe(200)
    await clock.pass(2)
    for (const call of ['query', 'update', 'stop'] as const)
      expect(await on(expiring, call)).toEqual(notFound)
    expect(emulator.tasks().at(-1)).toMatchObject({ state: 'recording' })
  })

  test('404/404 for the given time after the command notFound, while the task goes on', async () => {
    const { run, on, clock, emulator } = await open()
    const task = await run()
    await emulator.runCommand(task.sid, { do: 'notFound', seconds: 60 })
    for (const call of ['query', 'update', 'stop'] as const) expect((await on(task, call)).status).toBe(404)
    expect(emulator.tasks()).toMatchObject([{ state: 'recording' }])
    await clock.pass(60)
    expect((await on(task, 'query')).status).toBe(200)
  })
})

describe('update', () => {
  test('nothing is recorded until onhold is false', async () => {
    const { run, on, clock, emulator } = await open()
    const task = await run({ web: { onhold: true } })
    await clock.pass(10)
    expect(emulator.tasks()).toMatchObject([{ state: 'paused', files: [] }])
    const updated = on(task, 'update', { webRecordingConfig: { onhold: false } })
    await expect.poll(() => emulator.requests().length).toBe(3)
    await clock.pass(0.1)
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
    await clock.pass(0.1)
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
    await clock.pass(0.1)
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
    expect(update).toMatchObject({
      status: 400,
      body: { code: 2, reason: expect.stringContaining('webRecordingConfig.onhold') },
    })
    const rtmp = await on(task, 'update', { rtmpPublishConfig: { outputs: [{ rtmpUrl: 'rtmp://a/b' }] } })
    expect(rtmp.body.reason).toContain('rtmp_publish_service')
    expect((await on(task, 'updateLayout')).body).toMatchObject({ code: 2 })
  })
})

describe('stop', () => {
  test('200 immediately if asynchronous, with uploadingStatus unknown', async () => {
    const { run, on } = await open()
    const task = await run()
    expect(await on(task, 'stop', { async_stop: true })).toMatchObject({
      status: 200,
      body: {
        ...task,
        serverResponse: {
          extensionServiceState: [
            { serviceName: 'upload_service', payload: { uploadingStatus: 'unknown' } },
            { serviceName: 'web_recorder_service', payload: { state: 'exit', fileList: [{}, {}] } },
          ],
        },
      },
    })
  })

  const stopping = async (options?: Parameters<typeof createTestBench>[0]) => {
    const { run, on, emulator } = await open(options)
    const task = await run()
    const answer = on(task, 'stop')
    await expect.poll(() => emulator.tasks()[0]?.state).toBe('exiting')
    return { task, answer }
  }

  test('200 after the upload if synchronous', async () => {
    const { answer } = await stopping()
    await bench.clock.pass(0.5)
    expect(await answer).toMatchObject({
      status: 200,
      body: { serverResponse: { extensionServiceState: [{ payload: { uploadingStatus: 'uploaded' } }, {}] } },
    })
    expect(bench.emulator.tasks()).toMatchObject([
      { state: 'ended', status: 8, stop: { code: 0, message: 'ok' } },
    ])
  })

  test('code 50 when the upload outlasts 20 s', async () => {
    const { answer } = await stopping({ exitDelay: 30 })
    await bench.clock.pass(20)
    expect((await answer).body).toMatchObject({ code: 50 })
  })

  test('400/49 when the task is already exiting', async () => {
    const { task, answer } = await stopping()
    expect(await bench.on(task, 'stop')).toEqual({
      status: 400,
      body: { code: 49, reason: 'invalid operation' },
    })
    await bench.clock.pass(1)
    await answer
  })

  test('206/435 when nothing was recorded; the task ends', async () => {
    const { run, on, clock, emulator } = await open({ openDelay: 5 })
    const task = await run()
    expect(await on(task, 'stop')).toEqual({ status: 206, body: { code: 435, reason: 'no recorded data' } })
    await clock.pass(1)
    expect(emulator.tasks()).toMatchObject([{ state: 'ended', page: 'none' }])
  })

  test('400/2 for another cname or uid than that of the task', async () => {
    const { run, on } = await open()
    const task = await run()
    expect((await on({ ...task, cname: 'other' }, 'stop')).body.reason).toContain('cname')
    expect((await on({ ...task, uid: '7' }, 'stop')).body.reason).toContain('uid')
    expect((await on(task, 'stop', { async_stop: 1 })).body.reason).toContain('clientRequest.async_stop')
  })
})

test('the journal lists every call, without storage keys', async () => {
  const { run, on, emulator } = await open()
  const task = await run()
  await on(task, 'query')
  expect(
    emulator.requests().map(({ number, call, status, cname, sid }) => [number, call, status, cname, sid]),
  ).toEqual([
    [1, 'acquire', 200, 'class42', null],
    [2, 'start', 200, 'class42', task.sid],
    [3, 'query', 200, 'class42', task.sid],
  ])
  expect(JSON.stringify(emulator.requests())).not.toMatch(/the (access|secret) key/)
})
