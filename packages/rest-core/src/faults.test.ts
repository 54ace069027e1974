import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createCloudRecording } from './client.ts'
import type { CloudRecording, CloudRecordingOptions } from './cloudRecording.ts'
import { type CloudRecordingError, TimeoutError } from './errors.ts'
import type { LogEntry } from './log.ts'
import { options, startRequest, task } from './testing/examples.ts'

// Agora behind a gateway, over real sockets. Each request meets the next fault of the script, the rest meet none.

type Fault = (res: ServerResponse, answer: () => void) => void

const faults: Record<string, Fault> = {
  reset: (res) => void res.socket?.resetAndDestroy(),
  'slow headers': () => {},
  'slow body': (res) => void res.writeHead(200).write('{"sid":'),
  'broken body': (res) => {
    res.writeHead(200, { 'content-length': '100' })
    res.write('{"sid":"sid1"', () => res.destroy())
  },
  'gateway 503': (res) => void res.writeHead(503).end('<html>Service Unavailable</html>'),
  'commit-then-drop': (res, answer) => {
    answer()
    res.socket?.resetAndDestroy()
  },
}

const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

interface Agora {
  url: string
  running: string[]
  starts: number
}

/** Starts one recording per resource, and answers unless a fault prevents it. */
const agora = async (...script: Fault[]): Promise<Agora> => {
  const state: Agora = { url: '', running: [], starts: 0 }
  const commit = (resource: string): [number, object] => {
    state.starts++
    if (state.running.includes(resource)) return [201, { code: 7, reason: 'already started' }]
    state.running.push(resource)
    return [200, { sid: 'sid1', resourceId: resource }]
  }
  const server = createServer((req: IncomingMessage, res: ServerResponse) => {
    const resource = decodeURIComponent(/resourceid\/([^/]+)/.exec(req.url ?? '')?.[1] ?? '')
    const answer = (): [number, object] =>
      req.method === 'GET' ? [200, { serverResponse: { status: 5 } }] : commit(resource)
    const fault = script.shift()
    if (fault !== undefined) return fault(res, answer)
    const [status, body] = answer()
    res.writeHead(status).end(JSON.stringify(body))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return state
}

/** The URL of a port without a server. */
const unusedUrl = async (): Promise<string> => {
  const closed = createTcpServer()
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
  const { port } = closed.address() as AddressInfo
  await new Promise((resolve) => closed.close(resolve))
  return `http://127.0.0.1:${port}`
}

const clientOf = (baseUrls: string[], more: Partial<CloudRecordingOptions> = {}): CloudRecording =>
  createCloudRecording({ ...options, baseUrls, backoffScale: 0, timeout: 0.2, ...more })

describe('start over real sockets', () => {
  const harmless = ['reset', 'slow headers', 'slow body', 'broken body', 'gateway 503']
  test.each(harmless)('%s before the start is carried out: the next try starts it once', async (name) => {
    const { url, ...state } = await agora(faults[name] as Fault)
    const answer = await clientOf([url, url]).start(startRequest)
    expect(answer.sid).toBe('sid1')
    expect(state.running).toEqual([startRequest.resourceId])
  })

  test('refused: the next host', async () => {
    const { url } = await agora()
    const log: LogEntry[] = []
    const client = clientOf([await unusedUrl(), url], { log: (entry) => void log.push(entry) })
    expect((await client.start(startRequest)).sid).toBe('sid1')
    expect(log).toMatchObject([{ fault: 'refused', meaning: 'network' }, { status: 200 }])
  })

  test('commit-then-drop: the retry is answered with 201/7, and nothing runs twice', async () => {
    const state = await agora(faults['commit-then-drop'] as Fault)
    const error: CloudRecordingError = await clientOf([state.url, state.url])
      .start(startRequest)
      .catch((each) => each)
    expect(error).toMatchObject({ name: 'AlreadyStartedError', startOutcome: 'running', tries: 2 })
    expect(state).toMatchObject({ running: [startRequest.resourceId], starts: 2 })
  })

  test('commit-then-drop, then no connection: the outcome is unknown', async () => {
    const { url } = await agora(faults['commit-then-drop'] as Fault)
    const error: CloudRecordingError = await clientOf([url, await unusedUrl()])
      .start(startRequest)
      .catch((each) => each)
    expect(error).toMatchObject({ name: 'NetworkError', fault: 'refused', startOutcome: 'unknown', tries: 2 })
  })
})

test('with a slow service a call takes no longer than its deadline and sends nothing afterwards', async () => {
  const slow = Array<Fault>(8).fill(faults['slow headers'] as Fault)
  const { url } = await agora(...slow)
  const startedAt = performance.now()
  const log: LogEntry[] = []
  const client = clientOf([url, url, url, url], { deadline: 0.5, log: (entry) => void log.push(entry) })
  const error: CloudRecordingError = await client.query(task).catch((each) => each)
  expect(error).toBeInstanceOf(TimeoutError)
  expect(error).toMatchObject({ expired: true, tries: 3 })
  expect(performance.now() - startedAt).toBeLessThan(1000)
  expect(log).toHaveLength(3)
})
