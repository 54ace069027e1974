import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestBench, type TestBench } from '../testing/client.ts'

let bench: TestBench
beforeEach(async () => {
  bench = await createTestBench()
})
afterEach(() => bench.emulator.close())

const acquireResource = async () => String((await bench.acquire()).body.resourceId)

test('an answer replaces that of the service for the given number of calls', async () => {
  const { emulator, start } = bench
  emulator.injectFault({
    on: 'call',
    call: 'start',
    times: 2,
    then: { status: 206, code: 65, reason: 'request not completed' },
  })
  const resourceId = await acquireResource()
  const notCompleted = { status: 206, body: { code: 65, reason: 'request not completed' } }
  expect(await start(resourceId)).toEqual(notCompleted)
  expect(await start(resourceId)).toEqual(notCompleted)
  expect((await start(resourceId)).status).toBe(200)
  expect(emulator.requests().map(({ fault }) => fault)).toEqual([null, 'fault1', 'fault1', null])
  expect(emulator.faults()).toEqual([])
})

test('an answer of the gateway replaces that of the service for the given time', async () => {
  const { emulator, acquire, clock } = bench
  emulator.injectFault({
    on: 'call',
    call: 'acquire',
    forSeconds: 30,
    then: { status: 429, message: 'API rate limit exceeded' },
  })
  expect(await acquire()).toEqual({ status: 429, body: { message: 'API rate limit exceeded' } })
  await clock.advance(29)
  expect((await acquire()).status).toBe(429)
  await clock.advance(1)
  expect((await acquire()).status).toBe(200)
})

test('a fault applies only to matching recordings, even if the request does not name them', async () => {
  const { emulator, run, on } = bench
  const [one, two] = [await run({ uid: '1' }), await run({ uid: '2' })]
  emulator.injectFault({ on: 'call', call: 'query', match: { uid: '2' }, then: { status: 504, code: 62 } })
  expect((await on(one, 'query')).status).toBe(200)
  expect((await on(two, 'query')).status).toBe(504)
})

test('an answer can have a body that is not JSON', async () => {
  bench.emulator.injectFault({
    on: 'call',
    call: 'acquire',
    then: { status: 502, body: '<h1>Bad Gateway</h1>' },
  })
  await expect(bench.acquire()).rejects.toThrow(SyntaxError)
  expect(bench.emulator.requests()).toMatchObject([{ status: 502, answer: '<h1>Bad Gateway</h1>' }])
})

test('a lost answer resets the connection: the task runs, and a second start is answered 201/7', async () => {
  const { emulator, start } = bench
  emulator.injectFault({ on: 'call', call: 'start', then: { loseAnswer: true, how: 'reset' } })
  const resourceId = await acquireResource()
  await expect(start(resourceId)).rejects.toThrow('fetch failed')
  expect(emulator.tasks()).toHaveLength(1)
  expect(emulator.requests().at(-1)).toMatchObject({ status: null, answer: null, fault: 'fault1' })
  expect(await start(resourceId)).toMatchObject({ status: 201, body: { code: 7 } })
})

test('a lost answer hangs until the emulator closes', async () => {
  const { emulator } = bench
  emulator.injectFault({ on: 'call', call: 'start', then: { loseAnswer: true } })
  const resourceId = await acquireResource()
  const lost = expect(bench.start(resourceId)).rejects.toThrow('fetch failed')
  await expect.poll(() => emulator.tasks()).toHaveLength(1)
  await emulator.close()
  await lost
})

test('a delayed call is carried out after the delay', async () => {
  const { emulator, start, clock } = bench
  emulator.injectFault({ on: 'call', call: 'start', then: { delay: 7 } })
  const resourceId = await acquireResource()
  const answer = start(resourceId)
  await expect.poll(() => emulator.requests().length).toBe(2)
  await clock.advance(6.9)
  expect(emulator.tasks()).toEqual([])
  await clock.advance(0.1)
  expect((await answer).status).toBe(200)
})

test('a dropped call is not carried out', async () => {
  const { emulator, start } = bench
  emulator.injectFault({ on: 'call', call: 'start', then: { drop: true } })
  const resourceId = await acquireResource()
  await expect(start(resourceId)).rejects.toThrow('fetch failed')
  expect(emulator.tasks()).toEqual([])
  expect((await start(resourceId)).status).toBe(200)
})

test('a call that the gateway refuses does not count as a use of a fault', async () => {
  const { emulator, call } = bench
  emulator.injectFault({ on: 'call', call: 'acquire', then: { drop: true } })
  expect((await call('POST', '/v1/apps/app/cloud_recording/acquire', {}, {})).status).toBe(401)
  expect(emulator.faults()).toMatchObject([{ used: 0 }])
})
