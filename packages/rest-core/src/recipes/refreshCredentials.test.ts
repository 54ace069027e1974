import { inspect } from 'node:util'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { NotFoundError, TimeoutError } from '../errors.ts'
import { clientRequest, identity, secrets, task } from '../testing/examples.ts'
import {
  type RefreshCredentialsRequest,
  type RefreshEvent,
  type RefreshResult,
  refreshCredentials,
  type StsCredentials,
  secondsToRefresh,
} from './refreshCredentials.ts'
import { coded, failing, notFound, type Rig, repeated, rig, type Timed } from './testing/rig.ts'

const updated: Timed = { status: 200, json: {} }
const hour = 3600
const minute = 60
const { storageConfig } = clientRequest

interface Run {
  result: RefreshResult
  events: RefreshEvent[]
  times: number[]
  /** The storage config of each update, in order. */
  configs: unknown[]
}

type More = Partial<RefreshCredentialsRequest> & { end?: number; hours?: number }

/** Refreshes until the script ends, or for `end` seconds. Credentials are valid for `hours`. */
const refresh = async (script: Timed[], { end, hours = 4, ...more }: More = {}): Promise<Run> => {
  const set = rig(script)
  const { client, clock } = set
  const abort = new AbortController()
  const events: RefreshEvent[] = []
  const expiration = (): number => clock.now() / 1000 + hours * hour
  const request: RefreshCredentialsRequest = {
    ...identity,
    ...task,
    storageConfig: { ...storageConfig, stsExpiration: expiration() },
    credentials: async () => fresh(set.sent.length, expiration()),
    onEvent: (event) => {
      events.push(event)
      if (end === undefined && set.sent.length === script.length) abort.abort()
    },
    ...more,
  }
  if (end !== undefined) clock.at(end, () => abort.abort())
  const result = await set.run(refreshCredentials(client, request, { signal: abort.signal }))
  return { result, events, times: set.times, configs: set.sent.map(configOf) }
}

const fresh = (number: number, stsExpiration: number): StsCredentials => ({
  accessKey: `SECRET-key-${number}`,
  secretKey: `SECRET-${number}`,
  stsToken: `SECRET-token-${number}`,
  stsExpiration,
})

const configOf = ({ body }: Rig['sent'][number]): unknown =>
  (body as { clientRequest: { storageConfig: unknown } }).clientRequest.storageConfig

describe('a refresh is sent', () => {
  test('every 50 minutes, with the new credentials and the rest of the storage config unchanged', async () => {
    const { result, events, times, configs } = await refresh(repeated(3, updated))
    expect(result).toEqual({ reason: 'aborted' })
    expect(times).toEqual([50 * minute, 100 * minute, 150 * minute])
    expect(events.map(({ kind }) => kind)).toEqual(['refreshed', 'refreshed', 'refreshed'])
    const begin = Date.UTC(2026, 0, 1) / 1000
    expect(configs[1]).toEqual({ ...storageConfig, ...fresh(1, begin + 100 * minute + 4 * hour) })
  })

  test('50 minutes after `refreshedAt`', async () => {
    const refreshedAt = Date.UTC(2026, 0, 1) - 45 * minute * 1000
    expect((await refresh([updated], { refreshedAt })).times).toEqual([5 * minute])
  })

  test('30 minutes before the credentials expire, or half-way if they do not live that long', async () => {
    expect((await refresh([updated, updated], { hours: 1 })).times).toEqual([30 * minute, 60 * minute])
    expect((await refresh([updated, updated], { hours: 0.1 })).times).toEqual([3 * minute, 6 * minute])
    // At most one per minute, however soon they expire.
    expect((await refresh([updated, updated], { hours: 0.01 })).times).toEqual([18, 78])
  })

  test.each([
    // refreshedAt, expiration, now, expected; all in minutes
    [0, undefined, 0, 50],
    [0, 240, 0, 50],
    [0, 240, 20, 30],
    [0, 240, 70, 0],
    [0, 70, 0, 40],
    [0, 40, 0, 20],
    [0, 40, 15, 5],
    [0, -10, 0, 0],
  ])('refreshed at %s, expires at %s, now %s: in %s minutes', (refreshedAt, expiration, now, expected) => {
    const seconds = secondsToRefresh(
      refreshedAt * minute * 1000,
      expiration === undefined ? undefined : expiration * minute,
      now * minute * 1000,
    )
    expect(seconds).toBe(expected * minute)
  })
})

