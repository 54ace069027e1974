import { startEmulator } from '../startEmulator.ts'
import type { Call, Emulator, EmulatorControls, EmulatorOptions, Mode, PageTaskView } from '../types.ts'
import { type FakeClock, fakeClock } from './fakeClock.ts'

export const CREDENTIALS = { appId: 'app', customerId: 'customer', customerSecret: 'customer-s3cret' }

/** An answer of the REST API. */
export interface TestAnswer {
  status: number
  body: Record<string, unknown>
}

/** The answer to a call about a task that is not found. */
export const NO_TASK: TestAnswer = { status: 404, body: { code: 404, reason: 'failed to find worker' } }

export interface StartedTask {
  cname: string
  uid: string
  resourceId: string
  sid: string
}

export interface TestBench {
  emulator: Emulator
  clock: FakeClock
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<TestAnswer>
  acquire(changes?: Record<string, unknown>, identity?: { cname?: string; uid?: string }): Promise<TestAnswer>
  start(resourceId: string, changes?: StartChanges): Promise<TestAnswer>
  /** Acquires and starts; throws if one of them fails. With an openDelay of 0 the page is open afterwards. */
  run(changes?: StartChanges): Promise<StartedTask>
  /** Makes a call about a task. */
  on(
    task: StartedTask & { mode?: Mode },
    call: Exclude<Call, 'acquire' | 'start'>,
    clientRequest?: Record<string, unknown>,
  ): Promise<TestAnswer>
}

export interface StartChanges {
  cname?: string
  uid?: string
  /** Overrides fields of `web_recorder_service.serviceParam`. */
  web?: Record<string, unknown>
  /** Overrides fields of `storageConfig`. */
  storage?: Record<string, unknown>
  /** Overrides fields of `clientRequest`. */
  request?: Record<string, unknown>
}

/** The tasks of web pages, oldest first. */
export const pageTasks = (emulator: Pick<EmulatorControls, 'tasks'>): PageTaskView[] =>
  emulator.tasks().filter((task) => task.mode === 'web')

export const authorization = (
  id: string = CREDENTIALS.customerId,
  secret: string = CREDENTIALS.customerSecret,
): string => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`

export const STORAGE = {
  vendor: 1,
  region: 0,
  bucket: 'bucket',
  accessKey: 'the access key',
  secretKey: 'the secret key',
} as const

export const startRequest = ({ web, storage, request }: StartChanges = {}): Record<string, unknown> => ({
  storageConfig: { ...STORAGE, fileNamePrefix: ['class42', 'a1'], ...storage },
  recordingFileConfig: { avFileType: ['hls', 'mp4'] },
  extensionServiceConfig: {
    errorHandlePolicy: 'error_abort',
    extensionServices: [
      {
        serviceName: 'web_recorder_service',
        errorHandlePolicy: 'error_abort',
        serviceParam: {
          url: 'http://127.0.0.1:9/page?token=private',
          audioProfile: 0,
          videoWidth: 1280,
          videoHeight: 720,
          maxRecordingHour: 3,
          ...web,
        },
      },
    ],
  },
  ...request,
})

export const APP_PATH: string = `/v1/apps/${CREDENTIALS.appId}/cloud_recording`

/** Acquires and starts a task at the emulator with this URL, which may run in another process. */
export const startTask = async (url: string, changes: StartChanges): Promise<void> => {
  const post = async (path: string, clientRequest: unknown): Promise<Record<string, unknown>> => {
    const response = await fetch(url + APP_PATH + path, {
      method: 'POST',
      headers: { authorization: authorization(), 'content-type': 'application/json' },
      body: JSON.stringify({ cname: 'class42', uid: '1', clientRequest }),
    })
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}`)
    return (await response.json()) as Record<string, unknown>
  }
  const { resourceId } = await post('/acquire', { scene: 1 })
  await post(`/resourceid/${resourceId}/mode/web/start`, startRequest(changes))
}

/** The task of an answer to start; throws if the start was refused. */
export const startedTask = (answer: TestAnswer): StartedTask => {
  if (answer.status !== 200) throw new Error(`start answered ${JSON.stringify(answer)}`)
  return answer.body as unknown as StartedTask
}

/** An emulator without a browser, with a fake clock, and the calls of a client. */
export const createTestBench = async (options: Partial<EmulatorOptions> = {}): Promise<TestBench> => {
  const clock = fakeClock()
  const emulator = await startEmulator({ ...CREDENTIALS, browser: false, qps: null, clock, ...options })

  const call: TestBench['call'] = async (
    method,
    path,
    body,
    headers = { authorization: authorization() },
  ) => {
    const response = await fetch(emulator.url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  const acquire: TestBench['acquire'] = (changes, { cname = 'class42', uid = '900001' } = {}) =>
    call('POST', `${APP_PATH}/acquire`, { cname, uid, clientRequest: { scene: 1, ...changes } })
  const start: TestBench['start'] = (resourceId, changes = {}) =>
    call('POST', `${APP_PATH}/resourceid/${resourceId}/mode/web/start`, {
      cname: changes.cname ?? 'class42',
      uid: changes.uid ?? '900001',
      clientRequest: startRequest(changes),
    })

  return {
    emulator,
    clock,
    call,
    acquire,
    start,
    run: async (changes = {}) => {
      const acquired = await acquire({}, changes)
      const task = startedTask(await start(String(acquired.body.resourceId), changes))
      await clock.advance(0)
      return task
    },
    on: ({ resourceId, sid, cname, uid, mode = 'web' }, name, clientRequest = {}) =>
      call(
        name === 'query' ? 'GET' : 'POST',
        `${APP_PATH}/resourceid/${resourceId}/sid/${sid}/mode/${mode}/${name}`,
        name === 'query' ? undefined : { cname, uid, clientRequest },
      ),
  }
}
