import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createCloudRecording } from './client.ts'
import type { CloudRecordingOptions } from './cloudRecording.ts'
import * as errors from './errors.ts'
import type { LogEntry } from './log.ts'
import {
  acquireRequest,
  clientRequest,
  identity,
  options,
  secrets,
  startRequest,
  stopRequest,
  task,
  updateRequest,
} from './testing/examples.ts'
import { fakeClock } from './testing/fakeClock.ts'
import { fetchFailed, type ScriptedFetch, type Step, scriptedFetch } from './testing/scriptedFetch.ts'

interface Setup {
  client: ReturnType<typeof createCloudRecording>
  fetch: ScriptedFetch
}

const setup = (script: Step[], more: Partial<CloudRecordingOptions> = {}): Setup => {
  const fetch = scriptedFetch(...script)
  return { fetch, client: createCloudRecording({ ...options, fetch, clock: fakeClock(), ...more }) }
}

const rejection = async (call: Promise<unknown>): Promise<errors.CloudRecordingError> => {
  const outcome = await call.then(
    () => new Error('the call succeeded'),
    (error) => error,
  )
  expect(outcome).toBeInstanceOf(errors.CloudRecordingError)
  return outcome
}

const started = { status: 200, json: { resourceId: 'resource/1', sid: 'sid1' } }

describe('what is sent', () => {
  const base = 'http://one.test/v1/apps/app1/cloud_recording'
  const at = '/resourceid/resource%2F1'

  test('acquire', async () => {
    const { client, fetch } = setup([{ status: 200, json: { resourceId: 'r1', extra: true } }])
    expect(await client.acquire(acquireRequest)).toEqual({ resourceId: 'r1', extra: { extra: true } })
    expect(fetch.sent).toEqual([
      {
        method: 'POST',
        url: `${base}/acquire`,
        headers: {
          accept: 'application/json',
          authorization: `Basic ${secrets.basic}`,
          'content-type': 'application/json;charset=utf-8',
          'user-agent': expect.stringContaining('stillrolling-rest-core/'),
        },
        body: acquireRequest,
      },
    ])
  })

  test('start', async () => {
    const { client, fetch } = setup([{ status: 200, json: { sid: 'sid1' } }])
    expect(await client.start(startRequest)).toEqual({ sid: 'sid1', resourceId: 'resource/1' })
    expect(fetch.sent[0]).toMatchObject({
      method: 'POST',
      url: `${base}${at}/mode/web/start`,
      body: { ...identity, clientRequest },
    })
  })

  test('query', async () => {
    const { client, fetch } = setup([{ status: 200, json: { serverResponse: { status: 5 } } }])
    expect((await client.query(task)).serverResponse).toMatchObject({ status: 5, extensionServiceState: [] })
    expect(fetch.sent[0]).toMatchObject({ method: 'GET', url: `${base}${at}/sid/sid1/mode/web/query` })
    expect(fetch.sent[0]?.body).toBeUndefined()
  })

  test('update', async () => {
    const { client, fetch } = setup([{ status: 200, json: { sid: 'sid1' } }])
    expect(await client.update(updateRequest)).toEqual({ sid: 'sid1' })
    const { clientRequest } = updateRequest
    expect(fetch.sent[0]).toMatchObject({
      url: `${base}${at}/sid/sid1/mode/web/update`,
      body: { ...identity, clientRequest },
    })
  })

  test('stop', async () => {
    const { client, fetch } = setup([{ status: 200, json: { sid: 'sid1' } }])
    expect((await client.stop(stopRequest)).serverResponse).toMatchObject({ extensionServiceState: [] })
    expect(fetch.sent[0]).toMatchObject({
      url: `${base}${at}/sid/sid1/mode/web/stop`,
      body: { ...identity, clientRequest: { async_stop: true } },
    })
  })

  test('requests go to the hosts of the area', async () => {
    const refused = { thrown: fetchFailed('ECONNREFUSED') }
    for (const [area, order] of [
      [undefined, ['api.agora.io', 'api.agora.io', 'api.sd-rtn.com']],
      ['EU', ['api.agora.io', 'api.agora.io', 'api-eu-west-1.agora.io', 'api.sd-rtn.com']],
      ['CN', ['api.sd-rtn.com', 'api.sd-rtn.com', 'api-cn-north-1.sd-rtn.com', 'api.agora.io']],
    ] as const) {
      const { client, fetch } = setup(
        order.map(() => refused),
        { baseUrls: undefined, area },
      )
      await rejection(client.query(task))
      expect(fetch.sent.map(({ url }) => new URL(url).host)).toEqual(order)
    }
  })
})

