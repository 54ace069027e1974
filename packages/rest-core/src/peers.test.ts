import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createCloudRecording } from './client.ts'
import {
  BadAnswerError,
  CloudRecordingError,
  InvalidRequestError,
  NetworkError,
  NoRecordedDataError,
  NotCompletedError,
  ServiceError,
  TaskConflictError,
  TimeoutError,
} from './errors.ts'
import { type StartRecordingRequest, startRecording } from './recipes/startRecording.ts'
import { stopUntilConfirmed } from './recipes/stopUntilConfirmed.ts'
import { coded, type Rig, repeated, rig, type Timed } from './recipes/testing/rig.ts'
import type { WebStartRequest } from './requests/web.ts'
import {
  acquireRequest,
  clientRequest,
  identity,
  options,
  startRequest,
  stopRequest,
  task,
  updateRequest,
} from './testing/examples.ts'
import { fakeClock } from './testing/fakeClock.ts'
import { fetchFailed, scriptedFetch } from './testing/scriptedFetch.ts'

// Mistakes that were observed in other clients of this API, and that this one does not make.

const acquired: Timed = { status: 200, json: { resourceId: 'r1' } }
const started: Timed = { status: 200, json: { sid: 'sid1' } }
const refused: Timed = { thrown: fetchFailed('ECONNREFUSED') }
const reset: Timed = { thrown: fetchFailed('ECONNRESET') }
const noName: Timed = { thrown: fetchFailed('ENOTFOUND') }

/** Agora's hosts instead of one of the test's, and backoffs without jitter. */
const agora = { baseUrls: undefined, area: 'EU', random: () => 0 } as const

type More = Partial<Pick<StartRecordingRequest, 'uid' | 'resourceId' | 'onResource'>>

const request = (more: More = {}): StartRecordingRequest => ({
  ...identity,
  clientRequest,
  onResource: async () => {},
  ...more,
})

const rejection = async ({ run }: Rig, call: Promise<unknown>): Promise<CloudRecordingError> => {
  const error = await run(
    call.then(
      () => undefined,
      (reason) => reason,
    ),
  )
  expect(error).toBeInstanceOf(CloudRecordingError)
  return error
}

const callOf = (path: string): string => (path.endsWith('/start') ? 'start' : 'acquire')

/** The largest number of requests in any one second. */
const peakOf = (times: readonly number[]): number =>
  Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + 1).length))

describe('a failure is reported as success', () => {
  test('acquire is refused (400/2) or fails (500/500), and resolves without a resource', async () => {
    const wrong = rig([coded(400, 2)])
    expect(await rejection(wrong, wrong.client.acquire(acquireRequest))).toBeInstanceOf(InvalidRequestError)
    const failed = rig([coded(500, 500)])
    expect(await rejection(failed, failed.client.acquire(acquireRequest))).toBeInstanceOf(ServiceError)
    const empty = rig([{ status: 200, json: {} }])
    expect(await rejection(empty, empty.client.acquire(acquireRequest))).toBeInstanceOf(BadAnswerError)
  })

  test('201/7: start resolves without a sid', async () => {
    const { client, run } = rig([acquired, coded(201, 7)])
    expect(await run(startRecording(client, request()))).toMatchObject({
      outcome: 'running',
      resourceId: 'r1',
    })
  })

  test('206/65 to stop: reported as stopped although it is unknown', async () => {
    const once = rig([coded(206, 65)])
    expect(await rejection(once, once.client.stop(stopRequest))).toBeInstanceOf(NotCompletedError)
    const { client, run, times } = rig([coded(206, 65), coded(206, 65), { status: 200, json: {} }])
    expect(await run(stopUntilConfirmed(client, stopRequest))).toMatchObject({ by: 'answered' })
    expect(times).toEqual([0, 3, 9])
  })

  test('400/53: no error unless the caller checks for it', async () => {
    const set = rig([coded(400, 53)])
    expect(await rejection(set, set.client.start(startRequest))).toBeInstanceOf(TaskConflictError)
  })
})

