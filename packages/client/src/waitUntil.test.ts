import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createServer, json, problem } from './testing/createServer.ts'
import { createTestClient } from './testing/createTestClient.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const recording = (state: string, fields: object = {}): Response =>
  json({ id: 'class42', state, desired: 'running', reason: null, gaveUp: null, ...fields })

const settle = async <Result>(call: Promise<Result>): Promise<Result> => {
  call.catch(() => {})
  await vi.runAllTimersAsync()
  return call
}

test('asks the reporter to wait, until the recording is in the state', async () => {
  const server = createServer(recording('starting'), recording('loading'), recording('rolling'))
  const rolling = await settle(createTestClient(server).waitUntil('class42', 'rolling', { timeout: 70 }))
  expect(rolling.state).toBe('rolling')
  expect(server.got.map(({ query }) => query)).toEqual(Array(3).fill('?waitFor=rolling&timeout=50'))
})

test('waits for one of several states', async () => {
  const server = createServer(recording('failed'))
  expect(await createTestClient(server).waitUntil('class42', ['rolling', 'failed'])).toMatchObject({
    state: 'failed',
  })
  expect(server.got[0]?.query).toBe('?waitFor=rolling&waitFor=failed&timeout=50')
})

test('reads again every two seconds if the reporter cannot wait', async () => {
  const errors = [{ path: 'waitFor', message: 'is not a known parameter' }]
  const refusal = json({ code: 'invalid_request', detail: 'x', errors }, 422, {
    'content-type': 'application/problem+json',
  })
  const started = Date.now()
  const server = createServer(refusal, recording('starting'), recording('loading'), recording('rolling'))
  await settle(createTestClient(server).waitUntil('class42', 'rolling'))
  expect(server.got.map(({ query }) => query)).toEqual(['?waitFor=rolling&timeout=50', '', '', ''])
  expect(Date.now() - started).toBe(4000)
})

test.each([
  [
    'failed',
    { gaveUp: { message: 'The page never loaded' } },
    'is failed, and will not be rolling: The page never loaded',
  ],
  ['stopped', {}, 'is stopped, and will not be rolling.'],
  ['stopping', { desired: 'stopped' }, 'was stopped, and will not be rolling.'],
])('fails if the recording is %s and cannot reach the state', async (state, fields, detail) => {
  const server = createServer(recording(state, fields))
  await expect(createTestClient(server).waitUntil('class42', 'rolling')).rejects.toMatchObject({
    code: 'state_unreachable',
    detail: `The recording "class42" ${detail}`,
  })
})

test('fails when its time is over', async () => {
  const server = createServer(() => {
    vi.setSystemTime(Date.now() + 50_000)
    return recording('starting')
  })
  await expect(
    createTestClient(server).waitUntil('class42', 'rolling', { timeout: 80 }),
  ).rejects.toMatchObject({
    code: 'timed_out',
    detail: 'The recording "class42" is starting, and was not rolling within 80 s.',
  })
  expect(server.got.map(({ query }) => query)).toEqual([
    '?waitFor=rolling&timeout=50',
    '?waitFor=rolling&timeout=30',
  ])
})

test('fails as the reporter refuses, and ends with its signal', async () => {
  const client = createTestClient(createServer(problem(404, 'recording_not_found')))
  await expect(client.waitUntil('class42', 'rolling')).rejects.toMatchObject({ code: 'recording_not_found' })
  const controller = new AbortController()
  const waiting = createTestClient(createServer('silence')).waitUntil('class42', 'rolling', controller)
  controller.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
})
