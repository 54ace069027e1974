import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createCloudRecording } from '../client.ts'
import {
  AbortedError,
  InvalidRequestError,
  NoWorkerError,
  OverloadedError,
  ResourceExpiredError,
} from '../errors.ts'
import { createQuota, type Quota } from '../quota/quota.ts'
import type { Task } from '../requests/calls.ts'
import { clientRequest, identity, options } from '../testing/examples.ts'
import { type FakeClock, fakeClock } from '../testing/fakeClock.ts'
import { fetchFailed, type SentRequest, type Step, scriptedFetch } from '../testing/scriptedFetch.ts'
import {
  type LateStart,
  type StartRecordingRequest,
  type StartRecordingResult,
  startRecording,
} from './startRecording.ts'
import { rig, type Timed } from './testing/rig.ts'

const acquired = (resourceId: string): Step => ({ status: 200, json: { resourceId } })
const started: Step = { status: 200, json: { sid: 'sid1' } }
const answer = (status: number, code: number): Step => ({ status, json: { code } })
const reset: Step = { thrown: fetchFailed('ECONNRESET') }
const refused: Step = { thrown: fetchFailed('ECONNREFUSED') }
const gateway: Step = { status: 503, text: '' }

type Run = {
  result: StartRecordingResult
  /** Seconds. */
  waits: number[]
  /** What happened in order: calls sent and resources stored. */
  story: string[]
  sent: readonly SentRequest[]
}

type More = Partial<Omit<StartRecordingRequest, 'mode' | 'clientRequest'>>

async function run(script: Step[], more: More = {}, clock: FakeClock = fakeClock()): Promise<Run> {
  const fetch = scriptedFetch(...script)
  const story: string[] = []
  const telling: typeof globalThis.fetch = (input, init) => {
    const resource = /resourceid\/([^/]+)/.exec(String(input))?.[1]
    story.push(resource === undefined ? 'acquire' : `start ${resource}`)
    return fetch(input, init)
  }
  const onResource = async (resourceId: string): Promise<void> => {
    story.push(`store ${resourceId}`)
  }
  const client = createCloudRecording({ ...options, fetch: telling, clock })
  const result = await startRecording(client, { ...identity, clientRequest, onResource, clock, ...more })
  return { result, story, waits: clock.sleeps.map((ms) => ms / 1000), sent: fetch.sent }
}

describe('started', () => {
  test('acquire, store, start', async () => {
    const { result, story, waits } = await run([acquired('r1'), started])
    expect(result).toEqual({ outcome: 'started', sid: 'sid1', resourceId: 'r1' })
    expect(story).toEqual(['acquire', 'store r1', 'start r1'])
    expect(waits).toEqual([])
  })

  test("acquire's startParameter is start's clientRequest", async () => {
    const { sent } = await run([acquired('r1'), started], {
      acquire: { region: 'EU', resourceExpiredHour: 24 },
    })
    expect(sent[0]?.body).toEqual({
      ...identity,
      clientRequest: { scene: 1, region: 'EU', resourceExpiredHour: 24, startParameter: clientRequest },
    })
    expect(sent[1]?.body).toEqual({ ...identity, clientRequest })
  })

  test('any 50x: the same start after 3, 6, 9 s', async () => {
    const { result, waits, story } = await run([acquired('r1'), gateway, answer(500, 15), reset, started])
    expect(result.outcome).toBe('started')
    expect(waits).toEqual([3, 6, 9])
    expect(story).toEqual(['acquire', 'store r1', 'start r1', 'start r1', 'start r1', 'start r1'])
  })

  test('65: after 3 and 6 s, then a fresh resource', async () => {
    const lost = answer(206, 65)
    const { result, waits, story } = await run([acquired('r1'), lost, lost, lost, acquired('r2'), started])
    expect(result).toEqual({ outcome: 'started', sid: 'sid1', resourceId: 'r2' })
    expect(waits).toEqual([3, 6])
    expect(story.slice(-3)).toEqual(['acquire', 'store r2', 'start r2'])
  })

  test('no worker, or a resource too old: a fresh resource at once', async () => {
    for (const refusal of [answer(500, 502), answer(400, 433)]) {
      const { result, waits } = await run([acquired('r1'), refusal, acquired('r2'), started])
      expect(result).toMatchObject({ outcome: 'started', resourceId: 'r2' })
      expect(waits).toEqual([])
    }
  })

  test('acquire is repeated after 1, 3, 6 s', async () => {
    const { result, waits } = await run([answer(500, 501), refused, gateway, acquired('r1'), started])
    expect(result.outcome).toBe('started')
    expect(waits).toEqual([1, 3, 6])
  })

  test('429 waits as long as it says', async () => {
    const slow: Step = { status: 429, json: { message: 'slow' }, headers: { 'retry-after': '2' } }
    expect((await run([slow, acquired('r1'), started])).waits).toEqual([2])
  })

  test('201/7 with a sid', async () => {
    const { result } = await run([acquired('r1'), reset, { status: 201, json: { code: 7, sid: 'sid7' } }])
    expect(result).toEqual({ outcome: 'started', sid: 'sid7', resourceId: 'r1' })
  })
})

