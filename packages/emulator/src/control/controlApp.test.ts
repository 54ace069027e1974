import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestBench, type TestBench } from '../testing/client.ts'

let bench: TestBench
beforeEach(async () => {
  bench = await createTestBench()
})
afterEach(() => bench.emulator.close())

const control = async (
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) => {
  const response = await fetch(bench.emulator.controlUrl + path, {
    method,
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? null : JSON.parse(text) }
}

describe('access', () => {
  test('requests of web pages, whose Origin is another one, are refused', async () => {
    const fault = { on: 'call', call: 'start', then: { drop: true } }
    for (const origin of ['http://127.0.0.1:1', 'https://evil.example', 'null']) {
      expect((await control('POST', '/faults', fault, { origin })).status).toBe(403)
    }
    expect(bench.emulator.faults()).toEqual([])
    expect((await control('GET', '/tasks', undefined, { origin: 'http://127.0.0.1:1' })).status).toBe(403)
    expect((await control('POST', '/faults', fault, { origin: bench.emulator.url })).status).toBe(201)
  })

  test('a request needs no credentials and does not count towards the quota', async () => {
    expect((await control('GET', '/requests')).body).toEqual([])
  })
})

describe('faults', () => {
  test('are created, listed, read and removed', async () => {
    const { status, body } = await control('POST', '/faults', {
      on: 'call',
      call: 'start',
      match: { cname: 'class42' },
      times: 2,
      then: { status: 206, code: 65, reason: 'request not completed' },
    })
    expect(status).toBe(201)
    expect(body).toMatchObject({ id: 'fault1', used: 0, times: 2 })
    expect((await control('GET', '/faults')).body).toEqual([body])
    expect((await control('GET', '/faults/fault1')).body).toEqual(body)
    expect((await control('DELETE', '/faults/fault1')).status).toBe(204)
    expect((await control('DELETE', '/faults/fault1')).status).toBe(404)
    expect((await control('GET', '/faults/fault1')).status).toBe(404)

    await control('POST', '/faults', { on: 'notification', then: 'drop' })
    expect((await control('DELETE', '/faults')).status).toBe(204)
    expect(bench.emulator.faults()).toEqual([])
  })

  const call = { on: 'call', call: 'start', then: { drop: true } }
  test.each([
    ['on', {}],
    ['on', { on: 'task' }],
    ['call', { ...call, call: 'begin' }],
    ['then', { ...call, then: undefined }],
    ['then', { ...call, then: 'drop' }],
    ['then', { ...call, then: { status: 99 } }],
    ['then', { ...call, then: { loseAnswer: false } }],
    ['then', { ...call, then: { delay: -1 } }],
    ['then', { ...call, then: { drop: true, delay: 1 } }],
    ['times', { ...call, times: 0 }],
    ['forSeconds', { ...call, forSeconds: 0 }],
    ['forSeconds', { ...call, times: 1, forSeconds: 1 }],
    ['match.uid', { ...call, match: { uid: 5 } }],
    ['event', { on: 'notification', event: '71', then: 'drop' }],
    ['then', { on: 'notification', then: { drop: true } }],
  ])('400 names %s: %j', async (path, body) => {
    const answer = await control('POST', '/faults', body)
    expect(answer).toMatchObject({ status: 400, body: { fields: [{ path }] } })
    expect(bench.emulator.faults()).toEqual([])
  })

  test('400 for unknown fields and for a body that is not JSON', async () => {
    expect((await control('POST', '/faults', { ...call, time: 3 })).body.error).toContain('time')
    expect((await control('POST', '/faults', '{')).body).toMatchObject({
      error: 'The body is not valid JSON',
    })
  })
})

describe('commands', () => {
  const command = (sid: string, body: unknown) => control('POST', `/tasks/${sid}/commands`, body)

  test('change the task', async () => {
    const { sid } = await bench.run()
    expect((await command(sid, { do: 'killPage' })).status).toBe(204)
    expect((await control('GET', '/tasks')).body).toMatchObject([
      { sid, page: 'crashed', state: 'recording' },
    ])
    expect((await command(sid, { do: 'stop', code: 3 })).status).toBe(204)
    expect((await control('GET', '/tasks')).body).toMatchObject([
      {
        sid,
        page: 'closed',
        state: 'exiting',
        status: 20,
        stop: { code: 3, message: 'start_engine_failed' },
      },
    ])
  })

  test.each([
    ['freezePage', 'frozen'],
    ['cutOffPage', 'open'],
  ])('%s leaves the task recording', async (name, page) => {
    const { sid } = await bench.run()
    expect((await command(sid, { do: name })).status).toBe(204)
    expect(bench.emulator.tasks()).toMatchObject([{ page, state: 'recording' }])
  })

  test.each([
    ['do', {}],
    ['do', { do: 'dance' }],
    ['code', { do: 'stop' }],
    ['code', { do: 'stop', code: 7 }],
    ['seconds', { do: 'notFound', seconds: 0 }],
    ['limitType', { do: 'capabilityLimit', limitType: 'webgl' }],
    ['as', { do: 'uploads', as: 'lost' }],
  ])('400 names %s: %j', async (path, body) => {
    const { sid } = await bench.run()
    expect(await command(sid, body)).toMatchObject({ status: 400, body: { fields: [{ path }] } })
    expect(bench.emulator.tasks()).toMatchObject([{ state: 'recording' }])
  })

  test('404 for an unknown sid, 409 after the end and without a running page', async () => {
    expect((await command('unknown', { do: 'killPage' })).status).toBe(404)
    const { sid } = await bench.run()
    await command(sid, { do: 'killPage' })
    expect((await command(sid, { do: 'killPage' })).status).toBe(409)
    await command(sid, { do: 'stop', code: 0 })
    expect((await command(sid, { do: 'stop', code: 0 })).status).toBe(409)
  })
})

test('404 for an unknown route', async () => {
  expect(await control('GET', '/nothing')).toEqual({
    status: 404,
    body: { error: 'No route matches GET /_control/nothing', fields: [] },
  })
})
