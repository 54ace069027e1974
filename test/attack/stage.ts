import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { openTestbed, type Testbed } from '@stillrolling/examples/testbed'
import type { Report, ReportType } from '@stillrolling/probe/types'
import { expect, vi } from 'vitest'

/** A reporter as a process of its own. Nothing opens pages: the tests send what pages, and others, would send. */
export interface Stage extends Testbed {
  /** Records a page. @returns what it and everyone who knows its URL can send */
  record(id: string): Promise<Page>
  post(path: string, body: string, headers?: Record<string, string>): Promise<Answer>
  /** Sends bytes on a connection of their own. @returns all that the server has sent when it closes the connection */
  raw(bytes: string | Buffer): Promise<string>
}

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

export interface Page {
  id: string
  token: string
  /** Sends a report, by default a healthy heartbeat with the next number. */
  send(change?: Partial<Report>): Promise<Answer>
}

const POLICY = { readyTimeout: 0, loadTimeout: 600, heartbeatTimeout: 600, queryInterval: 600 }
const POLL = { timeout: 30_000, interval: 50 }

/** @param environment changes the reporter's variables */
export const openStage = async (environment: Record<string, string> = {}): Promise<Stage> => {
  const tokens = new Map<string, string>()
  const testbed = await openTestbed({
    emulator: {
      browser: false,
      openDelay: 0,
      qps: null,
      concurrency: 2000,
      log: (event) => {
        if (event.type !== 'call' || event.call.call !== 'start' || event.call.cname === null) return
        const [, token] = /[?&]stillrolling=([\w.-]+)/.exec(JSON.stringify(event.call.body)) ?? []
        if (token !== undefined) tokens.set(event.call.cname, token)
      },
    },
    environment: { AGORA_QPS: '10000', ...environment },
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const close: Stage['close'] = async () => {
    agent.destroy()
    await testbed.close()
  }

  const post: Stage['post'] = (path, body, headers = {}) =>
    new Promise((resolve, reject) => {
      const sent = request(
        new URL(path, testbed.reporterUrl),
        { method: 'POST', agent, headers: { 'content-length': Buffer.byteLength(body), ...headers } },
        (answer) => {
          let text = ''
          answer.setEncoding('utf8').on('data', (part: string) => {
            text += part
          })
          const { statusCode = 0, headers: received } = answer
          answer.on('end', () => resolve({ status: statusCode, headers: received, text }))
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })

  const record: Stage['record'] = async (id) => {
    await testbed.api.create({ id, url: 'https://page.test/', policy: POLICY })
    const token = await vi.waitFor(() => {
      const known = tokens.get(id)
      if (known === undefined) throw new Error(`${id} has not been started`)
      return known
    }, POLL)
    let seq = 0
    const send: Page['send'] = (change = {}) => {
      seq += 1
      return post(
        '/v1/reports',
        JSON.stringify(reportOf('heartbeat', { token, page: `page-${id}`, seq, ...change })),
      )
    }
    return { id, token, send }
  }

  const raw: Stage['raw'] = (bytes) =>
    new Promise((resolve) => {
      const { hostname, port } = new URL(testbed.reporterUrl)
      const socket = connect(Number(port), hostname)
      let received = ''
      socket.setEncoding('utf8').on('data', (part) => {
        received += part
      })
      socket.on('error', () => {})
      socket.on('close', () => resolve(received))
      socket.write(bytes)
    })

  return { ...testbed, record, post, raw, close }
}

/** A healthy report. */
export const reportOf = (
  type: ReportType,
  change: Partial<Report> & Pick<Report, 'token' | 'page' | 'seq'>,
): Report => ({
  v: 1,
  type,
  at: 0,
  checks: [{ name: '#board', ok: true }],
  media: [],
  visible: true,
  late: 0,
  errors: 0,
  failed: 0,
  frames: 1,
  warnings: [],
  missed: 0,
  ...change,
})

/** Opens and loads the page. */
export const load = async ({ send }: Page): Promise<number[]> => [
  (await send({ type: 'hello' })).status,
  (await send({ type: 'loaded' })).status,
]

/** The lines of the reporter's log that say that it failed. */
export const failuresIn = (stage: Stage): string[] =>
  stage
    .reporter()
    .output()
    .split('\n')
    .filter((line) => /"level":[56]0/.test(line) || (line !== '' && !line.startsWith('{')))

/** Asserts that a page that had loaded is recorded as before, and that the reporter has not failed. */
export const expectUnharmed = async (stage: Stage, page: Page): Promise<void> => {
  expect((await page.send()).status).toBe(200)
  const { state, attemptCount, reason } = await stage.api.get(page.id)
  expect({ state, attemptCount, reason }).toEqual({ state: 'rolling', attemptCount: 1, reason: null })
  expect(failuresIn(stage)).toEqual([])
}