describe('running, sid unknown', () => {
  test('201/7', async () => {
    const { result } = await run([acquired('r1'), reset, answer(201, 7)])
    expect(result).toMatchObject({ outcome: 'running', resourceId: 'r1' })
  })

  test('201/7 on a fresh resource: that one runs', async () => {
    const lost = answer(206, 65)
    const { result } = await run([acquired('r1'), lost, lost, lost, acquired('r2'), lost, answer(201, 7)])
    expect(result).toMatchObject({ outcome: 'running', resourceId: 'r2', resourceIds: ['r2'] })
  })

  test('53 after a lost start is our own', async () => {
    const { result } = await run([acquired('r1'), reset, answer(400, 53)])
    expect(result).toMatchObject({ outcome: 'running', resourceId: 'r1' })
  })

  test('53 on a fresh resource: the first one started after all', async () => {
    const lost = answer(206, 65)
    const { result } = await run([acquired('r1'), lost, lost, lost, acquired('r2'), answer(400, 53)])
    expect(result).toMatchObject({ outcome: 'running', resourceId: 'r1' })
  })
})

describe('an earlier run left a resource', () => {
  test('nothing is acquired or stored, the same start is sent', async () => {
    const { result, story } = await run([started], { resourceId: 'r0' })
    expect(result).toEqual({ outcome: 'started', sid: 'sid1', resourceId: 'r0' })
    expect(story).toEqual(['start r0'])
  })

  test('53 and 201/7 say that it runs', async () => {
    for (const step of [answer(400, 53), answer(201, 7)]) {
      const { result } = await run([step], { resourceId: 'r0' })
      expect(result).toMatchObject({ outcome: 'running', resourceId: 'r0' })
    }
  })

  test.each([433, 2])('too old (%i): a fresh resource, with the same uid', async (code) => {
    const { result, story } = await run([answer(400, code), acquired('r1'), started], { resourceId: 'r0' })
    expect(result).toMatchObject({ outcome: 'started', resourceId: 'r1' })
    expect(story).toEqual(['start r0', 'acquire', 'store r1', 'start r1'])
  })

  test('a request that is really wrong is not sent for ever', async () => {
    const { result, story } = await run([answer(400, 2), answer(400, 2)], { resourceId: 'r0' })
    expect(result).toMatchObject({ outcome: 'unknown', resourceId: 'r0' })
    expect(story).toEqual(['start r0', 'acquire'])
  })

  test('lost again: it is named once', async () => {
    const { result } = await run([reset, reset, reset, reset], { resourceId: 'r0' })
    expect(result).toMatchObject({ outcome: 'unknown', resourceId: 'r0', resourceIds: ['r0'] })
  })

  test('too old, and then lost: no third resource', async () => {
    const lost = answer(206, 65)
    const script = [answer(400, 433), acquired('r1'), lost, lost, lost]
    const { result, sent } = await run(script, { resourceId: 'r0' })
    expect(result).toMatchObject({ outcome: 'unknown', resourceId: 'r0', resourceIds: ['r0', 'r1'] })
    expect(sent).toHaveLength(script.length)
  })

  test('a refusal now does not say that the earlier start did nothing', async () => {
    const { result } = await run([{ status: 401, json: {} }], { resourceId: 'r0' })
    expect(result).toMatchObject({ outcome: 'unknown', resourceId: 'r0' })
  })
})

