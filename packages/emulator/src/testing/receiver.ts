import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Received {
  headers: IncomingHttpHeaders
  raw: string
  noticeId: string
  eventType: number
  notifyMs: number
  payload: {
    cname: string
    uid: string
    sid: string
    sequence: number
    sendts: number
    serviceType: number
    details: Record<string, unknown>
  }
}

export interface Receiver {
  url: string
  received: Received[]
  /** Answers to the next notifications, in order; `null` sends none. Further ones are answered 200 with JSON. */
  answers: ({ status: number; body: string } | null)[]
  close(): Promise<void>
}

/** A server that receives notifications. */
export const startReceiver = async (): Promise<Receiver> => {
  const received: Received[] = []
  const answers: Receiver['answers'] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const raw = Buffer.concat(chunks).toString()
    received.push({ headers: request.headers, raw, ...JSON.parse(raw) })
    const answer = answers.length > 0 ? answers.shift() : { status: 200, body: '{"ok":true}' }
    if (!answer) return
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/notifications`,
    received,
    answers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
