import { describe, expect, test } from 'vitest'
import { createCloudRecording } from '../client.ts'
import { InvalidRequestError, NoWorkerError, OverloadedError } from '../errors.ts'
import { createQuota } from '../quota/quota.ts'
import type { Quota } from '../quota/quotaTypes.ts'
import { clientRequest, identity, options } from '../testing/examples.ts'
import { type Step, scriptedFetch } from '../testing/scriptedFetch.ts'
import type { Trouble } from '../trouble.ts'
import { startRecording } from './startRecording.ts'
import { acquired, answer, gateway, refused, reset, run, started } from './testing/runStart.ts'

describe('outcome started', () => {
  test('acquires, stores, starts', async () => {
    const { result, steps, waits } = await run([acquired('r1'), started])
    expect(result).toEqual({ outcome: 'started', sid: 'sid1', resourceId: 'r1' })
    expect(steps).toEqual(['acquire', 'store r1', 'start r1'])
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

  test('any 50x: sends the same start after 3, 6, 9 s', async () => {
    const { result, waits, steps } = await run([acquired('r1'), gateway, answer(500, 15), reset, started])
    expect(result.outcome).toBe('started')
    expect(waits).toEqual([3, 6, 9])
    expect(steps).toEqual(['acquire', 'store r1', 'start r1', 'start r1', 'start r1', 'start r1'])
  })

  test('206/65: retries after 3 and 6 s, then uses a fresh resource', async () => {
    const lost = answer(206, 65)
    const { result, waits, steps } = await run([acquired('r1'), lost, lost, lost, acquired('r2'), started])
    expect(result).toEqual({ outcome: 'started', sid: 'sid1', resourceId: 'r2' })
    expect(waits).toEqual([3, 6])
    expect(steps.slice(-3)).toEqual(['acquire', 'store r2', 'start r2'])
  })

  test('no worker, or an expired resource: uses a fresh resource immediately', async () => {
    for (const refusal of [answer(500, 502), answer(400, 433)]) {
      const { result, waits } = await run([acquired('r1'), refusal, acquired('r2'), started])
      expect(result).toMatchObject({ outcome: 'started', resourceId: 'r2' })
      expect(waits).toEqual([])
    }
  })

  test('acquire is retried after 1, 3, 6 s', async () => {
    const { result, waits } = await run([answer(500, 501), refused, gateway, acquired('r1'), started])
    expect(result.outcome).toBe('started')
    expect(waits).toEqual([1, 3, 6])
  })

  test('429 is retried after its Retry-After', async () => {
    const slow: Step = { status: 429, json: { message: 'slow' }, headers: { 'retry-after': '2' } }
    expect((await run([slow, acquired('r1'), started])).waits).toEqual([2])
  })

  test('201/7 with a sid means started', async () => {
    const { result } = await run([acquired('r1'), reset, { status: 201, json: { code: 7, sid: 'sid7' } }])
    expect(result).toEqual({ outcome: 'started', sid: 'sid7', resourceId: 'r1' })
  })
})

describe('outcome running, without a sid', () => {
  test('201/7 after a lost start', async () => {
    const { result } = await run([acquired('r1'), reset, answer(201, 7)])
    expect(result).toMatchObject({ outcome: 'running', resourceId: 'r1' })
  })

  test('201/7 for a fresh resource: that one runs', async () => {
    const lost = answer(206, 65)
    const { result } = await run([acquired('r1'), lost, lost, lost, acquired('r2'), lost, answer(201, 7)])
    expect(result).toMatchObject({ outcome: 'running', resourceId: 'r2', resourceIds: ['r2'] })
  })

  test('400/53 after a lost start is caused by that start', async () => {
    const { result } = await run([acquired('r1'), reset, answer(400, 53)])
    expect(result).toMatchObject({ outcome: 'running', resourceId: 'r1' })
  })

  test("400/53 for a fresh resource: the first one's start took effect", async () => {
    const lost = answer(206, 65)
    const { result } = await run([acquired('r1'), lost, lost, lost, acquired('r2'), answer(400, 53)])
    expect(result).toMatchObject({ outcome: 'running', resourceId: 'r1' })
  })
})

describe('with the resource of an earlier run', () => {
  test('sends the same start, without acquiring or storing', async () => {
    const { result, steps } = await run([started], { resourceId: 'r0' })
    expect(result).toEqual({ outcome: 'started', sid: 'sid1', resourceId: 'r0' })
    expect(steps).toEqual(['start r0'])
  })

  test('400/53 and 201/7 mean that it runs', async () => {
    for (const step of [answer(400, 53), answer(201, 7)]) {
      const { result } = await run([step], { resourceId: 'r0' })
      expect(result).toMatchObject({ outcome: 'running', resourceId: 'r0' })
    }
  })

  test.each([433, 2])('expired (%i): uses a fresh resource, with the same uid', async (code) => {
    const { result, steps } = await run([answer(400, code), acquired('r1'), started], { resourceId: 'r0' })
    expect(result).toMatchObject({ outcome: 'started', resourceId: 'r1' })
    expect(steps).toEqual(['start r0', 'acquire', 'store r1', 'start r1'])
  })

  test('an invalid request ends the run', async () => {
    const { result, steps } = await run([answer(400, 2), answer(400, 2)], { resourceId: 'r0' })
    expect(result).toMatchObject({ outcome: 'unknown', resourceId: 'r0' })
    expect(steps).toEqual(['start r0', 'acquire'])
  })

  test('a start that is lost again names the resource once', async () => {
    const { result } = await run([reset, reset, reset, reset], { resourceId: 'r0' })
    expect(result).toMatchObject({ outcome: 'unknown', resourceId: 'r0', resourceIds: ['r0'] })
  })

  test('expired, then lost starts: acquires no third resource', async () => {
    const lost = answer(206, 65)
    const script = [answer(400, 433), acquired('r1'), lost, lost, lost]
    const { result, sent } = await run(script, { resourceId: 'r0' })
    expect(result).toMatchObject({ outcome: 'unknown', resourceId: 'r0', resourceIds: ['r0', 'r1'] })
    expect(sent).toHaveLength(script.length)
  })

  test('a refusal does not mean that the earlier start had no effect', async () => {
    const { result } = await run([{ status: 401, json: {} }], { resourceId: 'r0' })
    expect(result).toMatchObject({ outcome: 'unknown', resourceId: 'r0' })
  })
})

describe('outcome notStarted', () => {
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

  test("a deadline in the client's own queue does not count as a failure", async () => {
    const quota: Quota = { ...createQuota(), take: async () => 'expired' }
    const client = createCloudRecording({ ...options, fetch: scriptedFetch(), quota })
    const onResource = async (): Promise<void> => {}
    const result = await startRecording(client, { ...identity, clientRequest, onResource })
    expect(result).toMatchObject({ outcome: 'notStarted', retryable: true, countsAsFailure: false })
  })

  test('a conflict on the first start needs another uid', async () => {
    const { result } = await run([acquired('r1'), answer(400, 53)])
    expect(result).toMatchObject({
      outcome: 'notStarted',
      conflict: true,
      retryable: true,
      countsAsFailure: true,
    })
  })

  test('invalid parameters and credentials are not retryable', async () => {
    const wrong: [Step, Trouble][] = [
      [answer(400, 2), 'request'],
      [answer(400, 401), 'request'],
      [answer(403, 999), 'request'],
      [answer(400, 405), 'account'],
      [{ status: 401, json: { message: 'Unauthorized' } }, 'account'],
      [{ status: 400, json: { message: 'appid is invalid' } }, 'account'],
    ]
    for (const [step, trouble] of wrong) {
      const { result, sent } = await run([step])
      expect(result).toMatchObject({
        outcome: 'notStarted',
        trouble,
        retryable: false,
        countsAsFailure: true,
      })
      expect(sent).toHaveLength(1)
    }
  })

  test.each([401, 403, 404, 408])('a proxy answers acquire with %i in HTML: retryable', async (status) => {
    const { result } = await run([{ status, text: '<html>Blocked</html>' }])
    expect(result).toMatchObject({ outcome: 'notStarted', trouble: 'way', retryable: true })
  })

  test('an invalid request fails before anything is sent', async () => {
    const { result, sent } = await run([], { uid: '0' })
    expect(result).toMatchObject({ outcome: 'notStarted', retryable: false })
    expect(result).toHaveProperty('error', expect.any(InvalidRequestError))
    expect(sent).toHaveLength(0)
  })

  test('connections are refused', async () => {
    const { result, waits } = await run([acquired('r1'), refused, refused, refused, refused])
    expect(result).toMatchObject({ outcome: 'notStarted', retryable: true, countsAsFailure: true })
    expect(waits).toEqual([3, 6, 9])
  })

  test('a rejected onResource rejects, and nothing is started', async () => {
    const onResource = async (): Promise<void> => {
      throw new Error('database is down')
    }
    // A start that is sent would fail the test: the script has none.
    await expect(run([acquired('r1')], { onResource })).rejects.toThrow('database is down')
  })
})

describe('mayStart', () => {
  const yes = (times: number) => {
    let left = times
    return async (): Promise<boolean> => left-- > 0
  }

  test('is called before each start, but not before acquire', async () => {
    const { result, steps } = await run([acquired('r1'), gateway, started], { mayStart: yes(2) })
    expect(result).toMatchObject({ outcome: 'started' })
    expect(steps).toEqual(['acquire', 'store r1', 'start r1', 'start r1'])
  })

  test('false before the first start: nothing records', async () => {
    const { result, steps } = await run([acquired('r1')], { mayStart: yes(0) })
    expect(result).toMatchObject({ outcome: 'notStarted', retryable: true })
    expect(steps).toEqual(['acquire', 'store r1'])
  })

  test('false before a retry: the start before it may have taken effect', async () => {
    const { result, steps, waits } = await run([acquired('r1'), reset], { mayStart: yes(1) })
    expect(result).toMatchObject({ outcome: 'unknown', resourceId: 'r1', resourceIds: ['r1'] })
    expect(steps).toEqual(['acquire', 'store r1', 'start r1'])
    expect(waits).toEqual([3])
  })

  test('a rejection rejects the recipe, and nothing is started', async () => {
    const mayStart = () => Promise.reject(new Error('database is down'))
    await expect(run([acquired('r1')], { mayStart })).rejects.toThrow('database is down')
  })
})

describe('outcome unknown', () => {
  test('every start is lost', async () => {
    const { result, waits } = await run([acquired('r1'), reset, reset, reset, reset])
    expect(result).toMatchObject({ outcome: 'unknown', resourceId: 'r1' })
    expect(waits).toEqual([3, 6, 9])
  })

  test('a lost start is followed by refusals', async () => {
    const { result } = await run([acquired('r1'), reset, refused, refused, refused])
    expect(result).toMatchObject({ outcome: 'unknown', resourceId: 'r1' })
  })

  test('206/65 to every start names the first resource', async () => {
    const lost = answer(206, 65)
    const script = [acquired('r1'), lost, lost, lost, acquired('r2'), lost, lost, lost]
    const { result, sent } = await run(script)
    expect(result).toMatchObject({ outcome: 'unknown', resourceId: 'r1' })
    expect(sent).toHaveLength(script.length)
  })

  test('no fresh resource is available', async () => {
    const lost = answer(206, 65)
    const { result } = await run([acquired('r1'), lost, lost, lost, answer(400, 406)])
    expect(result).toMatchObject({ outcome: 'unknown', resourceId: 'r1' })
  })
})
