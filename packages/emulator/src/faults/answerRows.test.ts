import {
  type CloudRecordingError,
  createCloudRecording,
  createQuota,
  type StartClientRequests,
} from '@stillrolling/rest-core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createInProcessEmulator } from '../createInProcessEmulator.ts'
import { channelRequest } from '../testing/channelClient.ts'
import { CREDENTIALS, startRequest } from '../testing/client.ts'
import { fakeClock } from '../testing/fakeClock.ts'
import type { Call, InProcessEmulator, Mode, TaskView } from '../types.ts'

const CALLS: Call[] = ['acquire', 'start', 'query', 'update', 'updateLayout', 'stop']
const RUNNING: Call[] = ['query', 'update', 'updateLayout', 'stop']
const ALL: Mode[] = ['web', 'individual', 'mix']
const CHANNELS: Mode[] = ['individual', 'mix']

/**
 * Agora's answers by call, in the order of its reference, that the emulator gives only if a fault is injected; the
 * others are tested in `rest/`. The last column is the verdict that the client has to reach.
 */
const ROWS: [
  modes: Mode[],
  calls: Call[],
  status: number,
  code: number | undefined,
  text: string,
  meaning: string,
][] = [
  [ALL, CALLS, 400, 2, 'parameter error', 'invalidRequest'],
  [ALL, CALLS, 400, 8, 'invalid http header', 'refused'],
  [ALL, CALLS, 401, undefined, 'Invalid authentication credentials', 'authentication'],
  [ALL, CALLS, 429, undefined, 'API rate limit exceeded', 'rateLimited'],
  [ALL, ['acquire'], 400, 62, 'service not enabled', 'account'],
  [ALL, ['acquire'], 400, 400, 'invalid_appid', 'account'],
  [ALL, ['acquire'], 400, 401, 'invalid_channel_name', 'refused'],
  [ALL, ['acquire'], 400, 405, 'no_active_status', 'account'],
  [ALL, ['acquire'], 400, 406, 'vendor_over_load', 'overloaded'],
  [ALL, ['acquire'], 500, 500, 'internal_error', 'service'],
  [ALL, ['acquire'], 500, 501, 'no_worker_manager_available', 'service'],
  [ALL, ['acquire'], 500, 504, 'allocate_timeout', 'service'],
  [ALL, ['start'], 201, 7, 'already started', 'alreadyStarted'],
  [ALL, ['start'], 206, 65, 'request not completed', 'notCompleted'],
  [ALL, ['start'], 400, 53, 'task conflict', 'taskConflict'],
  [ALL, ['start'], 400, 433, 'resource expired', 'resourceExpired'],
  [CHANNELS, ['start'], 400, 109, 'token expired', 'refused'],
  [CHANNELS, ['start'], 400, 110, 'invalid token', 'refused'],
  [CHANNELS, ['start'], 400, 1001, 'wrong decryption', 'invalidRequest'],
  [CHANNELS, ['start'], 400, 1003, 'wrong RTC configuration', 'invalidRequest'],
  [CHANNELS, ['start'], 400, 1013, 'invalid channel name', 'invalidRequest'],
  [ALL, ['start'], 500, 502, 'Failed to allocate worker', 'noWorker'],
  [ALL, ['start'], 500, 62, 'request timeout', 'timeout'],
  [ALL, ['start'], 504, 62, 'request timeout', 'timeout'],
  [ALL, ['start'], 503, 99, 'any other', 'service'],
  [ALL, RUNNING, 206, 65, 'request not completed', 'notCompleted'],
  [ALL, RUNNING, 400, 432, 'invalid parameter', 'invalidRequest'],
  [ALL, RUNNING, 404, 404, 'failed to find worker', 'notFound'],
  [ALL, RUNNING, 504, 62, 'request timeout', 'timeout'],
  [['mix'], ['updateLayout'], 400, 1028, 'invalid layout', 'invalidRequest'],
  [ALL, ['stop'], 206, 435, 'no recorded data', 'noRecordedData'],
  [ALL, ['stop'], 400, 49, 'invalid operation', 'alreadyStopping'],
]

const identity = { cname: 'class42', uid: '1' }

const SUBSCRIBE_TO_ONE = { streamSubscribe: { audioUidList: { subscribeAudioUids: ['1'] } } }

/** The `clientRequest`s of each mode. */
const REQUESTS: Record<Mode, { scene: 0 | 1; start: object; update: object }> = {
  web: { scene: 1, start: startRequest(), update: { webRecordingConfig: { onhold: true } } },
  individual: { scene: 0, start: channelRequest(), update: SUBSCRIBE_TO_ONE },
  mix: { scene: 0, start: channelRequest(), update: SUBSCRIBE_TO_ONE },
}

let emulator: InProcessEmulator

beforeEach(() => {
  emulator = createInProcessEmulator({ ...CREDENTIALS, browser: false, qps: null, clock: fakeClock() })
})
afterEach(() => emulator.close())

/** Makes the calls that have to precede `call`, injects the fault, and returns the error of `call`. */
const failing = async (mode: Mode, call: Call, fault: () => void): Promise<CloudRecordingError> => {
  const quota = createQuota({ perSecond: 100 })
  const client = createCloudRecording({ ...CREDENTIALS, quota, fetch: emulator.fetch })
  const { scene, start, update } = REQUESTS[mode]
  const clientRequest = start as StartClientRequests[typeof mode] & never
  const acquire = () => client.acquire({ ...identity, clientRequest: { scene } })
  const send = async (): Promise<() => Promise<unknown>> => {
    if (call === 'acquire') return acquire
    const { resourceId } = await acquire()
    const startTask = () => client.start({ ...identity, resourceId, mode, clientRequest })
    if (call === 'start') return startTask
    const address = { resourceId, sid: (await startTask()).sid, mode }
    if (call === 'query') return () => client.query(address)
    const task = { ...identity, ...address }
    if (call === 'stop') return () => client.stop({ ...task, clientRequest: {} })
    if (call === 'update') return () => client.update({ ...task, clientRequest: update } as never)
    return () => client.updateLayout({ ...task, mode: 'mix', clientRequest: { mixedVideoLayout: 1 } })
  }
  const failingCall = await send()
  fault()
  return failingCall().then(
    () => expect.fail(`${call} succeeded`),
    (error: CloudRecordingError) => error,
  )
}

/** Whether an update or an updateLayout was carried out. */
const hasChanged = (task: TaskView): boolean =>
  task.mode === 'web' ? task.onhold : task.layout !== null || task.subscription.audio !== 'all'

const CASES = ROWS.flatMap(([modes, calls, ...row]) =>
  modes.flatMap((mode) =>
    calls
      .filter((call) => call !== 'updateLayout' || mode === 'mix')
      .map((call) => [mode, call, ...row] as const),
  ),
)

test.each(CASES)(
  'mode %s: as the answer to %s, %i/%s %s means %s, and changes nothing',
  async (mode, call, status, code, text, meaning) => {
    const answer = code === undefined ? { message: text } : { code, reason: text }
    const error = await failing(mode, call, () =>
      emulator.injectFault({ on: 'call', call, then: { status, ...answer } }),
    )
    expect(error).toMatchObject({ call, status, code, reason: text, verdict: { meaning } })
    expect(emulator.requests().at(-1)).toMatchObject({ call, status, answer, fault: 'fault1' })
    // The fault answered in place of the service: a start created no task, and a stop ended none.
    const running = emulator.tasks().filter(({ state }) => state !== 'ended')
    expect(running).toHaveLength(RUNNING.includes(call) ? 1 : 0)
    expect(running.filter(hasChanged)).toEqual([])
  },
)