describe('not started', () => {
  test('quota and capacity do not count as failures', async () => {
    const overloaded = await run([answer(400, 406)])
    expect(overloaded.result).toMatchObject({ retryable: true, countsAsFailure: false })
    expect(overloaded.result).toHaveProperty('error', expect.any(OverloadedError))
    expect(overloaded.waits).toEqual([])

    const noWorker = await run([acquired('r1'), answer(500, 502), acquired('r2'), answer(500, 502)])
    expect(noWorker.result).toMatchObject({ retryable: true, countsAsFailure: false })
    expect(noWorker.result).toHaveProperty('error', expect.any(NoWorkerError))

    const limited: Step = { status: 429, json: {} }
    const rateLimited = await run([limited, limited, limited, limited])
    expect(rateLimited.result).toMatchObject({ retryable: true, countsAsFailure: false })
    expect(rateLimited.waits).toEqual([1, 3, 6])
  })

  test('nor does a queue of our own that is too long', async () => {
    const quota: Quota = { ...createQuota(), take: async () => 'expired' }
    const client = createCloudRecording({ ...options, fetch: scriptedFetch(), quota })
    const onResource = async (): Promise<void> => {}
    const result = await startRecording(client, { ...identity, clientRequest, onResource })
    expect(result).toMatchObject({ outcome: 'notStarted', retryable: true, countsAsFailure: false })
  })

  test('a first start that conflicts needs another uid', async () => {
    const { result } = await run([acquired('r1'), answer(400, 53)])
    expect(result).toMatchObject({
      outcome: 'notStarted',
      conflict: true,
      retryable: true,
      countsAsFailure: true,
    })
  })

  test('wrong parameters and credentials are not retryable', async () => {
    const wrong: Step[] = [answer(400, 2), { status: 401, json: {} }, answer(400, 405)]
    for (const step of wrong) {
      const { result, sent } = await run([step])
      expect(result).toMatchObject({ outcome: 'notStarted', retryable: false, countsAsFailure: true })
      expect(sent).toHaveLength(1)
    }
  })

  test('a bad request fails before a byte leaves', async () => {
    const { result, sent } = await run([], { uid: '0' })
    expect(result).toMatchObject({ outcome: 'notStarted', retryable: false })
    expect(result).toHaveProperty('error', expect.any(InvalidRequestError))
    expect(sent).toHaveLength(0)
  })

  test('nobody listens', async () => {
    const { result, waits } = await run([acquired('r1'), refused, refused, refused, refused])
    expect(result).toMatchObject({ outcome: 'notStarted', retryable: true, countsAsFailure: true })
    expect(waits).toEqual([3, 6, 9])
  })

  test('the resource could not be stored', async () => {
    const onResource = async (): Promise<void> => {
      throw new Error('database is gone')
    }
    // The script has no start: sending one would be the error instead.
    await expect(run([acquired('r1')], { onResource })).rejects.toThrow('database is gone')
  })
})

describe('unknown', () => {
  test('a start that was lost every time', async () => {
    const { result, waits } = await run([acquired('r1'), reset, reset, reset, reset])
    expect(result).toMatchObject({ outcome: 'unknown', resourceId: 'r1' })
    expect(waits).toEqual([3, 6, 9])
  })

  test('a lost start, then refusals', async () => {
    const { result } = await run([acquired('r1'), reset, refused, refused, refused])
    expect(result).toMatchObject({ outcome: 'unknown', resourceId: 'r1' })
  })

  test('65 throughout names the first resource', async () => {
    const lost = answer(206, 65)
    const script = [acquired('r1'), lost, lost, lost, acquired('r2'), lost, lost, lost]
    const { result, sent } = await run(script)
    expect(result).toMatchObject({ outcome: 'unknown', resourceId: 'r1' })
    expect(sent).toHaveLength(script.length)
  })

  test('a fresh resource cannot be had', async () => {
    const lost = answer(206, 65)
    const { result } = await run([acquired('r1'), lost, lost, lost, answer(400, 406)])
    expect(result).toMatchObject({ outcome: 'unknown', resourceId: 'r1' })
  })
})

