import { describe, expect, test } from 'vitest'
import { createCloudRecording } from './client.ts'
import type { Clock } from './clock.ts'
import type { CloudRecording, CloudRecordingOptions } from './cloudRecording.ts'
import { AbortedError, type CloudRecordingError, GatewayError, NetworkError, TimeoutError } from './errors.ts'
import { STICKY_HOST_MS } from './hosts.ts'
import type { LogEntry } from './log.ts'
import { createQuota } from './quota/quota.ts'
import type { Quota } from './quota/quotaTypes.ts'
import { acquireRequest, options, startRequest, task } from './testing/examples.ts'
import { type FakeClock, fakeClock } from './testing/fakeClock.ts'
import { fetchFailed, type Step, scriptedFetch } from './testing/scriptedFetch.ts'
import { steppedClock } from './testing/steppedClock.ts'

const rolling: Step = { status: 200, json: { serverResponse: { status: 5 } } }
const acquired: Step = { status: 200, json: { resourceId: 'r1' } }
const gateway: Step = { status: 502, text: '<html>Bad gateway</html>' }
const service: Step = { status: 500, json: { code: 500, reason: 'internal_error' } }
const refused: Step = { thrown: fetchFailed('ECONNREFUSED') }
const reset: Step = { thrown: fetchFailed('ECONNRESET') }
const unresolved: Step = { thrown: fetchFailed('ENOTFOUND') }

const primary = 'api.agora.io'
const alternate = 'api.sd-rtn.com'
const adjacent = 'api-eu-west-1.agora.io'

interface Setup {
  client: CloudRecording
  visited(): string[]
  clock: FakeClock
  log: LogEntry[]
}

/** A client in Europe without jitter. */
const setup = (script: Step[], more: Partial<CloudRecordingOptions> = {}): Setup => {
  const fetch = scriptedFetch(...script)
  const clock = fakeClock()
  const log: LogEntry[] = []
  const usual = { ...options, baseUrls: undefined, area: 'EU', random: () => 0, clock, fetch } as const
  const client = createCloudRecording({ ...usual, log: (entry) => void log.push(entry), ...more })
  return { client, clock, log, visited: () => fetch.sent.map(({ url }) => new URL(url).host) }
}

const rejection = (call: Promise<unknown>): Promise<CloudRecordingError> =>
  call.then(
    () => Promise.reject(new Error('the call succeeded')),
    (error) => error,
  )

describe('the order of hosts', () => {
  const sequences: [string, Step[], string[]][] = [
    ['a gateway 50x', [gateway, gateway, gateway, gateway], [primary, primary, alternate, adjacent]],
    ['DNS', [unresolved, unresolved, unresolved, unresolved], [primary, primary, alternate, adjacent]],
    ['refused', [refused, refused, refused, refused], [primary, primary, adjacent, alternate]],
    ['reset', [reset, reset, reset, reset], [primary, primary, adjacent, alternate]],
    [
      'first DNS, then refused',
      [unresolved, refused, gateway, gateway],
      [primary, primary, adjacent, alternate],
    ],
    [
      'first refused, then DNS',
      [refused, unresolved, gateway, gateway],
      [primary, primary, alternate, adjacent],
    ],
  ]
  test.each(sequences)('%s: four tries after 1, 3, 6 s', async (_, script, order) => {
    const { client, clock, visited } = setup(script)
    expect(await rejection(client.query(task))).toMatchObject({ tries: 4, host: order[3], expired: false })
    expect(visited()).toEqual(order)
    expect(clock.sleeps).toEqual([1000, 3000, 6000])
  })

  test('a 50x with a code is from the service, so no other host is tried', async () => {
    const { client, visited } = setup([service])
    expect((await rejection(client.acquire(acquireRequest))).code).toBe(500)
    expect(visited()).toEqual([primary])
  })

  test('a successful try is the last', async () => {
    const { client, clock, visited } = setup([gateway, gateway, rolling])
    expect((await client.query(task)).serverResponse.status).toBe(5)
    expect(visited()).toEqual([primary, primary, alternate])
    expect(clock.sleeps).toEqual([1000, 3000])
  })

  test('a try that the service refuses is the last', async () => {
    const { client, visited } = setup([gateway, service])
    expect(await rejection(client.acquire(acquireRequest))).toMatchObject({ tries: 2, code: 500 })
    expect(visited()).toEqual([primary, primary])
  })

  test('backoffs are multiplied by backoffScale, and only lengthened by jitter', async () => {
    for (const [random, sleeps] of [
      [0, [500, 1500, 3000]],
      [0.5, [550, 1650, 3300]],
    ] as const) {
      const script = [gateway, gateway, gateway, gateway]
      const { client, clock } = setup(script, { random: () => random, backoffScale: 0.5 })
      await rejection(client.query(task))
      expect(clock.sleeps.map(Math.round)).toEqual(sleeps)
    }
  })

  test('with six given hosts the last backoff is repeated', async () => {
    const baseUrls = [1, 2, 3, 4, 5, 6].map((n) => `http://host${n}.test`)
    const { client, clock, visited } = setup(Array(6).fill(reset), { baseUrls })
    await rejection(client.query(task))
    expect(visited()).toEqual(baseUrls.map((url) => new URL(url).host))
    expect(clock.sleeps).toEqual([1000, 3000, 6000, 6000, 6000])
  })
})