describe('a success is reported as failure', () => {
  test('201/7 to a retried start whose first answer was lost: the sid is dropped', async () => {
    const { client, run } = rig([acquired, reset, { status: 201, json: { code: 7, sid: 'sid7' } }])
    expect(await run(startRecording(client, request()))).toMatchObject({ outcome: 'started', sid: 'sid7' })
  })

  test('every query in web mode: "unknown service name"', async () => {
    const extensionServiceState = [
      { serviceName: 'upload_service', payload: { uploadingStatus: 'uploaded' } },
      { serviceName: 'some_new_service', payload: { state: 'idle' } },
      { serviceName: 'web_recorder_service', payload: { fileList: [{ filename: 'a.m3u8' }] } },
    ]
    const { client, run } = rig([
      { status: 200, json: { serverResponse: { status: 5, extensionServiceState } } },
    ])
    const { serverResponse } = await run(client.query(task))
    const services = serverResponse.extensionServiceState
    expect(services.map(({ serviceName }) => serviceName)).toEqual([
      'upload_service',
      'some_new_service',
      'web_recorder_service',
    ])
    // On the wire the field is called filename; a client that expects fileName reads undefined.
    expect(services[2]?.payload.fileList).toEqual([{ fileName: 'a.m3u8' }])
  })

  test('stop in web mode, where the services are a list, and stop with async_stop, whose answer has no file list', async () => {
    const upload = { serviceName: 'upload_service', payload: { uploadingStatus: 'uploaded' } }
    for (const serverResponse of [{ extensionServiceState: [upload] }, {}, undefined]) {
      const { client, run } = rig([{ status: 200, json: { sid: 'sid1', serverResponse } }])
      expect(await run(stopUntilConfirmed(client, stopRequest))).toMatchObject({ outcome: 'stopped' })
    }
  })

  test('206/435 to stop: three requests, then an error', async () => {
    const once = rig([coded(206, 435)])
    expect(await rejection(once, once.client.stop(stopRequest))).toBeInstanceOf(NoRecordedDataError)
    const { client, run } = rig([coded(206, 435)])
    expect(await run(stopUntilConfirmed(client, stopRequest))).toEqual({
      outcome: 'stopped',
      by: 'noRecordedData',
    })
  })
})

describe('the details of the answer are lost', () => {
  test('only 206/65: "Unknown" without the code, or the body as an array of bytes', async () => {
    const { client, run } = rig((path) =>
      callOf(path) === 'acquire' ? acquired : { status: 206, json: { code: 65, reason: 'not completed' } },
    )
    const result = await run(startRecording(client, request()))
    expect(result).toMatchObject({ outcome: 'unknown', resourceId: 'r1' })
    expect(result).toHaveProperty('error', expect.any(NotCompletedError))
    expect(result).toMatchObject({ error: { status: 206, code: 65, reason: 'not completed' } })
    expect(result).toHaveProperty('error.message', expect.stringContaining('HTTP 206 code 65, not completed'))
  })

  test('a 500 is reported as a timeout', async () => {
    const set = rig([coded(500, 15)])
    const error = await rejection(set, set.client.start(startRequest))
    expect(error.constructor).toBe(ServiceError)
    expect(error).toMatchObject({ status: 500, code: 15 })
  })

  test('a server is slower than the timeout: the error says "timeout", and an unknown recording runs', async () => {
    const slow: Timed = { thrown: fetchFailed('UND_ERR_HEADERS_TIMEOUT') }
    const stored: string[] = []
    const onResource = async (resourceId: string): Promise<void> => {
      stored.push(resourceId)
    }
    const lost = rig((path) => (callOf(path) === 'acquire' ? acquired : slow))
    const result = await lost.run(startRecording(lost.client, request({ onResource })))
    expect(result).toMatchObject({ outcome: 'unknown', ...identity, mode: 'web', resourceIds: ['r1'] })
    expect(result).toHaveProperty('error', expect.any(TimeoutError))
    expect(stored).toEqual(['r1'])

    // The stored resource resolves it: the same start cannot record twice.
    const later = rig([coded(201, 7)])
    const resolved = await later.run(startRecording(later.client, request({ resourceId: stored[0] })))
    expect(resolved).toMatchObject({ outcome: 'running', resourceId: 'r1' })
  })
})

