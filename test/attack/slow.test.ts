import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { failuresIn, load, openStage, type Stage } from './stage.ts'

const CONNECTIONS = 300
const TIMEOUTS = { HTTP_HEADERS_TIMEOUT: '1', HTTP_REQUEST_TIMEOUT: '1', HTTP_RESPONSE_TIMEOUT: '1' }

/** Sends the bytes, and nothing more. @returns what has arrived when the server closes the connection */
const hold = ({ reporterUrl }: Stage, bytes: string): Promise<string> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(reporterUrl)
    const socket: Socket = connect(Number(port), hostname)
    onTestFinished(() => void socket.destroy())
    let received = ''
    socket.setEncoding('utf8').on('data', (part) => {
      received += part
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(received))
    socket.write(bytes)
  })

const holdMany = (stage: Stage, bytes: string): Promise<string[]> =>
  Promise.all(Array.from({ length: CONNECTIONS }, () => hold(stage, bytes)))

test.each([
  ['bodies of reports', 'POST /v1/reports HTTP/1.1\r\nhost: reporter\r\ncontent-length: 500\r\n\r\n{"v":1,'],
  [
    'bodies in chunks',
    'POST /v1/reports HTTP/1.1\r\nhost: reporter\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"v":\r\n',
  ],
  [
    'bodies of notifications',
    'POST /v1/notifications HTTP/1.1\r\nhost: reporter\r\ncontent-length: 500\r\n\r\n{"noticeId":',
  ],
  ['headers', 'POST /v1/reports HTTP/1.1\r\nhost: reporter\r\ncontent-le'],
  ['nothing', ''],
])(
  '300 connections that send %s slowly are answered 408 and closed, and pages are served meanwhile',
  async (_, bytes) => {
    const stage = await openStage(TIMEOUTS)
    onTestFinished(stage.close)
    const page = await stage.record('class42')
    expect(await load(page)).toEqual([200, 200])
    const startedAt = Date.now()
    const slow = holdMany(stage, bytes)
    for (let n = 0; n < 20; n += 1) expect((await page.send()).status).toBe(200)
    const served = Date.now() - startedAt
    const answers = await slow
    expect(Date.now() - startedAt, 'milliseconds until all are closed').toBeLessThan(10_000)
    expect(served, 'milliseconds for 20 reports').toBeLessThan(5000)
    for (const answer of answers)
      expect(answer).toMatch(/^HTTP\/1\.1 408 [\s\S]*urn:stillrolling:problem:timed-out/)
    expect((await stage.api.get('class42')).state).toBe('rolling')
    expect(failuresIn(stage)).toEqual([])
  },
)