describe('the sticky host', () => {
  test('is tried first for five minutes, then the primary again', async () => {
    const { client, clock, visited } = setup([gateway, gateway, rolling, rolling, rolling, rolling, rolling])
    await client.query(task)
    await client.query(task)
    await clock.sleep(STICKY_HOST_MS - 1)
    await client.query(task)
    await clock.sleep(1)
    await client.query(task)
    await client.query(task)
    expect(visited().slice(2)).toEqual([alternate, alternate, alternate, primary, primary])
  })

  test('is set by an answer of the service, even a refusal, but not by an answer of a gateway', async () => {
    const byService = setup([gateway, gateway, service, acquired])
    await rejection(byService.client.acquire(acquireRequest))
    await byService.client.acquire(acquireRequest)
    expect(byService.visited().at(-1)).toBe(alternate)

    const noRoute: Step = { status: 404, json: { message: 'no Route matched with those values' } }
    const byGateway = setup([gateway, gateway, noRoute, acquired])
    await rejection(byGateway.client.acquire(acquireRequest))
    await byGateway.client.acquire(acquireRequest)
    expect(byGateway.visited().at(-1)).toBe(primary)
  })

  test('is followed by the primary when it fails', async () => {
    const { client, visited } = setup([gateway, gateway, rolling, gateway, gateway, rolling, rolling])
    await client.query(task)
    await client.query(task)
    await client.query(task)
    expect(visited().slice(3)).toEqual([alternate, alternate, primary, primary])
  })

  test('is forgotten when no host answers', async () => {
    const down = Array<Step>(4).fill(gateway)
    const { client, visited } = setup([gateway, gateway, rolling, ...down, rolling])
    await client.query(task)
    await rejection(client.query(task))
    await client.query(task)
    expect(visited().at(-1)).toBe(primary)
  })
})

