import { afterEach, describe, expect, test } from 'vitest'
import { createTestBench, type StartChanges, startRequest, type TestBench } from '../testing/client.ts'

/** The body of an answer, and a part of what the log says beside it. */
interface Refusal {
  code: number
  reason: string
  detail: string
}

let bench: TestBench
afterEach(() => bench.emulator.close())

const open = async (...options: Parameters<typeof createTestBench>): Promise<TestBench> => {
  bench = await createTestBench(...options)
  return bench
}

describe('start', () => {
  const resource = async ({ acquire }: TestBench, ...how: Parameters<TestBench['acquire']>) =>
    String((await acquire(...how)).body.resourceId)

  test('200 with the sid', async () => {
    const { start } = await open()
    const resourceId = await resource(bench)
    expect(await start(resourceId)).toEqual({
      status: 200,
      body: { cname: 'class42', uid: '900001', resourceId, sid: expect.stringMatching(/^[0-9a-f]{32}$/) },
    })
  })

  test('201/7 when the resource id is in use, and no second task', async () => {
    const { start, emulator } = await open()
    const resourceId = await resource(bench)
    await start(resourceId)
    expect(await start(resourceId)).toEqual({ status: 201, body: { code: 7, reason: 'already started' } })
    expect(emulator.tasks()).toHaveLength(1)
  })

  test('400/53 while a task with the same cname and uid is running', async () => {
    const { start, run } = await open()
    await run()
    expect(await start(await resource(bench))).toEqual({
      status: 400,
      body: { code: 53, reason: 'task conflict' },
    })
    const other = await resource(bench, {}, { uid: '900002' })
    expect((await start(other, { uid: '900002' })).status).toBe(200)
  })

  test('500/502 when the largest number of tasks was reached between acquire and start', async () => {
    const { start } = await open({ concurrency: 1 })
    const [first, second] = [await resource(bench), await resource(bench, {}, { uid: '2' })]
    await start(first)
    expect(await start(second, { uid: '2' })).toEqual({
      status: 500,
      body: { code: 502, reason: 'Failed to allocate worker' },
    })
  })

  test.each<[string, () => Promise<{ resourceId: string; changes?: StartChanges }>, Refusal]>([
    [
      'an unknown resource id',
      async () => ({ resourceId: 'unknown' }),
      { code: 2, reason: 'Start: invalid resourceId value!', detail: 'the resourceId is unknown' },
    ],
    [
      'another cname',
      async () => ({ resourceId: await resource(bench), changes: { cname: 'other' } }),
      { code: 432, reason: 'invalid parameter', detail: 'cname is not the one' },
    ],
    [
      'another uid',
      async () => ({ resourceId: await resource(bench), changes: { uid: '7' } }),
      { code: 432, reason: 'invalid parameter', detail: 'uid is not the one' },
    ],
    [
      'the scene of another mode',
      async () => ({ resourceId: await resource(bench, { scene: 0 }) }),
      { code: 2, reason: 'Start: invalid mode value!', detail: 'scene of acquire must be 1' },
    ],
  ])('400 for %s', async (_, prepare, { detail, ...body }) => {
    const { start, emulator } = await open()
    const { resourceId, changes } = await prepare()
    expect(await start(resourceId, changes)).toEqual({ status: 400, body })
    expect(emulator.requests().at(-1)?.detail).toContain(detail)
  })

  test('a resource id expires after 5 minutes', async () => {
    const { start, clock } = await open()
    const [early, late] = [await resource(bench), await resource(bench, {}, { uid: '2' })]
    await clock.advance(299)
    expect((await start(early)).status).toBe(200)
    await clock.advance(1)
    expect(await start(late, { uid: '2' })).toEqual({
      status: 400,
      body: { code: 433, reason: 'resource expired' },
    })
  })

  test('a resource id cannot be used again, even after its task has ended', async () => {
    const { start, on, clock, emulator } = await open()
    const resourceId = await resource(bench)
    const { sid } = (await start(resourceId)).body
    await on({ resourceId, sid: String(sid), cname: 'class42', uid: '900001' }, 'stop', { async_stop: true })
    await clock.advance(1)
    expect((await start(resourceId)).body).toEqual({ code: 2, reason: 'Start: invalid resourceId value!' })
    expect(emulator.requests().at(-1)?.detail).toContain('has been used')
  })

  test('400/2 when the request differs from the startParameter of acquire', async () => {
    const { start, emulator } = await open()
    const same = await resource(bench, { startParameter: startRequest() })
    expect((await start(same)).status).toBe(200)
    const other = await resource(bench, { startParameter: startRequest() }, { uid: '2' })
    expect((await start(other, { uid: '2', web: { maxRecordingHour: 4 } })).body).toEqual({
      code: 2,
      reason: 'Start: invalid extensionServiceConfig value!',
    })
    expect(emulator.requests().at(-1)?.detail).toBe(
      'clientRequest.extensionServiceConfig differs from startParameter.extensionServiceConfig of acquire',
    )
  })
})
