import { describe, expect, test } from 'vitest'
import type { CallOptions, CloudRecording } from '../cloudRecording.ts'
import { AbortedError, InvalidRequestError } from '../errors.ts'
import { clientRequest, identity, startRequest, stopRequest, task } from '../testing/examples.ts'
import { confirmStarted } from './confirmStarted.ts'
import { playlistFromQuery } from './playlistFromQuery.ts'
import { refreshCredentials } from './refreshCredentials.ts'
import { retry } from './retry.ts'
import { startRecording } from './startRecording.ts'
import { stopUntilConfirmed } from './stopUntilConfirmed.ts'
import { coded, failing, rig, status, type Timed } from './testing/rig.ts'
import { watch } from './watch.ts'

const stopping = coded(400, 49)

type Recipe = (client: CloudRecording, options: CallOptions) => Promise<unknown>

const watched: Recipe = async (client, options) => {
  const kinds: string[] = []
  for await (const { kind } of watch(client, task, options)) kinds.push(kind)
  return kinds
}

const refreshed: Recipe = async (client, options) => {
  const kinds: string[] = []
  const credentials = async () => ({
    ...{ accessKey: 'key', secretKey: 'secret', stsToken: 'token' },
    stsExpiration: client.now() / 1000 + 14_400,
  })
  const { storageConfig } = clientRequest
  const onEvent = ({ kind }: { kind: string }) => void kinds.push(kind)
  const request = { ...identity, ...task, storageConfig, credentials, onEvent, refreshedAt: 0 }
  const result = await refreshCredentials(client, request, {
    signal: new AbortController().signal,
    ...options,
  })
  return [result, kinds]
}

const confirmed: Recipe = (client, options) => confirmStarted(client, task, options)
const stopped: Recipe = (client, options) => stopUntilConfirmed(client, stopRequest, options)
const playlist: Recipe = (client, options) => playlistFromQuery(client, task, { sinceStart: 15, ...options })
const retried: Recipe = (client, options) =>
  retry(client, () => client.query(task, options), options).catch(({ code }) => code)

describe('drainSignal', () => {
  test.each<[string, Recipe, number, unknown]>([
    ['retry', retried, 2, 62],
    ['confirmStarted', confirmed, 8, { outcome: 'unconfirmed', aborted: true, queries: [{ after: 5 }] }],
    ['stopUntilConfirmed', stopped, 2, { outcome: 'unconfirmed', aborted: true, error: { code: 62 } }],
    ['watch', watched, 2, ['unclear']],
    ['playlistFromQuery', playlist, 2, { outcome: 'unknown' }],
    ['refreshCredentials', refreshed, 2, [{ reason: 'aborted' }, []]],
  ])('ends the waits of %s', async (_, recipe, second, expected) => {
    const drain = new AbortController()
    const { client, clock, run } = rig([failing])
    clock.at(second, () => drain.abort())
    const result = await run(recipe(client, { drainSignal: drain.signal }))
    if (typeof expected === 'number') expect(result).toBe(expected)
    else expect(result).toMatchObject(expected as object)
    expect(clock.seconds()).toBe(second)
  })

  test.each<[string, Recipe, Timed, number, unknown]>([
    ['confirmStarted', confirmed, status(5), 6, { outcome: 'confirmed' }],
    ['stopUntilConfirmed', stopped, stopping, 1, { outcome: 'stopped', by: 'alreadyStopping' }],
    ['watch', watched, status(5), 1, ['alive']],
    ['playlistFromQuery', playlist, status(5, 'a.m3u8'), 1, { outcome: 'files' }],
    ['refreshCredentials', refreshed, status(5), 1, [{ reason: 'aborted' }, ['refreshed']]],
  ])('leaves a request of %s its answer', async (_, recipe, step, second, expected) => {
    const drain = new AbortController()
    const { client, clock, run } = rig([{ ...step, takes: 3 }])
    clock.at(second, () => drain.abort())
    expect(await run(recipe(client, { drainSignal: drain.signal }))).toMatchObject(expected as object)
  })
})

const failure = new Error('the store is gone')
const aborted = { name: 'AbortedError', cause: failure }
const unconfirmed = { outcome: 'unconfirmed', aborted: false, error: aborted }

describe('what a function of the caller throws', () => {
  const beforeRequest = () => Promise.reject(failure)
  const { resourceId: _, mode: __, ...start } = startRequest

  test.each<[string, Recipe, unknown]>([
    ['stopUntilConfirmed', stopped, unconfirmed],
    ['playlistFromQuery', playlist, { outcome: 'unknown', error: aborted }],
    [
      'startRecording',
      (client) => startRecording(client, { ...start, onResource: async () => {} }),
      { outcome: 'notStarted', trouble: 'caller', retryable: true, error: aborted },
    ],
  ])('is an outcome of %s', async (_name, recipe, expected) => {
    const { client, run } = rig([], { beforeRequest })
    expect(await run(recipe(client, {}))).toMatchObject(expected as object)
  })

  test('is an event of refreshCredentials, which goes on', async () => {
    let calls = 0
    const { client, clock, run } = rig([status(5)], {
      beforeRequest: () => {
        if (++calls === 1) throw failure
      },
    })
    const abort = new AbortController()
    clock.at(100, () => abort.abort())
    expect(await run(refreshed(client, { signal: abort.signal }))).toEqual([
      { reason: 'aborted' },
      ['failed', 'refreshed'],
    ])
  })

  test.each<[string, Recipe]>([
    ['confirmStarted', confirmed],
    ['watch', watched],
  ])('rejects %s', async (_name, recipe) => {
    const { client, run } = rig([], { beforeRequest })
    await expect(run(recipe(client, {}))).rejects.toMatchObject(aborted)
  })

  test('after a start whose answer was lost, startRecording says that it may be running', async () => {
    const acquired: Timed = { status: 200, json: { resourceId: 'r1' } }
    const lost: Timed = { thrown: new TypeError('fetch failed') }
    let calls = 0
    const mayStart = async (): Promise<boolean> => {
      if (++calls === 2) throw failure
      return true
    }
    const { client, run } = rig([acquired, lost])
    expect(
      await run(startRecording(client, { ...start, onResource: async () => {}, mayStart })),
    ).toMatchObject({
      outcome: 'unknown',
      resourceIds: ['r1'],
      error: aborted,
    })
  })
})

describe('the other options of a call hold in recipes', () => {
  test.each<[string, Recipe]>([
    ['confirmStarted', confirmed],
    ['watch', watched],
  ])('%s: mayTry', async (_name, recipe) => {
    const { client, run } = rig([])
    await expect(run(recipe(client, { mayTry: async () => false }))).rejects.toBeInstanceOf(AbortedError)
  })

  test('stopUntilConfirmed: mayTry', async () => {
    const { client, run } = rig([])
    expect(await run(stopped(client, { mayTry: () => Promise.reject(failure) }))).toMatchObject(unconfirmed)
  })

  test('a misspelt one is named', async () => {
    const { client, run } = rig([])
    const misspelt = { deadlin: 5 } as CallOptions
    const error = { name: 'InvalidRequestError', issues: [{ path: 'deadlin' }] }
    expect(await run(stopped(client, misspelt))).toMatchObject({ outcome: 'unconfirmed', error })
    await expect(run(watched(client, misspelt))).rejects.toBeInstanceOf(InvalidRequestError)
    await expect(run(confirmed(client, misspelt))).rejects.toBeInstanceOf(InvalidRequestError)
  })
})