describe('the deadline', () => {
  test('ends the call before a backoff that would exceed it, with the last error', async () => {
    const { client, clock } = setup([refused, refused])
    const error = await rejection(client.start(startRequest, { deadline: 3.5 }))
    expect(error).toBeInstanceOf(NetworkError)
    expect(error).toMatchObject({ tries: 2, expired: true, startOutcome: 'notStarted', fault: 'refused' })
    expect(error.message).toContain("the call's deadline left no time for another try")
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ expired: true })
    expect(clock.sleeps).toEqual([1000])
  })

  test('is 90 s unless the client or the call sets another', async () => {
    for (const [deadline, tries] of [
      [undefined, 4],
      [4.5, 3],
      [0.5, 1],
    ]) {
      const { client } = setup([gateway, gateway, gateway, gateway], { deadline })
      expect((await rejection(client.query(task))).tries).toBe(tries)
    }
    const clock = steppedClock()
    const quota = createQuota({ perSecond: 1, clock })
    const { client } = setup([rolling], { clock, quota })
    for (let i = 0; i < 100; i++) quota.take({ appId: 'app1', call: 'stop' })
    const waiting = rejection(client.query(task)).then(() => clock.now())
    await clock.advance(100_000)
    expect(await waiting).toBe(90_000)
  })

  test('shortens the timeout of a try', async () => {
    const hanging: typeof fetch = (_, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
      })
    const error = await rejection(setup([], { fetch: hanging }).client.query(task, { deadline: 0.02 }))
    expect(error).toMatchObject({ fault: 'timeout', tries: 1, expired: true })
  })

  test('includes the time in the quota queue: nothing is sent', async () => {
    const clock = steppedClock()
    const quota = createQuota({ perSecond: 1, clock })
    const { client, visited } = setup([], { clock, quota, deadline: 0.5 })
    await quota.take({ appId: 'app1', call: 'query' })
    const failing = rejection(client.start(startRequest))
    await clock.advance(500)
    const error = await failing
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error).toMatchObject({ tries: 0, expired: true, startOutcome: 'notStarted' })
    expect(error.message).toBe("start: no answer in time, and the call's deadline left no time for any try")
    expect(visited()).toEqual([])
  })

  test('must be within its range', async () => {
    for (const deadline of [0, -1, 3601, Number.NaN]) {
      const { client } = setup([])
      expect((await rejection(client.query(task, { deadline }))).message).toContain('deadline')
      expect(() => setup([], { deadline })).toThrow('deadline')
    }
  })
})

describe('the quota', () => {
  test('counts every try', async () => {
    const clock = steppedClock()
    const quota = createQuota({ perSecond: 3, clock })
    const { client, log } = setup([gateway, gateway, gateway, gateway], { clock, quota, backoffScale: 0 })
    const failing = rejection(client.query(task))
    await clock.advance(1049)
    expect(log).toHaveLength(3)
    await clock.advance(1)
    expect(await failing).toBeInstanceOf(GatewayError)
    expect(log.map(({ queuedMs }) => queuedMs)).toEqual([0, 0, 0, 1050])
  })

  test('recognizes acquire and start of one resource as a pair, even from two clients', async () => {
    const clock = steppedClock()
    const quota = createQuota({ perSecond: 1, clock })
    const one = setup([acquired], { clock, quota })
    const two = setup([{ status: 200, json: { sid: 'sid1' } }], { clock, quota })
    const { resourceId } = await one.client.acquire(acquireRequest)
    for (let i = 0; i < 500; i++) quota.take({ appId: 'app1', call: 'stop' })
    const starting = two.client.start({ ...startRequest, resourceId }).then(() => clock.now())
    await clock.advance(60_000)
    expect(await starting).toBe(1050)
  })

  test('frees the slot of a start when its acquire fails', async () => {
    const clock = steppedClock()
    const quota = createQuota({ perSecond: 1, clock })
    const { client } = setup([service, acquired], { clock, quota })
    await rejection(client.acquire(acquireRequest))
    const acquiring = client.acquire(acquireRequest).then(() => clock.now())
    await clock.advance(10_000)
    expect(await acquiring).toBe(1050)
  })

  test('by default each client has 10 per second', async () => {
    const clock = steppedClock()
    const { client, visited } = setup(Array(11).fill(rolling), { clock })
    const all = Array.from({ length: 11 }, () => client.query(task))
    await clock.advance(1000)
    expect(visited()).toHaveLength(10)
    await clock.advance(100)
    await Promise.all(all)
  })
})

