import { createCloudRecording } from '../../client.ts'
import { clientRequest, identity, options } from '../../testing/examples.ts'
import { type FakeClock, fakeClock } from '../../testing/fakeClock.ts'
import { fetchFailed, type SentRequest, type Step, scriptedFetch } from '../../testing/scriptedFetch.ts'
import { type StartRecordingRequest, type StartRecordingResult, startRecording } from '../startRecording.ts'

export const acquired = (resourceId: string): Step => ({ status: 200, json: { resourceId } })
export const started: Step = { status: 200, json: { sid: 'sid1' } }
export const answer = (status: number, code: number): Step => ({ status, json: { code } })
export const reset: Step = { thrown: fetchFailed('ECONNRESET') }
export const refused: Step = { thrown: fetchFailed('ECONNREFUSED') }
export const gateway: Step = { status: 503, text: '' }

export interface Run {
  result: StartRecordingResult
  /** Seconds. */
  waits: number[]
  /** Calls sent and resources stored, in order. */
  steps: string[]
  sent: readonly SentRequest[]
}

export type More = Partial<Omit<StartRecordingRequest, 'mode' | 'clientRequest'>>

/** One run of `startRecording` against a script, on a clock whose waits end immediately. */
export const run = async (script: Step[], more: More = {}, clock: FakeClock = fakeClock()): Promise<Run> => {
  const fetch = scriptedFetch(...script)
  const steps: string[] = []
  const recordingFetch: typeof globalThis.fetch = (input, init) => {
    const resource = /resourceid\/([^/]+)/.exec(String(input))?.[1]
    steps.push(resource === undefined ? 'acquire' : `start ${resource}`)
    return fetch(input, init)
  }
  const onResource = async (resourceId: string): Promise<void> => {
    steps.push(`store ${resourceId}`)
  }
  const client = createCloudRecording({ ...options, fetch: recordingFetch, clock })
  const result = await startRecording(client, { ...identity, clientRequest, onResource, ...more })
  return { result, steps, waits: clock.sleeps.map((ms) => ms / 1000), sent: fetch.sent }
}
