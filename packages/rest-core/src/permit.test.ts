import { inspect } from 'node:util'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createCloudRecording } from './client.ts'
import type { CallOptions, CloudRecording, CloudRecordingOptions } from './cloudRecording.ts'
import { AbortedError, InvalidOptionsError, TimeoutError } from './errors.ts'
import { createQuota } from './quota/quota.ts'
import { options, startRequest, task } from './testing/examples.ts'
import { fakeClock } from './testing/fakeClock.ts'
import { fetchFailed, type ScriptedFetch, type Step, scriptedFetch } from './testing/scriptedFetch.ts'
import { type SteppedClock, steppedClock } from './testing/steppedClock.ts'

const rolling: Step = { status: 200, json: { serverResponse: { status: 5 } } }
const reset: Step = { thrown: fetchFailed('ECONNRESET') }

const never = (): Promise<never> => new Promise(() => {})

interface Setup {
  client: CloudRecording
  clock: SteppedClock
  fetch: ScriptedFetch
}

const setup = (more: Partial<CloudRecordingOptions>, ...script: Step[]): Setup => {
  const clock = steppedClock()
  const fetch = scriptedFetch(...script)
  return {
    clock,
    fetch,
    client: createCloudRecording({ ...options, clock, fetch, random: () => 0, ...more }),
  }
}

/** Two hosts, whose first loses the answer, and a clock whose backoffs end immediately. */
const setupLost = (more: Partial<CloudRecordingOptions>): Setup => {
  const baseUrls = ['http://one.test', 'http://two.test']
  return setup({ baseUrls, clock: fakeClock(), ...more }, reset, rolling)
}

const rejection = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => Promise.reject(new Error('the call succeeded')),
    (error) => error,
  )

describe('a function of the caller that never settles', () => {
  const cases: [string, Partial<CloudRecordingOptions>, CallOptions][] = [
    ['beforeRequest', { beforeRequest: never }, {}],
    ['mayTry', {}, { mayTry: never }],
  ]

  test.each(cases)('%s: the deadline ends the call', async (_, more, how) => {
    const { client, clock, fetch } = setup(more)
    const failing = rejection(client.start(startRequest, { deadline: 1, ...how }))
    await clock.advance(999)
    expect(clock.sleeping()).toBe(1)
    await clock.advance(1)
    expect(await failing).toBeInstanceOf(TimeoutError)
    expect(await failing).toMatchObject({ tries: 0, expired: true, startOutcome: 'notStarted' })
    expect([fetch.sent.length, clock.sleeping()]).toEqual([0, 0])
  })

  test.each(
    cases.flatMap(([name, ...rest]) =>
      (['signal', 'drainSignal'] as const).map((signal) => [name, signal, ...rest] as const),
    ),
  )('%s: an abort of %s ends the call', async (_, signal, more, how) => {
    const abort = new AbortController()
    const { client, clock, fetch } = setup(more)
    const failing = rejection(client.start(startRequest, { ...how, [signal]: abort.signal }))
    await clock.advance(10)
    abort.abort()
    expect(await failing).toBeInstanceOf(AbortedError)
    expect([fetch.sent.length, clock.sleeping()]).toEqual([0, 0])
  })
})

describe('a slow beforeRequest', () => {
  test('does not let more requests be sent in a second than the quota allows', async () => {
    const sentAt: number[] = []
    const clock = steppedClock()
    let calls = 0
    const client = createCloudRecording({
      ...options,
      clock,
      quota: createQuota({ perSecond: 5, clock }),
      fetch: async () => {
        sentAt.push(clock.now())
        return new Response(JSON.stringify(rolling.json))
      },
      beforeRequest: () => (calls++ < 5 ? clock.sleep(1100).then(() => undefined) : undefined),
    })
    const all = Array.from({ length: 10 }, () => client.query(task))
    await clock.advance(5000)
    await Promise.all(all)
    expect(sentAt).toHaveLength(10)
    for (const [index, at] of sentAt.slice(5).entries())
      expect(at - (sentAt[index] ?? 0)).toBeGreaterThan(1000)
  })

  test('leaves the try what is left of the deadline', async () => {
    const clock = steppedClock()
    const timers = vi.spyOn(globalThis, 'setTimeout')
    onTestFinished(() => timers.mockRestore())
    const beforeRequest = () => clock.sleep(3000).then(() => undefined)
    const { client } = setup({ clock, beforeRequest }, rolling)
    const querying = client.query(task, { deadline: 5, timeout: 5 })
    await clock.advance(3000)
    await querying
    expect(timers.mock.calls.map(([, ms]) => ms)).toContain(2000)
  })
})

describe('what a function of the caller throws', () => {
  const failure = new Error('the store is gone')
  const throwOnSecond = () => {
    let calls = 0
    return (): undefined => {
      if (++calls === 2) throw failure
    }
  }
  const mayTry = () => {
    const callback = throwOnSecond()
    return async (): Promise<boolean> => callback() ?? true
  }

  test.each([
    ['beforeRequest', { beforeRequest: throwOnSecond() }, {}],
    ['mayTry', {}, { mayTry: mayTry() }],
  ])('%s: after a lost answer the outcome stays unknown', async (_, more, how) => {
    const { client, fetch } = setupLost(more)
    const error = await rejection(client.start(startRequest, how))
    expect(error).toBeInstanceOf(AbortedError)
    expect(error).toMatchObject({ startOutcome: 'unknown', tries: 1, cause: failure })
    expect((error as Error).message).toBe('start: aborted by the caller: a function of the caller threw')
    expect(fetch.sent).toHaveLength(1)
  })

  test('is in the error without the secrets of the request', async () => {
    let calls = 0
    const beforeRequest = (): undefined => {
      if (++calls === 2) throw new Error(`cannot sign ${options.customerSecret}`)
    }
    const error = await rejection(setupLost({ beforeRequest }).client.start(startRequest))
    expect(error).toMatchObject({ cause: { message: 'cannot sign ***' } })
  })

  test.each([
    ['beforeRequest', { beforeRequest: () => Promise.reject(failure) }, {}],
    ['mayTry', {}, { mayTry: () => Promise.reject(failure) }],
  ])('%s: if nothing was sent, nothing was started', async (_, more, how) => {
    const error = await rejection(setup(more).client.start(startRequest, how))
    expect(error).toBeInstanceOf(AbortedError)
    expect(error).toMatchObject({ startOutcome: 'notStarted', tries: 0, cause: failure })
  })
})

test('an invalid header of beforeRequest is named, without its value', async () => {
  for (const [headers, path] of [
    [{ host: 'tok_1234567' }, 'beforeRequest.host'],
    [{ 'x-a': 'tok_1234567\n' }, 'beforeRequest.x-a'],
    ['tok_1234567', 'beforeRequest'],
  ] as const) {
    const { client, fetch } = setup({ beforeRequest: () => headers as never })
    const error = await rejection(client.query(task))
    expect(error).toBeInstanceOf(AbortedError)
    expect(error).toMatchObject({ tries: 0, cause: { issues: [{ path }] } })
    expect((error as Error).cause).toBeInstanceOf(InvalidOptionsError)
    expect(String(error)).toContain(path)
    expect(inspect(error)).not.toContain('tok_1234567')
    expect(fetch.sent).toHaveLength(0)
  }
})