describe('what it takes to settle it later', () => {
  const lost = answer(206, 65)
  const twice = [acquired('r1'), lost, lost, lost, acquired('r2'), lost, lost, lost]

  test('names every resource that may record, and when the first was acquired', async () => {
    const clock = fakeClock()
    const acquiredAt = clock.now()
    expect((await run(twice, {}, clock)).result).toMatchObject({
      outcome: 'unknown',
      ...identity,
      mode: 'web',
      resourceId: 'r1',
      acquiredAt,
      resourceIds: ['r1', 'r2'],
    })
  })

  test('a resource whose start certainly did nothing is not among them', async () => {
    const { result } = await run([acquired('r1'), answer(500, 502), acquired('r2'), reset, answer(400, 53)])
    expect(result).toMatchObject({ outcome: 'running', resourceId: 'r2', resourceIds: ['r2'] })
  })

  test('goes through JSON and back into a later run', async () => {
    const { result } = await run(twice)
    const later = await run([answer(201, 7)], JSON.parse(JSON.stringify(result)))
    expect(later.story).toEqual(['start r1'])
    expect(later.result).toMatchObject({ outcome: 'running', ...identity, mode: 'web', resourceIds: ['r1'] })
  })
})

describe('the age of a resource', () => {
  const started5MinutesAgo = (clock: FakeClock): More => ({
    resourceId: 'r0',
    acquiredAt: clock.now() - 300_000,
  })

  test('one of 5 minutes from an earlier run is not sent, and remains a suspect', async () => {
    const clock = fakeClock()
    const { story, result } = await run([acquired('r1'), started], started5MinutesAgo(clock), clock)
    expect(story).toEqual(['acquire', 'store r1', 'start r1'])
    expect(result).toEqual({ outcome: 'started', sid: 'sid1', resourceId: 'r1' })

    const ran = await run([acquired('r1'), answer(400, 53)], started5MinutesAgo(clock), clock)
    expect(ran.result).toMatchObject({ outcome: 'running', resourceId: 'r0', resourceIds: ['r0'] })
  })

  test('a younger one is', async () => {
    const clock = fakeClock()
    const { story } = await run([started], { resourceId: 'r0', acquiredAt: clock.now() - 299_999 }, clock)
    expect(story).toEqual(['start r0'])
  })

  test('one that becomes too old between two tries is not sent again', async () => {
    const clock = fakeClock()
    const { story, result } = await run(
      [acquired('r1'), reset, acquired('r2'), started],
      // In time for the first try, and too late for the one 3 s later.
      { onResource: (id) => (id === 'r1' ? clock.sleep(297_500) : Promise.resolve()) },
      clock,
    )
    expect(story).toEqual(['acquire', 'start r1', 'acquire', 'start r2'])
    expect(result).toMatchObject({ outcome: 'started', resourceId: 'r2' })
  })

  test('storing it took too long, twice', async () => {
    const clock = fakeClock()
    const { result, sent } = await run(
      [acquired('r1'), acquired('r2')],
      { onResource: () => clock.sleep(300_000) },
      clock,
    )
    expect(result).toMatchObject({ outcome: 'notStarted', retryable: true })
    expect(result).toHaveProperty('error', expect.any(ResourceExpiredError))
    expect(result).toHaveProperty('error.message', expect.stringContaining('300 s old'))
    expect(sent).toHaveLength(2)
  })
})

test('no try of a start leaves when the resource has become too old, on whichever host', async () => {
  const clock = fakeClock()
  const fetch = scriptedFetch(acquired('r1'), reset, acquired('r2'), started)
  const baseUrls = ['http://one.test', 'http://two.test']
  const client = createCloudRecording({ ...options, fetch, clock, baseUrls })
  // The second host is tried after 1 s at least: half a second too late.
  const onResource = (id: string): Promise<void> => (id === 'r1' ? clock.sleep(299_500) : Promise.resolve())
  const result = await startRecording(client, { ...identity, clientRequest, onResource, clock })
  expect(result).toMatchObject({ outcome: 'started', resourceId: 'r2' })
  expect(fetch.sent.map(({ url }) => new URL(url).host)).toEqual(Array(4).fill('one.test'))
})

