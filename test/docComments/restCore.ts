import { createInProcessEmulator } from '@stillrolling/emulator'
import {
  type CloudRecording,
  createCloudRecording,
  type Identity,
  type StartRecordingRequest,
  type TaskAddress,
  type WebStartRequest,
} from '@stillrolling/rest-core'
import { vi } from 'vitest'
import { credentials, requestFor } from '../rest-core/kit.ts'
import { createSimulatedTime } from '../rest-core/simulatedTime.ts'
import type { Stage } from './stage.ts'

/** What the examples of rest-core may use without declaring it. */
export interface Names {
  appId: string
  customerId: string
  customerSecret: string
  client: CloudRecording
  /** The request of a recording of a web page. */
  clientRequest: WebStartRequest
  /** What `startRecording` takes, for a page that is not recorded yet. */
  request: StartRecordingRequest
  /** A recording that runs, and its parts. */
  task: TaskAddress<'web'> & Identity
  resourceId: string
  sid: string
  /** Stores what it is given. */
  save(row: object): Promise<void>
  /** Starts the recording again. */
  startAnew(): Promise<void>
  signal: AbortSignal
}

/** An emulator without a browser, in simulated time, that also answers the global `fetch`. */
export const setUp = async (): Promise<Stage & { names: Names }> => {
  const time = createSimulatedTime()
  const emulator = createInProcessEmulator({ ...credentials, browser: false, clock: time })
  vi.stubGlobal('fetch', emulator.fetch)
  const client = createCloudRecording({ ...credentials, clock: time })
  const clientRequest = requestFor('https://app.example.com/room/42')
  const identity: Identity = { cname: 'class41', uid: '900000' }
  const start = async (): Promise<TaskAddress<'web'>> => {
    const { resourceId } = await client.acquire({ ...identity, clientRequest: { scene: 1 } })
    const { sid } = await client.start({ ...identity, resourceId, mode: 'web', clientRequest })
    return { resourceId, sid, mode: 'web' }
  }
  const task = { ...identity, ...(await time.run(start())) }
  const { resourceId, sid } = task
  const request = { cname: 'class42', uid: '900001', clientRequest, onResource: async () => {} }
  const callbacks = { save: async () => {}, startAnew: async () => {} }
  const { signal } = new AbortController()
  return {
    names: { ...credentials, client, clientRequest, request, task, resourceId, sid, ...callbacks, signal },
    run: time.run,
    close: async () => {
      vi.unstubAllGlobals()
      await emulator.close()
    },
  }
}
