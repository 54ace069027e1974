import { describe, expect, test } from 'vitest'
import { createCloudRecording } from '../client.ts'
import { CloudRecordingError } from '../errors.ts'
import { updateLayoutRequest } from '../testing/channelExamples.ts'
import {
  acquireRequest,
  options,
  startRequest,
  stopRequest,
  task,
  updateRequest,
} from '../testing/examples.ts'
import { type FakeClock, fakeClock } from '../testing/fakeClock.ts'
import { type HttpServer, startHttpServer } from '../testing/httpServer.ts'
import { confirmStarted } from './confirmStarted.ts'
import { retry } from './retry.ts'
import { startRecording } from './startRecording.ts'
import { stopUntilConfirmed } from './stopUntilConfirmed.ts'
import { watch } from './watch.ts'

interface Answer {
  status: number
  json?: object
  retryAfter?: string
}

const later = { status: 503, retryAfter: '30' }
const lost = { status: 504, json: { code: 62, reason: 'request timeout' } }
const fine: Answer = { status: 200, json: { resourceId: 'r', sid: 's', serverResponse: { status: 5 } } }

/** A real server that gives these answers, one after the other, and a client that knows only this server. */
const setUp = async (
  answers: Answer[],
): Promise<{ server: HttpServer; client: ReturnType<typeof createCloudRecording>; clock: FakeClock }> => {
  const server = await startHttpServer((_, response) => {
    const { status, json, retryAfter } = answers.shift() ?? fine
    if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter)
    response.statusCode = status
    response.end(json === undefined ? '' : JSON.stringify(json))
  })
  const clock = fakeClock()
  // The time limits of recipes are sleeps, too, and must not end first.
  const sleep: FakeClock['sleep'] = (ms, signal) =>
    ms < 90_000 ? clock.sleep(ms, signal) : untilAborted(signal)
  const patient = { ...clock, sleep }
  const client = createCloudRecording({ ...options, baseUrls: [server.url], clock: patient, random: () => 0 })
  return { server, client, clock }
}

const untilAborted = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason))
  })

const seconds = ({ sleeps }: FakeClock): number[] => sleeps.map((ms) => ms / 1000)

type Client = ReturnType<typeof createCloudRecording>
const calls: [string, (client: Client) => Promise<unknown>, number[]][] = [
  ['acquire', (client) => client.acquire(acquireRequest), [1, 3]],
  ['update', (client) => client.update(updateRequest), [5, 10]],
  ['updateLayout', (client) => client.updateLayout(updateLayoutRequest), [5, 10]],
  ['query', (client) => client.query(task), [5, 10]],
]

describe('a plain call', () => {
  test.each(calls)('%s is retried with its own backoff', async (_, send, backoff) => {
    const { server, client, clock } = await setUp([{ status: 503 }, { status: 502 }])
    await using _server = server
    await expect(retry(client, () => send(client))).resolves.toMatchObject({ sid: 's' })
    expect(seconds(clock)).toEqual(backoff)
    expect(server.received).toHaveLength(3)
  })

  test.each(calls)('%s is retried no earlier than Retry-After asks for', async (_, send) => {
    const { server, client, clock } = await setUp([later, { ...later, retryAfter: '7' }])
    await using _server = server
    await retry(client, () => send(client))
    expect(seconds(clock)[0]).toBe(30)
    expect(seconds(clock)[1]).toBeGreaterThanOrEqual(7)
  })

  test('rejects with the error of the last try, whose outcome is that of all', async () => {
    const { server, client } = await setUp([lost, { status: 400, json: { code: 2, reason: 'onhold' } }])
    await using _ = server
    const error = await retry(client, () => client.update(updateRequest)).catch((each: unknown) => each)
    expect(error).toBeInstanceOf(CloudRecordingError)
    expect(error).toMatchObject({ code: 2, reason: 'onhold', verdict: { outcome: 'unknown' } })
    expect(server.received).toHaveLength(2)
  })

  test('leaves a Retry-After of more than a minute to the caller', async () => {
    const { server, client, clock } = await setUp([{ ...later, retryAfter: '61' }])
    await using _ = server
    await expect(retry(client, () => client.query(task))).rejects.toMatchObject({ retryAfter: 61 })
    expect(clock.sleeps).toEqual([])
  })

  test('ends with its signal', async () => {
    const abort = new AbortController()
    const { server, client } = await setUp([{ status: 503 }])
    await using _ = server
    const send = () => client.query(task).finally(() => abort.abort())
    await expect(retry(client, send, { signal: abort.signal })).rejects.toMatchObject({ status: 503 })
    expect(server.received).toHaveLength(1)
  })
})

describe('Retry-After in the recipes', () => {
  const { cname, uid, clientRequest } = startRequest
  const request = { cname, uid, clientRequest, onResource: async () => {} }

  test('startRecording: before the same start, and before a fresh resource', async () => {
    const noWorker = { status: 500, json: { code: 502 }, retryAfter: '20' }
    const { server, client, clock } = await setUp([fine, later, noWorker])
    await using _ = server
    expect(await startRecording(client, request)).toMatchObject({ outcome: 'started' })
    expect(seconds(clock)).toEqual([30, 20])
    expect(server.received.map(({ path }) => path.split('/').at(-1))).toEqual([
      'acquire',
      'start',
      'start',
      'acquire',
      'start',
    ])
  })

  test('startRecording: no fresh resource if the pause is too long', async () => {
    const { server, client } = await setUp([fine, { status: 500, json: { code: 502 }, retryAfter: '600' }])
    await using _ = server
    const result = await startRecording(client, request)
    expect(result).toMatchObject({ outcome: 'notStarted', retryable: true, error: { retryAfter: 600 } })
  })

  test('startRecording: growing too fast is no refusal', async () => {
    const { server, client } = await setUp([{ status: 400, json: { message: 'grows too fast' } }])
    await using _ = server
    expect(await startRecording(client, request)).toMatchObject({
      outcome: 'notStarted',
      retryable: true,
      countsAsFailure: false,
      trouble: 'account',
    })
  })

  test('stopUntilConfirmed, also for a 404', async () => {
    const notFound = { status: 404, json: { code: 404 }, retryAfter: '40' }
    const { server, client, clock } = await setUp([later, notFound])
    await using _ = server
    expect(await stopUntilConfirmed(client, stopRequest)).toMatchObject({ outcome: 'stopped' })
    expect(seconds(clock)).toEqual(expect.arrayContaining([30, 40]))
  })

  test('confirmStarted and watch', async () => {
    const { server, client, clock } = await setUp([later, fine, later])
    await using _ = server
    expect(await confirmStarted(client, task)).toMatchObject({ outcome: 'confirmed' })
    expect(seconds(clock)).toEqual(expect.arrayContaining([5, 30]))
    for await (const { kind } of watch(client, task)) if (kind === 'alive') break
    expect(seconds(clock).filter((each) => each === 30)).toHaveLength(2)
  })
})

test('a host that asks for a pause is not tried again within the call, another one is', async () => {
  const other = await setUp([])
  await using _other = other.server
  const { server, clock } = await setUp([later, later])
  await using _server = server
  const baseUrls = [server.url, server.url, other.server.url]
  const client = createCloudRecording({ ...options, baseUrls, clock, random: () => 0 })
  await client.query(task)
  expect([server.received.length, other.server.received.length]).toEqual([1, 1])
  expect(seconds(clock)).toEqual([1])
})
