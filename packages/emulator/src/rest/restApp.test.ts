import { afterEach, describe, expect, test } from 'vitest'
import { APP_PATH, authorization, createTestBench, type TestBench } from '../testing/client.ts'

let bench: TestBench
afterEach(() => bench.emulator.close())

const open = async (...options: Parameters<typeof createTestBench>): Promise<TestBench> => {
  bench = await createTestBench(...options)
  return bench
}

describe('any call', () => {
  test('400/2 names the parameter that is not valid, and the control API says what is wrong with it', async () => {
    const { acquire, emulator } = await open()
    expect(await acquire({ resourceExpiredHour: 0 })).toEqual({
      status: 400,
      body: { code: 2, reason: 'Acquire: invalid resourceExpiredHour value!' },
    })
    expect(emulator.requests()[0]?.detail).toContain('clientRequest.resourceExpiredHour ')
  })

  test('400/2 for the fields of the body itself, with the reason that Agora gives then', async () => {
    const { acquire, call, emulator } = await open()
    const refusal = { status: 400, body: { code: 2, reason: 'post method api body check failed!' } }
    expect(await acquire({}, { uid: '8810546176' })).toEqual(refusal)
    expect(emulator.requests()[0]?.detail).toContain('uid must be a string holding an integer')
    expect(await call('POST', `${APP_PATH}/acquire`, 'null')).toEqual(refusal)
    expect(await call('POST', `${APP_PATH}/acquire`, {})).toEqual(refusal)
  })

  test.each([
    ['application/x-www-form-urlencoded', 400],
    ['text/plain;charset=UTF-8', 400],
    ['application/jsonp', 400],
    ['', 400],
    ['application/json', 200],
    ['application/json;charset=utf-8', 200],
    ['Application/JSON; charset=UTF-8', 200],
  ])('a body whose Content-Type is %j is answered %i', async (type, status) => {
    const { call, emulator } = await open()
    const body = { cname: 'class42', uid: '1', clientRequest: { scene: 1 } }
    const headers = { authorization: authorization(), 'content-type': type }
    const answer = await call('POST', `${APP_PATH}/acquire`, body, headers)
    expect(answer.status).toBe(status)
    if (status === 200) return
    expect(answer.body).toEqual({ code: 8, reason: 'invalid http header' })
    expect(emulator.requests()[0]?.detail).toBe('the header Content-Type must be application/json')
  })

  test('wrong credentials and a wrong App ID are reported before a wrong Content-Type', async () => {
    const { call } = await open()
    const headers = { 'content-type': 'text/plain' }
    expect((await call('POST', `${APP_PATH}/acquire`, {}, headers)).status).toBe(401)
    const authorized = { ...headers, authorization: authorization() }
    const answer = await call('POST', '/v1/apps/other/cloud_recording/acquire', {}, authorized)
    expect(answer.body).toEqual({ message: 'appid is invalid' })
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

  test('400/8 for a body that is not JSON', async () => {
    const { call } = await open()
    expect(await call('POST', `${APP_PATH}/acquire`, '{"cname":')).toEqual({
      status: 400,
      body: { code: 8, reason: 'invalid http body' },
    })
  })

  test.each([
    ['Web', 'mode must be individual, mix or web, not "Web"'],
    ['composite', 'mode must be individual, mix or web, not "composite"'],
  ])('400/2 for mode %s', async (mode, detail) => {
    const { call, emulator } = await open()
    expect(await call('POST', `${APP_PATH}/resourceid/r/mode/${mode}/start`, {})).toEqual({
      status: 400,
      body: { code: 2, reason: 'Start: invalid mode value!' },
    })
    expect(emulator.requests()[0]?.detail).toContain(detail)
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
