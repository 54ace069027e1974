import { afterEach, describe, expect, test } from 'vitest'
import { APP_PATH, authorization, createTestBench, type TestBench } from '../testing/client.ts'

let bench: TestBench
afterEach(() => bench.emulator.close())

const open = async (...options: Parameters<typeof createTestBench>): Promise<TestBench> => {
  bench = await createTestBench(...options)
  return bench
}

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
    await clock.advance(1)
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