describe('too much is sent', () => {
  test('a gateway refuses connections: 36 POSTs in 18 s for one start, or 22 in 10 s', async () => {
    const set = rig((path) => (callOf(path) === 'acquire' ? acquired : refused), agora)
    const result = await set.run(startRecording(set.client, request()))
    expect(result).toMatchObject({ outcome: 'notStarted', retryable: true })
    expect(result).toHaveProperty('error', expect.any(NetworkError))
    // Four hosts with 1, 3, 6 s between them, four times with 3, 6, 9 s between those.
    expect(set.sent).toHaveLength(1 + 4 * 4)
    expect(set.clock.seconds()).toBe(4 * 10 + 18)
    expect(peakOf(set.times)).toBeLessThanOrEqual(2)
  })

  test('ten such starts concurrently: 360 POSTs, 30 of them in one second', async () => {
    const set = rig((path) => (callOf(path) === 'acquire' ? acquired : refused), agora)
    const uids = Array.from({ length: 10 }, (_, i) => `90000${i}`)
    const all = uids.map((uid) => startRecording(set.client, request({ uid })))
    const results = await set.run(Promise.all(all))
    expect(results.every(({ outcome }) => outcome === 'notStarted')).toBe(true)
    expect(set.sent).toHaveLength(10 * 17)
    expect(peakOf(set.times)).toBeLessThanOrEqual(10)
  })

  test('a start whose connection was reset is retried every half second', async () => {
    const set = rig([acquired, reset, reset, started])
    expect(await set.run(startRecording(set.client, request()))).toMatchObject({ outcome: 'started' })
    expect(set.times).toEqual([0, 0, 3, 9])
    expect(set.sent.slice(1).every(({ url }) => url.includes('/resourceid/r1/'))).toBe(true)
  })

  test('the same start is sent four times within one timeout; here each try has a full timeout', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    let sent = 0
    const hanging: typeof fetch = (_, init) => {
      sent++
      return new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
      })
    }
    const client = createCloudRecording({ ...options, clock: fakeClock(), fetch: hanging, timeout: 30 })
    let failed: unknown
    const call = client.start(startRequest).catch((error) => {
      failed = error
    })
    // Another client silently limits 30 s to 10 s.
    await vi.advanceTimersByTimeAsync(29_999)
    expect([sent, failed]).toEqual([1, undefined])
    await vi.advanceTimersByTimeAsync(1)
    await call
    expect(sent).toBe(1)
    expect(failed).toBeInstanceOf(TimeoutError)
    expect(failed).toMatchObject({ startOutcome: 'unknown' })
  })

  test('a useless wait after the last try', async () => {
    const set = rig([acquired, ...repeated(4, reset)])
    await set.run(startRecording(set.client, request()))
    expect(set.times).toEqual([0, 0, 3, 9, 18])
    expect(set.clock.seconds()).toBe(18)
  })
})

describe('too little is sent', () => {
  test('acquire and stop are not retried', async () => {
    const { client, run, times } = rig([coded(500, 501), coded(500, 504), coded(500, 500), acquired, started])
    expect(await run(startRecording(client, request()))).toMatchObject({ outcome: 'started' })
    expect(times).toEqual([0, 1, 4, 10, 10])
    const stop = rig([coded(504, 62), { status: 200, json: {} }])
    expect(await stop.run(stopUntilConfirmed(stop.client, stopRequest))).toMatchObject({ by: 'answered' })
  })

  test('host names do not resolve: an error without a retry, or retries without a backoff', async () => {
    const down = rig(() => noName, agora)
    expect(await rejection(down, down.client.query(task))).toMatchObject({ fault: 'dns', tries: 4 })
    expect(down.times).toEqual([0, 1, 4, 10])
    expect(down.clock.seconds()).toBe(10)
    // The primary's name does not resolve, the alternate domain's does.
    const half = rig([noName, noName, { status: 200, json: {} }], agora)
    await half.run(half.client.update(updateRequest))
    expect(half.sent.map(({ url }) => new URL(url).host)).toEqual([
      'api.agora.io',
      'api.agora.io',
      'api.sd-rtn.com',
    ])
  })
})

test('the bit rate is written as VideoBitrate, which Agora ignores', async () => {
  const [recorder] = clientRequest.extensionServiceConfig.extensionServices
  if (recorder?.serviceName !== 'web_recorder_service') throw new Error('the example changed')
  const serviceParam = { ...recorder.serviceParam, videoBitrate: 2500 }
  const precise: WebStartRequest = {
    ...clientRequest,
    extensionServiceConfig: { extensionServices: [{ ...recorder, serviceParam }] },
  }
  const { client, run, sent } = rig([started])
  await run(client.start({ ...startRequest, clientRequest: precise }))
  expect(JSON.stringify(sent[0]?.body)).toContain('"videoBitrate":2500')
  // A misspelt name is refused before anything is sent.
  const misspelt = { ...serviceParam, VideoBitrate: 2500 }
  const extensionServices = [{ ...recorder, serviceParam: misspelt }]
  const wrong = { ...precise, extensionServiceConfig: { extensionServices } }
  const set = rig([])
  const error = await rejection(set, set.client.start({ ...startRequest, clientRequest: wrong }))
  expect(error.message).toContain('VideoBitrate')
})

test('each client leaves behind a thread that keeps the process alive', async () => {
  const before = process.getActiveResourcesInfo().length
  const clients = Array.from({ length: 9 }, () =>
    createCloudRecording({ ...options, fetch: scriptedFetch({ status: 200, json: {} }) }),
  )
  await Promise.all(clients.map((client) => client.update(updateRequest)))
  // The number of the test runner's own resources varies.
  expect(process.getActiveResourcesInfo().length - before).toBeLessThan(clients.length)
})
