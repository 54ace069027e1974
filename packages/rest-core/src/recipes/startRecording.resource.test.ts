import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createCloudRecording } from '../client.ts'
import { AbortedError, ResourceExpiredError } from '../errors.ts'
import type { Task } from '../requests/calls.ts'
import { clientRequest, identity, options } from '../testing/examples.ts'
import { type FakeClock, fakeClock } from '../testing/fakeClock.ts'
import { type Step, scriptedFetch } from '../testing/scriptedFetch.ts'
import { type DelayedStart, startRecording } from './startRecording.ts'
import { rig, type Timed } from './testing/rig.ts'
import { acquired, answer, type More, reset, run, started } from './testing/runStart.ts'

describe('an unresolved start', () => {
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

  test('does not name a resource whose start certainly had no effect', async () => {
    const { result } = await run([acquired('r1'), answer(500, 502), acquired('r2'), reset, answer(400, 53)])
    expect(result).toMatchObject({ outcome: 'running', resourceId: 'r2', resourceIds: ['r2'] })
  })

  test('can be stored as JSON and passed to a later run', async () => {
    const { result } = await run(twice)
    const later = await run([answer(201, 7)], JSON.parse(JSON.stringify(result)))
    expect(later.steps).toEqual(['start r1'])
    expect(later.result).toMatchObject({ outcome: 'running', ...identity, mode: 'web', resourceIds: ['r1'] })
  })
})

describe('the age of a resource', () => {
  const started5MinutesAgo = (clock: FakeClock): More => ({
    resourceId: 'r0',
    acquiredAt: clock.now() - 300_000,
  })

  test("an earlier run's resource of 5 minutes is not used, but may still record", async () => {
    const clock = fakeClock()
    const { steps, result } = await run([acquired('r1'), started], started5MinutesAgo(clock), clock)
    expect(steps).toEqual(['acquire', 'store r1', 'start r1'])
    expect(result).toEqual({ outcome: 'started', sid: 'sid1', resourceId: 'r1' })

    const ran = await run([acquired('r1'), answer(400, 53)], started5MinutesAgo(clock), clock)
    expect(ran.result).toMatchObject({ outcome: 'running', resourceId: 'r0', resourceIds: ['r0'] })
  })

  test('every resource of an earlier run may still record', async () => {
    const clock = fakeClock()
    const more = { resourceId: 'r1', resourceIds: ['r1', 'r0'] }
    const { result } = await run([answer(400, 53)], more, clock)
    expect(result).toMatchObject({ outcome: 'running', resourceId: 'r1', resourceIds: ['r1', 'r0'] })
  })

  test('a younger one is used', async () => {
    const clock = fakeClock()
    const { steps } = await run([started], { resourceId: 'r0', acquiredAt: clock.now() - 299_999 }, clock)
    expect(steps).toEqual(['start r0'])
  })

  test('a resource that expires between two tries is not used again', async () => {
    const clock = fakeClock()
    const { steps, result } = await run(
      [acquired('r1'), reset, acquired('r2'), started],
      // Soon enough for the first try, too late for the retry 3 s later.
      { onResource: (id) => (id === 'r1' ? clock.sleep(297_500) : Promise.resolve()) },
      clock,
    )
    expect(steps).toEqual(['acquire', 'start r1', 'acquire', 'start r2'])
    expect(result).toMatchObject({ outcome: 'started', resourceId: 'r2' })
  })

  test('two resources that expire while they are stored end the run', async () => {
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

test('no try of a start is sent to any host once the resource has expired', async () => {
  const clock = fakeClock()
  const fetch = scriptedFetch(acquired('r1'), reset, acquired('r2'), started)
  const baseUrls = ['http://one.test', 'http://two.test']
  const client = createCloudRecording({ ...options, fetch, clock, baseUrls })
  // The second host is tried after at least 1 s, half a second too late.
  const onResource = (id: string): Promise<void> => (id === 'r1' ? clock.sleep(299_500) : Promise.resolve())
  const result = await startRecording(client, { ...identity, clientRequest, onResource })
  expect(result).toMatchObject({ outcome: 'started', resourceId: 'r2' })
  expect(fetch.sent.map(({ url }) => new URL(url).host)).toEqual(Array(4).fill('one.test'))
})

describe('a start more than 2 s after acquire', () => {
  const delayedStarts = async (ms: number): Promise<DelayedStart[]> => {
    const clock = fakeClock()
    const delayed: DelayedStart[] = []
    const onResource = (): Promise<void> => clock.sleep(ms)
    const onDelayedStart = (each: DelayedStart): number => delayed.push(each)
    const { result } = await run([acquired('r1'), started], { onResource, onDelayedStart }, clock)
    expect(result.outcome).toBe('started')
    return delayed
  }

  test('is reported and sent', async () => {
    expect(await delayedStarts(2000)).toEqual([])
    expect(await delayedStarts(2001)).toEqual([{ resourceId: 'r1', delayMs: 2001 }])
  })

  test('is sent even if the listener throws', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    onTestFinished(() => warn.mockRestore())
    const clock = fakeClock()
    const onDelayedStart = (): never => {
      throw new TypeError('SECRET')
    }
    const onResource = (): Promise<void> => clock.sleep(2001)
    const { result } = await run([acquired('r1'), started], { onResource, onDelayedStart }, clock)
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
    ['individual with postponed transcoding', postponed, 2],
    ['mix', mix, 0],
  ] as const)('%s: acquire and start carry the request', async (_, task, scene) => {
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
  test('before the call', async () => {
    const { result, sent } = await run([], { signal: AbortSignal.abort() })
    expect(result).toMatchObject({ outcome: 'notStarted', retryable: true })
    expect(result).toHaveProperty('error', expect.any(AbortedError))
    expect(sent).toHaveLength(0)
  })

  test('during the wait before a retry of start', async () => {
    const abort = new AbortController()
    const clock = fakeClock(() => abort.abort())
    const { result, sent } = await run([acquired('r1'), reset], { signal: abort.signal }, clock)
    expect(result).toMatchObject({ outcome: 'unknown', resourceId: 'r1' })
    expect(sent).toHaveLength(2)
  })

  test('during start: it may have taken effect', async () => {
    const abort = new AbortController()
    const { client, clock, run } = rig([acquired('r1'), { ...started, takes: 5 }])
    clock.at(1, () => abort.abort())
    const onResource = async (): Promise<void> => {}
    const { signal } = abort
    const result = await run(startRecording(client, { ...identity, clientRequest, onResource, signal }))
    expect(result).toMatchObject({ outcome: 'unknown', resourceId: 'r1', resourceIds: ['r1'] })
    expect(result).toHaveProperty('error', expect.any(AbortedError))
    expect(clock.seconds()).toBe(1)
  })

  test('before start was sent: during acquire, during onResource, during the wait after 429', async () => {
    const slow: Step = { status: 429, json: {} }
    const scripts: Timed[][] = [[{ ...acquired('r1'), takes: 5 }], [acquired('r1')], [acquired('r1'), slow]]
    for (const [nth, script] of scripts.entries()) {
      const abort = new AbortController()
      const { client, clock, run } = rig(script)
      clock.at(0.5, () => abort.abort())
      const onResource = (): Promise<void> => (nth === 1 ? clock.sleep(1000) : Promise.resolve())
      const { signal } = abort
      const result = await run(startRecording(client, { ...identity, clientRequest, onResource, signal }))
      expect(result).toMatchObject({ outcome: 'notStarted', retryable: true })
    }
  })
})