describe('a start more than 2 s after acquire', () => {
  const late = async (ms: number): Promise<LateStart[]> => {
    const clock = fakeClock()
    const told: LateStart[] = []
    const onResource = (): Promise<void> => clock.sleep(ms)
    const onLate = (each: LateStart): number => told.push(each)
    const { result } = await run([acquired('r1'), started], { onResource, onLate }, clock)
    expect(result.outcome).toBe('started')
    return told
  }

  test('is told, and made', async () => {
    expect(await late(2000)).toEqual([])
    expect(await late(2001)).toEqual([{ resourceId: 'r1', afterMs: 2001 }])
  })

  test('a listener that throws costs no recording', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    onTestFinished(() => warn.mockRestore())
    const clock = fakeClock()
    const onLate = (): never => {
      throw new TypeError('SECRET')
    }
    const onResource = (): Promise<void> => clock.sleep(2001)
    const { result } = await run([acquired('r1'), started], { onResource, onLate }, clock)
    expect(result.outcome).toBe('started')
    expect(warn.mock.calls).toEqual([[expect.stringContaining('(TypeError)')]])
    expect(warn.mock.calls[0]?.[0]).not.toContain('SECRET')
  })
})

describe('RTC modes', () => {
  const { storageConfig } = clientRequest
  const individual: Task = {
    mode: 'individual',
    clientRequest: { storageConfig, recordingConfig: { channelType: 0, subscribeUidGroup: 0 } },
  }
  const postponed: Task = {
    mode: 'individual',
    clientRequest: {
      storageConfig,
      recordingConfig: { channelType: 0, subscribeUidGroup: 0 },
      appsCollection: { combinationPolicy: 'postpone_transcoding' },
      transcodeOptions: { transConfig: { transMode: 'postponeTranscoding' } },
    },
  }
  const mix: Task = {
    mode: 'mix',
    clientRequest: { storageConfig, recordingConfig: { channelType: 1, maxIdleTime: 300 } },
  }

  test.each([
    ['individual', individual, 0],
    ['individual, to be transcoded afterwards', postponed, 2],
    ['mix', mix, 0],
  ] as const)('%s', async (_, task, scene) => {
    const { client, run, sent } = rig([acquired('r1'), started])
    const onResource = async (): Promise<void> => {}
    const result = await run(startRecording(client, { ...identity, ...task, onResource }))
    expect(result.outcome).toBe('started')
    expect(sent[0]?.body).toEqual({
      ...identity,
      clientRequest: { scene, startParameter: task.clientRequest },
    })
    expect(sent[1]?.body).toEqual({ ...identity, clientRequest: task.clientRequest })
    expect(sent[1]?.url).toContain(`/mode/${task.mode}/start`)
  })
})

describe('abort', () => {
  test('before anything', async () => {
    const { result, sent } = await run([], { signal: AbortSignal.abort() })
    expect(result).toMatchObject({ outcome: 'notStarted', retryable: true })
    expect(result).toHaveProperty('error', expect.any(AbortedError))
    expect(sent).toHaveLength(0)
  })

  test('while waiting to repeat a lost start', async () => {
    const abort = new AbortController()
    const clock = fakeClock(() => abort.abort())
    const { result, sent } = await run([acquired('r1'), reset], { signal: abort.signal }, clock)
    expect(result).toMatchObject({ outcome: 'unknown', resourceId: 'r1' })
    expect(sent).toHaveLength(2)
  })

  test('while start is on its way: it may have arrived', async () => {
    const abort = new AbortController()
    const { client, clock, run } = rig([acquired('r1'), { ...started, takes: 5 }])
    clock.at(1, () => abort.abort())
    const onResource = async (): Promise<void> => {}
    const { signal } = abort
    const result = await run(
      startRecording(client, { ...identity, clientRequest, onResource, signal, clock }),
    )
    expect(result).toMatchObject({ outcome: 'unknown', resourceId: 'r1', resourceIds: ['r1'] })
    expect(result).toHaveProperty('error', expect.any(AbortedError))
    expect(clock.seconds()).toBe(1)
  })

  test('before start was sent: while acquiring, while storing, while waiting after a refusal', async () => {
    const slow: Step = { status: 429, json: {} }
    const scripts: Timed[][] = [[{ ...acquired('r1'), takes: 5 }], [acquired('r1')], [acquired('r1'), slow]]
    for (const [nth, script] of scripts.entries()) {
      const abort = new AbortController()
      const { client, clock, run } = rig(script)
      clock.at(0.5, () => abort.abort())
      const onResource = (): Promise<void> => (nth === 1 ? clock.sleep(1000) : Promise.resolve())
      const { signal } = abort
      const result = await run(
        startRecording(client, { ...identity, clientRequest, onResource, signal, clock }),
      )
      expect(result).toMatchObject({ outcome: 'notStarted', retryable: true })
    }
  })
})
