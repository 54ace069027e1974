import { describe, expect, test } from 'vitest'
import { createCloudRecording } from '../client.ts'
import { clientRequest, identity, options, stopRequest, task } from '../testing/examples.ts'
import { fakeClock } from '../testing/fakeClock.ts'
import { fetchFailed, type Step, scriptedFetch } from '../testing/scriptedFetch.ts'
import { confirmStarted } from './confirmStarted.ts'
import { playlistFromQuery } from './playlistFromQuery.ts'
import { type RefreshEvent, refreshCredentials } from './refreshCredentials.ts'
import { retry } from './retry.ts'
import { stopUntilConfirmed } from './stopUntilConfirmed.ts'
import { coded, rig, status, type Timed } from './testing/rig.ts'
import { watch } from './watch.ts'

const asking = (step: Timed, seconds: number): Timed => ({
  ...step,
  headers: { 'retry-after': String(seconds) },
})
const postponed: [string, Timed][] = [
  ['a 503', asking({ status: 503, text: '' }, 200)],
  ['a 404', asking(coded(404, 404), 200)],
  ['a 429', asking({ status: 429, json: {} }, 200)],
]

describe.each(postponed)('%s with a Retry-After of more than a minute', (_, step) => {
  test('is waited for by stopUntilConfirmed', async () => {
    const { client, run, times } = rig([step, coded(400, 49)])
    expect(await run(stopUntilConfirmed(client, stopRequest))).toMatchObject({ by: 'alreadyStopping' })
    expect(times).toEqual([0, 200])
  })

  test('ends stopUntilConfirmed and confirmStarted at their limit, without another request', async () => {
    const stop = rig([step])
    expect(await stop.run(stopUntilConfirmed(stop.client, stopRequest, { limit: 100 }))).toMatchObject({
      outcome: 'unconfirmed',
      aborted: false,
      error: { retryAfter: 200 },
    })
    expect(stop.clock.seconds()).toBe(100)
    const confirm = rig([step])
    expect(await confirm.run(confirmStarted(confirm.client, task))).toMatchObject({ outcome: 'unconfirmed' })
    expect(confirm.clock.seconds()).toBe(90)
  })

  test('is waited for by confirmStarted, if its limit allows', async () => {
    const { client, run, times } = rig([step, status(5)])
    expect(await run(confirmStarted(client, task, { limit: 300 }))).toMatchObject({ outcome: 'confirmed' })
    expect(times).toEqual([5, 205])
  })

  test('is waited for by watch', async () => {
    const { client, run, times } = rig([step, status(7)])
    const kinds = async (): Promise<string[]> => {
      const all: string[] = []
      for await (const { kind } of watch(client, task)) all.push(kind)
      return all
    }
    expect(await run(kinds())).toEqual(['unclear', 'ended'])
    expect(times).toEqual([0, 200])
  })

  test('ends playlistFromQuery', async () => {
    const { client, run } = rig([step])
    expect(await run(playlistFromQuery(client, task))).toMatchObject({
      outcome: 'unknown',
      error: { retryAfter: 200 },
    })
  })

  test.each([
    [200, 200],
    [7200, 300],
  ])('of %i s is waited for by refreshCredentials for %i s', async (seconds, waited) => {
    const { client, clock, run, times } = rig([asking(step, seconds), status(5)])
    const abort = new AbortController()
    const events: RefreshEvent[] = []
    const { storageConfig } = clientRequest
    const request = {
      ...{ ...identity, ...task, storageConfig, refreshedAt: 0 },
      credentials: async () => ({
        ...{ accessKey: 'key', secretKey: 'secret', stsToken: 'token' },
        stsExpiration: clock.now() / 1000 + 14_400,
      }),
      onEvent: (event: RefreshEvent) => {
        events.push(event)
        if (event.kind === 'refreshed') abort.abort()
      },
    }
    await run(refreshCredentials(client, request, { signal: abort.signal }))
    expect(events).toMatchObject([{ kind: 'failed', retryAfter: waited }, { kind: 'refreshed' }])
    expect(times).toEqual([0, waited])
  })
})

describe('Retry-After of a host is kept when the call goes on to another one', () => {
  const paused = (seconds: number): Step => ({
    status: 503,
    text: '',
    headers: { 'retry-after': String(seconds) },
  })
  const reset: Step = { thrown: fetchFailed('ECONNRESET') }
  const setUp = (...script: Step[]) => {
    const clock = fakeClock()
    const fetch = scriptedFetch(...script)
    const baseUrls = ['http://one.test', 'http://two.test']
    return {
      clock,
      client: createCloudRecording({ ...options, baseUrls, fetch, clock, random: () => 0 }),
      hosts: () => fetch.sent.map(({ url }) => new URL(url).hostname),
    }
  }

  test('and no retry comes earlier', async () => {
    const { client, clock, hosts } = setUp(paused(30), reset, status(5))
    await retry(client, () => client.query(task))
    expect(hosts()).toEqual(['one.test', 'two.test', 'one.test'])
    // One second of the 30 passed before the second host was tried.
    expect(clock.sleeps).toEqual([1000, 29_000])
  })

  test('and more than a minute is left to the caller', async () => {
    const { client, clock } = setUp(paused(600), reset)
    await expect(retry(client, () => client.query(task))).rejects.toMatchObject({
      fault: 'reset',
      retryAfter: 599,
      verdict: { delays: [] },
    })
    expect(clock.sleeps).toEqual([1000])
  })

  test('but a verdict without retries gets none', async () => {
    const { client } = setUp(paused(30), coded(400, 406))
    await expect(client.acquire({ ...identity, clientRequest: { scene: 1 } })).rejects.toMatchObject({
      retryAfter: 29,
      verdict: { meaning: 'overloaded', delays: [] },
    })
  })

  test('and it is over when its time has passed', async () => {
    const { client } = setUp(paused(1), reset)
    const error: unknown = await client.query(task).catch((each: unknown) => each)
    expect(error).toMatchObject({ retryAfter: undefined, verdict: { delays: [5, 10, 15, 30] } })
  })
})