describe('a refresh that fails is retried', () => {
  test('after 5, 10, 15, 30 s, then every 60 s with new credentials', async () => {
    const { events, times, configs } = await refresh([...repeated(5, failing), updated])
    const first = 50 * minute
    expect(times.map((time) => time - first)).toEqual([0, 5, 15, 30, 60, 120])
    expect(events).toMatchObject([{ kind: 'failed', retryAfter: 60 }, { kind: 'refreshed' }])
    expect(events[0]).toHaveProperty('error', expect.any(TimeoutError))
    expect(configs[4]).toEqual(configs[0])
    expect(configs[5]).toHaveProperty('stsToken', 'SECRET-token-5')
  })

  test('even if Agora refused it, because the next credentials may be valid', async () => {
    const { events, times } = await refresh([coded(400, 2), updated])
    expect(times).toEqual([50 * minute, 51 * minute])
    expect(events.map(({ kind }) => kind)).toEqual(['failed', 'refreshed'])
  })

  test('only after the answer to the last update', async () => {
    const slow: Timed = { ...updated, takes: 80 * minute }
    expect((await refresh([slow, updated])).times).toEqual([50 * minute, 180 * minute])
  })
})

describe('reason ended', () => {
  test('two refreshes, 60 s apart, answer 404', async () => {
    const { result, events, times } = await refresh(repeated(8, notFound), { end: 9 * hour })
    expect(result).toEqual({ reason: 'ended', error: expect.any(NotFoundError) })
    expect(events).toHaveLength(1)
    expect(times.map((time) => time - 50 * minute)).toEqual([0, 5, 15, 30, 90, 95, 105, 120])
  })

  test('not if another answer came between them', async () => {
    for (const between of [coded(400, 2), updated]) {
      const script = [...repeated(4, notFound), between, ...repeated(4, notFound), updated]
      const { result, times } = await refresh(script)
      expect(result).toEqual({ reason: 'aborted' })
      expect(times).toHaveLength(10)
    }
  })
})

describe('the credentials callback', () => {
  const failureMessages = async (
    credentials: RefreshCredentialsRequest['credentials'],
  ): Promise<string[]> => {
    const { events } = await refresh([], { credentials, end: 53 * minute })
    expect(events.every(({ kind }) => kind === 'failed')).toBe(true)
    return events.map((event) => inspect(event))
  }

  test('throws: it is called again every 60 s, and its message is not quoted', async () => {
    const messages = await failureMessages(async () => {
      throw new RangeError('SECRET')
    })
    expect(messages).toHaveLength(3)
    expect(messages[0]).toContain('(RangeError)')
    expect(messages.join()).not.toContain('SECRET')
  })

  test('never answers: it is abandoned after 60 s and its signal aborted', async () => {
    const aborted: boolean[] = []
    const messages = await failureMessages((signal) => {
      signal.addEventListener('abort', () => aborted.push(true))
      return new Promise(() => {})
    })
    expect(messages[0]).toContain('no new credentials within 60 s')
    expect(aborted).not.toHaveLength(0)
  })

  test('returns expired or invalid credentials: nothing is sent', async () => {
    const expired = await failureMessages(async () => fresh(0, Date.UTC(2026, 0, 1) / 1000))
    expect(expired[0]).toContain('already expired')
    const empty = await failureMessages(async () => ({ ...fresh(0, 9_999_999_999), secretKey: '' }))
    expect(empty[0]).toContain('secretKey')
  })

  test('is pending when the signal aborts: the recipe ends immediately', async () => {
    const { result, events } = await refresh([], {
      credentials: () => new Promise(() => {}),
      end: 50 * minute + 1,
    })
    expect(result).toEqual({ reason: 'aborted' })
    expect(events).toEqual([])
  })

  test('aborts the signal itself: the recipe does not wait for it', async () => {
    const { client, run } = rig([])
    const abort = new AbortController()
    const credentials = (): Promise<StsCredentials> => {
      abort.abort()
      return new Promise(() => {})
    }
    const request = { ...identity, ...task, storageConfig, credentials }
    expect(await run(refreshCredentials(client, request, abort))).toEqual({ reason: 'aborted' })
  })
})

test('after an abort, even one before the call, nothing is sent', async () => {
  expect((await refresh([], { end: 49 * minute })).result).toEqual({ reason: 'aborted' })
  expect((await refresh([], { end: 0 })).result).toEqual({ reason: 'aborted' })
})

test('a listener that throws does not end the recipe, and its message is not quoted', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  onTestFinished(() => warn.mockRestore())
  const onEvent = (): never => {
    throw new Error('SECRET')
  }
  const { times } = await refresh([updated, updated], { onEvent, end: 101 * minute })
  expect(times).toHaveLength(2)
  expect(inspect(warn.mock.calls)).not.toContain('SECRET')
})

test('no secret is in an event or the result, whatever Agora quotes', async () => {
  const reason = `bad ${secrets.secretKey} SECRET-0 SECRET-key-0 SECRET-token-0 ${secrets.customerSecret}`
  const script: Timed[] = [{ status: 400, json: { code: 2, reason } }, ...repeated(8, notFound)]
  const run = await refresh(script, { end: 9 * hour })
  const output =
    inspect([run.result, run.events], { depth: 20, showHidden: true }) + JSON.stringify(run.events)
  for (const secret of ['SECRET-0', 'SECRET-key-0', 'SECRET-token-0', secrets.customerSecret]) {
    expect(output).not.toContain(secret)
  }
})