describe('each failure has its class', () => {
  const failures: [string, Step, object][] = [
    ['code 2', { status: 400, json: { code: 2, reason: 'bad cname' } }, errors.InvalidRequestError],
    ['401', { status: 401, json: { message: 'Unauthorized' } }, errors.AuthenticationError],
    ['429', { status: 429, json: { message: 'API rate limit exceeded' } }, errors.RateLimitedError],
    ['gateway 404', { status: 404, json: { message: 'no Route matched' } }, errors.AccountError],
    ['an unknown code', { status: 403, json: { code: 999, reason: 'forbidden' } }, errors.RefusedError],
    ['HTML 401', { status: 401, text: '<html>Log in to the network</html>' }, errors.GatewayError],
    ['HTML 403', { status: 403, text: '<html>Blocked</html>' }, errors.GatewayError],
    ['HTML 404', { status: 404, text: '<html>Not Found</html>' }, errors.GatewayError],
    ['empty 408', { status: 408, text: '' }, errors.GatewayError],
    ['another server', { status: 403, json: { error: 'forbidden' } }, errors.GatewayError],
    ['201/7', { status: 201, json: { code: 7, reason: 'already started' } }, errors.AlreadyStartedError],
    ['206/65', { status: 206, json: { code: 65 } }, errors.NotCompletedError],
    ['400/53', { status: 400, json: { code: 53, reason: 'task conflict' } }, errors.TaskConflictError],
    ['400/433', { status: 400, json: { code: 433 } }, errors.ResourceExpiredError],
    ['500/502', { status: 500, json: { code: 502 } }, errors.NoWorkerError],
    ['504/62', { status: 504, json: { code: 62 } }, errors.TimeoutError],
    ['500/15', { status: 500, json: { sid: '', code: 15 } }, errors.ServiceError],
    ['HTML 502', { status: 502, text: '<html>Bad gateway</html>' }, errors.GatewayError],
    ['no JSON', { status: 200, text: '{"sid":"si' }, errors.BadAnswerError],
    ['JSON, not an object', { status: 200, text: '["sid"]' }, errors.BadAnswerError],
    ['empty body', { status: 200, text: '' }, errors.BadAnswerError],
    ['empty sid', { status: 200, json: { sid: '', resourceId: 'r' } }, errors.BadAnswerError],
    ['no sid', { status: 200, json: { resourceId: 'r' } }, errors.BadAnswerError],
    ['redirect', { status: 302, text: '', headers: { location: 'http://evil.test' } }, errors.BadAnswerError],
    ['refused', { thrown: fetchFailed('ECONNREFUSED') }, errors.NetworkError],
  ]
  test.each(failures)('start, %s', async (_, step, expected) => {
    const { client, fetch } = setup([step])
    const error = await rejection(client.start(startRequest))
    expect(error.constructor).toBe(expected)
    expect(error).toMatchObject({ call: 'start', host: 'one.test', tries: 1 })
    expect(fetch.sent).toHaveLength(1)
  })

  test('acquire, 406', async () => {
    const { client } = setup([{ status: 400, json: { code: 406, reason: 'vendor_over_load' } }])
    const error = await rejection(client.acquire(acquireRequest))
    expect(error).toBeInstanceOf(errors.OverloadedError)
    expect(error).toMatchObject({
      status: 400,
      code: 406,
      reason: 'vendor_over_load',
      startOutcome: undefined,
    })
  })

  const stops: [number, number, object][] = [
    [404, 404, errors.NotFoundError],
    [206, 435, errors.NoRecordedDataError],
    [400, 49, errors.AlreadyStoppingError],
    [200, 50, errors.UploadUnfinishedError],
  ]
  test.each(stops)('stop, %i/%i', async (status, code, expected) => {
    const { client } = setup([{ status, json: { code } }])
    expect((await rejection(client.stop(stopRequest))).constructor).toBe(expected)
  })

  test('an error has the request id, the cause, and a readable message', async () => {
    const headers = { 'x-request-id': 'req-1' }
    const { client } = setup([{ status: 500, json: { code: 500, reason: 'internal_error' }, headers }])
    const error = await rejection(client.acquire(acquireRequest))
    expect(error.requestId).toBe('req-1')
    expect(error.message).toBe(
      'acquire: the service failed: HTTP 500 code 500, internal_error (one.test, 1 try)',
    )
    const cause = fetchFailed('ECONNRESET')
    const broken = setup([{ thrown: cause }])
    expect((await rejection(broken.client.query(task))).cause).toBe(cause)
  })

  test('an error has the kind of fault and the Retry-After', async () => {
    const refused = setup([{ thrown: fetchFailed('ECONNREFUSED') }])
    expect(await rejection(refused.client.query(task))).toMatchObject({ fault: 'refused', status: undefined })
    const slow = setup([{ status: 429, json: {}, headers: { 'retry-after': '120' } }])
    expect(await rejection(slow.client.query(task))).toMatchObject({
      retryAfter: 120,
      verdict: { delays: [] },
    })
  })

  test('the error of 201/7 has the sid if the answer has one', async () => {
    const { client } = setup([{ status: 201, json: { code: 7, sid: 'sid1' } }])
    expect(await rejection(client.start(startRequest))).toMatchObject({
      sid: 'sid1',
      startOutcome: 'running',
    })
  })
})

