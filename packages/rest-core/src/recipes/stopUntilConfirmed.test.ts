import { describe, expect, test } from 'vitest'
import { InvalidRequestError } from '../errors.ts'
import { createQuota } from '../quota/quota.ts'
import type { Quota } from '../quota/quotaTypes.ts'
import { stopRequest } from '../testing/examples.ts'
import { type StopOptions, type StopResult, stopUntilConfirmed } from './stopUntilConfirmed.ts'
import { coded, failing, notFound, type Rig, repeated, rig, type Timed } from './testing/rig.ts'

const stopped = (serverResponse: object = {}): Timed => ({ status: 200, json: { serverResponse } })

const stop = async (
  script: Timed[],
  options?: StopOptions,
  prepare: (rig: Rig) => void = () => {},
): Promise<{ result: StopResult; times: number[]; endedAt: number }> => {
  const set = rig(script)
  prepare(set)
  const result = await set.run(stopUntilConfirmed(set.client, stopRequest, options))
  return { result, times: set.times, endedAt: set.clock.seconds() }
}

describe('outcome stopped', () => {
  test.each([
    [200, 'answered', stopped()],
    ['400/49', 'alreadyStopping', coded(400, 49)],
    ['206/435', 'noRecordedData', coded(206, 435)],
    ['200/50', 'uploadUnfinished', coded(200, 50)],
  ] as const)('after %s', async (_, by, step) => {
    const { result, times } = await stop([step])
    expect(result).toMatchObject({ outcome: 'stopped', by })
    expect(times).toEqual([0])
  })

  test('has the upload status of web mode and of the RTC modes, if Agora answers one', async () => {
    const upload = { serviceName: 'upload_service', payload: { uploadingStatus: 'backuped' } }
    const recorder = { serviceName: 'web_recorder_service', payload: { state: 'exit' } }
    const web = await stop([stopped({ extensionServiceState: [recorder, upload] })])
    expect(web.result).toHaveProperty('uploadingStatus', 'backuped')
    const mix = await stop([stopped({ uploadingStatus: 'uploaded', fileList: 'a.m3u8' })])
    expect(mix.result).toHaveProperty('uploadingStatus', 'uploaded')
    expect((await stop([stopped()])).result).not.toHaveProperty('uploadingStatus')
  })

  test('404s confirm the stop once they last longer than a failover', async () => {
    const { result, times } = await stop(repeated(8, notFound))
    expect(result).toEqual({ outcome: 'stopped', by: 'notFound' })
    expect(times).toEqual([0, 5, 15, 30, 45, 60, 75, 90])
  })

  test('404s confirm the stop after 5, 10 and 15 s with a failoverWindow of 0', async () => {
    const { result, times } = await stop(repeated(4, notFound), { failoverWindow: 30 })
    expect(result).toEqual({ outcome: 'stopped', by: 'notFound' })
    expect(times).toEqual([0, 5, 15, 30])
  })

  test('a task that comes back from a failover is stopped', async () => {
    const { result } = await stop([notFound, notFound, stopped()])
    expect(result).toMatchObject({ outcome: 'stopped', by: 'answered' })
    const long = await stop([...repeated(6, notFound), stopped()])
    expect(long.result).toMatchObject({ by: 'answered' })
    expect(long.times).toEqual([0, 5, 15, 30, 45, 60, 75])
  })
})

describe('stop is retried', () => {
  test('after 206/65 in 3, 6 s and then every 6 s, because it confirms nothing', async () => {
    const { result, times } = await stop([...repeated(4, coded(206, 65)), coded(400, 49)])
    expect(result).toEqual({ outcome: 'stopped', by: 'alreadyStopping' })
    expect(times).toEqual([0, 3, 9, 15, 21])
  })

  test('after 50x in 5, 10, 15, 30 s and then every 30 s', async () => {
    const { result, times } = await stop([...repeated(6, failing), stopped()])
    expect(result.outcome).toBe('stopped')
    expect(times).toEqual([0, 5, 15, 30, 60, 90, 120])
  })

  test("after a gateway's 502, a lost answer and 429", async () => {
    const reset: Timed = { thrown: new TypeError('fetch failed') }
    const limited: Timed = { status: 429, json: {}, headers: { 'retry-after': '70' } }
    const { result, times } = await stop([{ status: 502, text: '' }, reset, limited, stopped()])
    expect(result.outcome).toBe('stopped')
    expect(times).toEqual([0, 5, 15, 85])
  })
})

test("a deadline in the client's own queue is followed by a retry", async () => {
  const quota = createQuota()
  let calls = 0
  const full: Quota = { ...quota, take: async (wish) => (calls++ === 0 ? 'expired' : quota.take(wish)) }
  const { client, run, times } = rig([stopped()], { quota: full })
  expect(await run(stopUntilConfirmed(client, stopRequest))).toMatchObject({ by: 'answered' })
  expect(times).toEqual([30])
})

describe('outcome unconfirmed', () => {
  test('Agora refuses the stop', async () => {
    for (const status of [400, 401]) {
      const { result, times } = await stop([coded(status, 2)])
      expect(result).toMatchObject({ outcome: 'unconfirmed', aborted: false, error: { status } })
      expect(times).toEqual([0])
    }
  })

  test('the request is invalid', async () => {
    const { client } = rig([])
    const result = await stopUntilConfirmed(client, { ...stopRequest, uid: '0' })
    expect(result).toHaveProperty('error', expect.any(InvalidRequestError))
  })

  test('the limit is reached: the last error is kept, and a host that hangs does not extend it', async () => {
    const script = [coded(206, 65), { ...stopped(), takes: 600 }]
    const { result, endedAt } = await stop(script, { limit: 20 })
    expect(result).toMatchObject({ outcome: 'unconfirmed', aborted: false, error: { code: 65 } })
    expect(endedAt).toBe(20)
  })

  test('the default limit of 300 s is reached', async () => {
    const { result, endedAt } = await stop(repeated(12, failing))
    expect(result.outcome).toBe('unconfirmed')
    expect(endedAt).toBe(300)
  })

  test('the signal aborts', async () => {
    const abort = new AbortController()
    const prepare = ({ clock }: Rig): void => clock.at(4, () => abort.abort())
    const { result, endedAt } = await stop([failing], { signal: abort.signal }, prepare)
    expect(result).toMatchObject({ outcome: 'unconfirmed', aborted: true, error: { code: 62 } })
    expect(endedAt).toBe(4)
  })
})
