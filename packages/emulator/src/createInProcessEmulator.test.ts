import { afterEach, expect, test } from 'vitest'
import { createInProcessEmulator } from './createInProcessEmulator.ts'
import { APP_PATH, authorization, CREDENTIALS } from './testing/client.ts'
import { fakeClock } from './testing/fakeClock.ts'
import type { CallFaultThen, InProcessEmulator } from './types.ts'

const clock = fakeClock()
let emulator: InProcessEmulator

afterEach(() => emulator.close())

const open = (then?: CallFaultThen): void => {
  emulator = createInProcessEmulator({ ...CREDENTIALS, browser: false, clock })
  if (then) emulator.injectFault({ on: 'call', call: 'acquire', then })
}

const acquire = (signal?: AbortSignal): Promise<Response> =>
  emulator.fetch(`https://api.agora.io${APP_PATH}/acquire`, {
    method: 'POST',
    headers: { authorization: authorization(), 'content-type': 'application/json' },
    body: JSON.stringify({ cname: 'class42', uid: '1', clientRequest: { scene: 1 } }),
    signal,
  })

test('answers requests to any host, without a socket', async () => {
  open()
  const response = await acquire()
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({ cname: 'class42', uid: '1', resourceId: expect.any(String) })
  expect(emulator.requests()).toMatchObject([{ call: 'acquire', status: 200 }])
})

test.each([{ drop: true }, { loseAnswer: true, how: 'reset' }] as const)(
  'a call with the fault %j rejects as fetch does',
  async (then) => {
    open(then)
    await expect(acquire()).rejects.toMatchObject({
      message: 'fetch failed',
      cause: { code: 'ECONNRESET' },
    })
  },
)

test.each([{ loseAnswer: true }, { delay: 60 }] as const)(
  'a call with the fault %j rejects when its signal aborts',
  async (then) => {
    open(then)
    const caller = new AbortController()
    const answer = acquire(caller.signal)
    await expect.poll(() => emulator.requests().length).toBe(1)
    caller.abort()
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
  },
)

test('a call is carried out even if its client has given up', async () => {
  open({ delay: 60 })
  const caller = new AbortController()
  const answer = acquire(caller.signal)
  await expect.poll(() => emulator.requests().length).toBe(1)
  caller.abort()
  await expect(answer).rejects.toThrow()
  await clock.advance(60)
  await expect.poll(() => emulator.requests()[0]?.status).toBe(200)
})

test('close ends a call that hangs', async () => {
  open({ loseAnswer: true })
  const answer = acquire()
  await expect.poll(() => emulator.requests().length).toBe(1)
  await Promise.all([expect(answer).rejects.toThrow('fetch failed'), emulator.close()])
})
