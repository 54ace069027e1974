import { expect } from 'vitest'
import { createCloudRecording } from '../../client.ts'
import type { CloudRecording, CloudRecordingOptions } from '../../cloudRecording.ts'
import { options } from '../../testing/examples.ts'
import { type SentRequest, type Step, scriptedFetch } from '../../testing/scriptedFetch.ts'
import { type VirtualClock, virtualClock } from './virtualClock.ts'

/** One answer; it arrives after `takes` seconds, default 0. */
export type Timed = Step & { takes?: number }

/** A client whose service follows a script, in virtual time. */
export interface Rig {
  client: CloudRecording
  clock: VirtualClock
  sent: SentRequest[]
  /** When each request was sent, in seconds since the clock was made. */
  times: number[]
  /** Awaits `work` in virtual time, and asserts that no timer is left and that `work` used the script up exactly. */
  run<Result>(work: Promise<Result>): Promise<Result>
}

/** @param script the answers in order, or a function from a request's path to its answer */
export const rig = (
  script: readonly Timed[] | ((path: string) => Timed),
  more: Partial<CloudRecordingOptions> = {},
): Rig => {
  const clock = virtualClock()
  const sent: SentRequest[] = []
  const times: number[] = []
  const unexpected: string[] = []
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const step = typeof script === 'function' ? script(new URL(String(input)).pathname) : script[sent.length]
    if (step === undefined) {
      // The client treats whatever fetch throws as a network fault, so `run` has to report this.
      unexpected.push(String(input))
      throw new Error('the script is over')
    }
    const one = scriptedFetch(step)
    const answer = one(input, init)
    answer.catch(() => {})
    sent.push(...one.sent)
    times.push(clock.seconds())
    if (step.takes !== undefined) await clock.sleep(step.takes * 1000, init?.signal ?? undefined)
    return answer
  }
  const run = async <Result>(work: Promise<Result>): Promise<Result> => {
    const result = await clock.run(work)
    expect(clock.pending(), 'timers left').toBe(0)
    expect(unexpected, 'requests after the end of the script').toEqual([])
    if (typeof script === 'object') expect(sent, 'requests').toHaveLength(script.length)
    return result
  }
  return { client: createCloudRecording({ ...options, fetch, clock, ...more }), clock, sent, times, run }
}

/** A query's answer. */
export const status = (value: number, ...fileNames: string[]): Timed => ({
  status: 200,
  json: {
    serverResponse: {
      status: value,
      extensionServiceState: [
        {
          serviceName: 'web_recorder_service',
          payload: { fileList: fileNames.map((filename) => ({ filename })) },
        },
      ],
    },
  },
})

export const coded = (httpStatus: number, code: number): Timed => ({ status: httpStatus, json: { code } })
export const notFound: Timed = coded(404, 404)
export const failing: Timed = coded(504, 62)

export const repeated = <Item>(count: number, item: Item): Item[] => Array.from({ length: count }, () => item)