test('code 0 counts as no code', async () => {
  const { client } = setup([{ status: 200, json: { code: 0, sid: 'sid1' } }])
  expect((await client.start(startRequest)).sid).toBe('sid1')
})

describe('startOutcome of a failed start', () => {
  const reset = { thrown: fetchFailed('ECONNRESET') }
  const refused = { thrown: fetchFailed('ECONNREFUSED') }
  const outcomes: [string, Step[], errors.StartOutcome][] = [
    ['refused', [refused, refused], 'notStarted'],
    ['no worker', [{ status: 500, json: { code: 502 } }], 'notStarted'],
    ['reset', [reset, reset], 'unknown'],
    ['206/65', [{ status: 206, json: { code: 65 } }], 'unknown'],
    ['200 without sid', [{ status: 200, json: {} }], 'unknown'],
    ['201/7', [{ status: 201, json: { code: 7 } }], 'running'],
    ['conflict', [{ status: 400, json: { code: 53 } }], 'notStarted'],
    ['conflict after a lost try', [reset, { status: 400, json: { code: 53 } }], 'unknown'],
    ['refused after a lost try', [reset, refused], 'unknown'],
    ['201/7 after a lost try', [reset, { status: 201, json: { code: 7 } }], 'running'],
  ]
  test.each(outcomes)('%s', async (_, script, outcome) => {
    const { client } = setup(script, { baseUrls: ['http://one.test', 'http://two.test'] })
    expect((await rejection(client.start(startRequest))).startOutcome).toBe(outcome)
  })
})

describe('several base URLs', () => {
  const baseUrls = ['http://one.test/', 'http://two.test']

  test('after a gateway or network fault the next one is tried', async () => {
    for (const first of [{ status: 502, text: 'bad gateway' }, { thrown: fetchFailed('ENOTFOUND') }]) {
      const { client, fetch } = setup([first, started], { baseUrls })
      await client.start(startRequest)
      expect(fetch.sent.map(({ url }) => new URL(url).host)).toEqual(['one.test', 'two.test'])
      expect(fetch.sent[1]?.body).toEqual(fetch.sent[0]?.body)
    }
  })

  test('after an answer of the service no other is tried', async () => {
    const { client, fetch } = setup([{ status: 500, json: { code: 502 } }], { baseUrls })
    expect((await rejection(client.start(startRequest))).tries).toBe(1)
    expect(fetch.sent).toHaveLength(1)
  })

  test('the last error counts the tries', async () => {
    const { client } = setup([{ status: 502, text: '' }, { thrown: fetchFailed('ECONNREFUSED') }], {
      baseUrls,
    })
    expect(await rejection(client.query(task))).toMatchObject({
      tries: 2,
      host: 'two.test',
      status: undefined,
    })
  })
})

