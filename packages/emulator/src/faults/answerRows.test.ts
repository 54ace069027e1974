import {
  type CloudRecordingError,
  createCloudRecording,
  createQuota,
  type WebStartRequest,
} from '@stillrolling/rest-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createInProcessEmulator } from '../createInProcessEmulator.ts'
import { CREDENTIALS, startRequest } from '../testing/client.ts'
import { fakeClock } from '../testing/fakeClock.ts'
import type { Call, InProcessEmulator } from '../types.ts'

type WebCall = Exclude<Call, 'updateLayout'>
const CALLS: WebCall[] = ['acquire', 'start', 'query', 'update', 'stop']
const RUNNING: WebCall[] = ['query', 'update', 'stop']

/**
 * Agora's answers by call, in the order of its reference, that the emulator gives only if a fault is injected; the
 * others are tested in `rest/`. The last column is the verdict that the client has to reach.
 */
const ROWS: [calls: WebCall[], status: number, code: number | undefined, text: string, meaning: string][] = [
  [CALLS, 400, 2, 'parameter error', 'invalidRequest'],
  [CALLS, 401, undefined, 'Invalid authentication credentials', 'authentication'],
  [CALLS, 429, undefined, 'API rate limit exceeded', 'rateLimited'],
  [['acquire'], 400, 400, 'invalid_appid', 'account'],
  [['acquire'], 400, 401, 'invalid_channel_name', 'refused'],
  [['acquire'], 400, 405, 'no_active_status', 'account'],
  [['acquire'], 400, 406, 'vendor_over_load', 'overloaded'],
  [['acquire'], 500, 500, 'internal_error', 'service'],
  [['acquire'], 500, 501, 'no_worker_manager_available', 'service'],
  [['acquire'], 500, 504, 'allocate_timeout', 'service'],
  [['start'], 201, 7, 'already started', 'alreadyStarted'],
  [['start'], 206, 65, 'request not completed', 'notCompleted'],
  [['start'], 400, 53, 'task conflict', 'taskConflict'],
  [['start'], 500, 502, 'Failed to allocate worker', 'noWorker'],
  [['start'], 500, 62, 'request timeout', 'timeout'],
  [['start'], 504, 62, 'request timeout', 'timeout'],
  [['start'], 503, 99, 'any other', 'service'],
  [RUNNING, 206, 65, 'request not completed', 'notCompleted'],
  [RUNNING, 404, 404, 'failed to find worker', 'notFound'],
  [RUNNING, 504, 62, 'request timeout', 'timeout'],
  [['stop'], 206, 435, 'no recorded data', 'noRecordedData'],
  [['stop'], 400, 49, 'invalid operation', 'alreadyStopping'],
]

const identity = { cname: 'class42', uid: '1' }
const clientRequest = startRequest() as unknown as WebStartRequest
let emulator: InProcessEmulator

beforeEach(() => {
  emulator = createInProcessEmulator({ ...CREDENTIALS, browser: false, qps: null, clock: fakeClock() })
})
afterEach(() => emulator.close())

/** Makes the calls that have to precede `call`, injects the fault, and returns the error of `call`. */
const failing = async (call: WebCall, fault: () => void): Promise<CloudRecordingError> => {
  const quota = createQuota({ perSecond: 100 })
  const client = createCloudRecording({ ...CREDENTIALS, quota, fetch: emulator.fetch })
  const acquire = () => client.acquire({ ...identity, clientRequest: { scene: 1 } })
  const start = (resourceId: string) => client.start({ ...identity, resourceId, mode: 'web', clientRequest })
  const send = async (): Promise<() => Promise<unknown>> => {
    if (call === 'acquire') return acquire
    const { resourceId } = await acquire()
    if (call === 'start') return () => start(resourceId)
    const address = { resourceId, sid: (await start(resourceId)).sid, mode: 'web' } as const
    if (call === 'query') return () => client.query(address)
    const task = { ...identity, ...address }
    if (call === 'stop') return () => client.stop({ ...task, clientRequest: {} })
    return () => client.update({ ...task, clientRequest: { webRecordingConfig: { onhold: true } } })
  }
  const failingCall = await send()
  fault()
  return failingCall().then(
    () => expect.fail(`${call} succeeded`),
    (error: CloudRecordingError) => error,
  )
}

describe.each(ROWS)('%s %i/%s %s', (calls, status, code, text, meaning) => {
  test.each(calls)(`as the answer to %s means ${meaning}, and changes nothing`, async (call) => {
    const answer = code === undefined ? { message: text } : { code, reason: text }
    const error = await failing(call, () =>
      emulator.injectFault({ on: 'call', call, then: { status, ...answer } }),
    )
    expect(error).toMatchObject({ call, status, code, reason: text, verdict: { meaning } })
    expect(emulator.requests().at(-1)).toMatchObject({ call, status, answer, fault: 'fault1' })
    // The fault answered in place of the service: a start created no task, and a stop ended none.
    const running = emulator.tasks().filter(({ state }) => state !== 'ended')
    expect(running).toHaveLength(RUNNING.includes(call) ? 1 : 0)
    expect(running.filter(({ onhold }) => onhold)).toEqual([])
  })
})