describe('abort', () => {
  const abortOnSleep = (abort: AbortController): Clock => fakeClock(() => abort.abort())

  test('during a backoff', async () => {
    const abort = new AbortController()
    const { client, visited } = setup([reset], { clock: abortOnSleep(abort) })
    const error = await rejection(client.start(startRequest, { signal: abort.signal }))
    expect(error).toBeInstanceOf(AbortedError)
    expect(error).toMatchObject({ tries: 1, startOutcome: 'unknown' })
    expect(visited()).toHaveLength(1)
  })

  test('in the quota queue', async () => {
    const clock = steppedClock()
    const quota = createQuota({ perSecond: 1, clock })
    await quota.take({ appId: 'app1', call: 'query' })
    const abort = new AbortController()
    const { client } = setup([], { clock, quota })
    const failing = rejection(client.start(startRequest, { signal: abort.signal }))
    await clock.advance(10)
    abort.abort()
    expect(await failing).toMatchObject({ name: 'AbortedError', tries: 0, startOutcome: 'notStarted' })
    expect(clock.sleeping()).toBe(0)
  })
})

describe('drainSignal', () => {
  test('ends a backoff', async () => {
    const drain = new AbortController()
    const { client, visited } = setup([reset], { clock: fakeClock(() => drain.abort()) })
    const error = await rejection(client.start(startRequest, { drainSignal: drain.signal }))
    expect(error).toBeInstanceOf(AbortedError)
    expect(error).toMatchObject({ tries: 1, startOutcome: 'unknown' })
    expect(visited()).toHaveLength(1)
  })

  test('ends the wait in the quota queue, beside a signal that does not abort', async () => {
    const clock = steppedClock()
    const quota = createQuota({ perSecond: 1, clock })
    await quota.take({ appId: 'app1', call: 'query' })
    const drain = new AbortController()
    const { client } = setup([], { clock, quota })
    const signals = { signal: new AbortController().signal, drainSignal: drain.signal }
    const failing = rejection(client.start(startRequest, signals))
    await clock.advance(10)
    drain.abort()
    expect(await failing).toMatchObject({ name: 'AbortedError', tries: 0, startOutcome: 'notStarted' })
    expect(clock.sleeping()).toBe(0)
  })

  test('lets a try that has been sent have its answer', async () => {
    const drain = new AbortController()
    const answering: typeof fetch = async (_, init) => {
      drain.abort()
      expect(init?.signal?.aborted).toBe(false)
      return new Response(JSON.stringify(acquired.json))
    }
    const { client } = setup([], { fetch: answering })
    expect(await client.acquire(acquireRequest, { drainSignal: drain.signal })).toMatchObject({
      resourceId: 'r1',
    })
  })
})

describe('mayTry', () => {
  test('is called before each try, after its backoff; after false no more is sent, and earlier tries count', async () => {
    const { client, clock, visited } = setup([reset, reset])
    const calls: number[] = []
    const mayTry = async (): Promise<boolean> => calls.push(clock.sleeps.length) < 3
    const error = await rejection(client.start(startRequest, { mayTry }))
    expect(error).toBeInstanceOf(AbortedError)
    expect(error).toMatchObject({ tries: 2, startOutcome: 'unknown' })
    expect(visited()).toHaveLength(2)
    expect(calls).toEqual([0, 1, 2])
  })

  test.each([
    ['resolves to false', async () => false, { name: 'AbortedError', tries: 0 }],
    [
      'rejects',
      () => Promise.reject(new Error('the store is gone')),
      { name: 'AbortedError', tries: 0, cause: { message: 'the store is gone' } },
    ],
  ])('releases its grant when it %s', async (_, mayTry, expected) => {
    let released = 0
    const quota: Quota = { ...createQuota(), take: async () => ({ release: () => void released++ }) }
    const { client, visited } = setup([], { quota })
    expect(await rejection(client.acquire(acquireRequest, { mayTry }))).toMatchObject(expected)
    expect(visited()).toHaveLength(0)
    expect(released).toBe(1)
  })

  test('takes longer than the deadline: nothing is sent', async () => {
    const clock = steppedClock()
    const { client, visited } = setup([], { clock })
    const mayTry = (): Promise<boolean> => clock.sleep(5000).then(() => true)
    const failing = rejection(client.start(startRequest, { mayTry, deadline: 2 }))
    await clock.advance(5000)
    expect(await failing).toBeInstanceOf(TimeoutError)
    expect(visited()).toHaveLength(0)
  })
})
