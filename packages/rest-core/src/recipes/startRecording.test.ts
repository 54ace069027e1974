import { describe, expect, test } from 'vitest'
import { createCloudRecording } from '../client.ts'
import { InvalidRequestError, NoWorkerError, OverloadedError } from '../errors.ts'
import { createQuota, type Quota } from '../quota/quota.ts'
import { clientRequest, identity, options } from '../testing/examples.ts'
import { type Step, scriptedFetch } from '../testing/scriptedFetch.ts'
import { startRecording } from './startRecording.ts'
import { acquired, answer, gateway, refused, reset, run, started } from './testing/runStart.ts'

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

describe('mayStart', () => {
  const yes = (times: number) => {
    let left = times
    return async (): Promise<boolean> => left-- > 0
  }

  test('is asked before each start, and not before acquire', async () => {
    const { result, story } = await run([acquired('r1'), gateway, started], { mayStart: yes(2) })
    expect(result).toMatchObject({ outcome: 'started' })
    expect(story).toEqual(['acquire', 'store r1', 'start r1', 'start r1'])
  })

  test('no to the first: certainly nothing records', async () => {
    const { result, story } = await run([acquired('r1')], { mayStart: yes(0) })
    expect(result).toMatchObject({ outcome: 'notStarted', retryable: true })
    expect(story).toEqual(['acquire', 'store r1'])
  })

  test('no to a repetition: the start before it may have gone through', async () => {
    const { result, story, waits } = await run([acquired('r1'), reset], { mayStart: yes(1) })
    expect(result).toMatchObject({ outcome: 'unknown', resourceId: 'r1', resourceIds: ['r1'] })
    expect(story).toEqual(['acquire', 'store r1', 'start r1'])
    expect(waits).toEqual([3])
  })

  test('no answer: it rejects, and nothing is started', async () => {
    const mayStart = () => Promise.reject(new Error('database is gone'))
    await expect(run([acquired('r1')], { mayStart })).rejects.toThrow('database is gone')
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