describe('abort', () => {
  test('before the call: nothing is sent', async () => {
    const { client, fetch } = setup([])
    const error = await rejection(client.start(startRequest, { signal: AbortSignal.abort() }))
    expect(error).toBeInstanceOf(errors.AbortedError)
    expect(error).toMatchObject({ tries: 0, startOutcome: 'notStarted' })
    expect(fetch.sent).toHaveLength(0)
  })

  test('during start: the outcome is unknown, and no other host is tried', async () => {
    const abort = new AbortController()
    const hanging: typeof fetch = (_, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
        abort.abort()
      })
    const { client } = setup([], { fetch: hanging, baseUrls: ['http://one.test', 'http://two.test'] })
    const error = await rejection(client.start(startRequest, { signal: abort.signal }))
    expect(error).toBeInstanceOf(errors.AbortedError)
    expect(error).toMatchObject({ tries: 1, startOutcome: 'unknown' })
  })
})

describe('log', () => {
  test('one entry per try', async () => {
    const entries: LogEntry[] = []
    const log = (entry: LogEntry): number => entries.push(entry)
    const baseUrls = ['http://one.test', 'http://two.test']
    const { client } = setup([{ status: 503, text: '' }, started], { log, baseUrls })
    await client.start(startRequest)
    expect(entries).toMatchObject([
      { level: 'warn', call: 'start', host: 'one.test', tries: 1, status: 503, meaning: 'gateway' },
      { level: 'debug', call: 'start', host: 'two.test', tries: 2, status: 200, meaning: 'success' },
    ])
  })

  const levels: [string, Step, LogEntry['level']][] = [
    ['a success', { status: 200, json: { resourceId: 'r1' } }, 'debug'],
    ['an abort', { thrown: new DOMException('stopped', 'AbortError') }, 'debug'],
    ['a full quota', { status: 400, json: { code: 406 } }, 'info'],
    ['a 400 that Agora does not document', { status: 400, json: { code: 777 } }, 'warn'],
    ['a wrong customer id', { status: 401, json: { message: 'Unauthorized' } }, 'warn'],
  ]
  test.each(levels)('%s has its level', async (_, step, level) => {
    const entries: LogEntry[] = []
    const { client } = setup([step], { log: (entry) => void entries.push(entry) })
    await client.acquire(acquireRequest).catch(() => {})
    expect(entries).toMatchObject([{ level }])
  })

  test('a log function that throws does not lose the sid', async () => {
    const log = (): never => {
      throw new Error('disk full')
    }
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    onTestFinished(() => warn.mockRestore())
    expect((await setup([started], { log }).client.start(startRequest)).sid).toBe('sid1')
    expect(warn.mock.calls[0]?.[0]).toContain('disk full')
  })
})

describe('options', () => {
  test('the error names every invalid option, and no value', () => {
    const wrong = {
      appId: '',
      customerId: 'a:b',
      customerSecret: '',
      baseUrls: ['ftp://x', 'http://user:pass@x'],
      timeout: 0,
      backoffScale: -1,
    }
    const create = (): unknown => createCloudRecording(wrong)
    expect(create).toThrow(errors.InvalidOptionsError)
    for (const path of [
      'appId',
      'customerId',
      'customerSecret',
      'baseUrls.0',
      'baseUrls.1',
      'timeout',
      'backoff',
    ]) {
      expect(create).toThrow(path)
    }
    expect(create).not.toThrow('pass')
  })

  test('backoffScale multiplies every wait', async () => {
    const clock = fakeClock()
    await setup([], { clock, backoffScale: 0.5 }).client.wait(3)
    expect(clock.sleeps).toEqual([1500])
  })
})
