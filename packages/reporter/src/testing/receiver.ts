import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Destination } from '../destinations.ts'

/** One request that a receiver got. */
export interface Received {
  path: string
  headers: Record<string, string>
  text: string
  body: Record<string, unknown>
}

/** How a receiver answers; `destroy` closes the connection, `silence` answers nothing. */
export type ReceiverAnswer =
  | { status: number; headers?: Record<string, string>; body?: string }
  | 'destroy'
  | 'silence'

/** A small HTTP server in place of a business server. */
export interface Receiver {
  url: string
  /** All requests so far, whatever was answered. */
  received: Received[]
  /** Those that were answered 2xx. */
  accepted: Received[]
  answerWith(answer: ReceiverAnswer | ((request: Received) => ReceiverAnswer | Promise<ReceiverAnswer>)): void
}

/** Listens on a free port of 127.0.0.1 until the test ends, and answers 204. */
export const openReceiver = async (): Promise<Receiver> => {
  let answerOf: (request: Received) => ReceiverAnswer | Promise<ReceiverAnswer> = () => ({ status: 204 })
  const received: Received[] = []
  const accepted: Received[] = []
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    )
    const got = { path: request.url ?? '', headers, text, body: JSON.parse(text) as Record<string, unknown> }
    received.push(got)
    const answer = await answerOf(got)
    if (answer === 'destroy') return void request.socket.destroy()
    if (answer === 'silence') return
    if (answer.status < 300) accepted.push(got)
    response.writeHead(answer.status, answer.headers).end(answer.body)
  }
  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    accepted,
    answerWith: (answer) => {
      answerOf = typeof answer === 'function' ? answer : () => answer
    },
  }
}

export const DELIVERY_SECRET: string = `whsec_${Buffer.alloc(32, 'SECRET-of-deliveries').toString('base64')}`

/** A destination named `backend` that wants everything. */
export const destinationAt = (url: string, changes: Partial<Destination> = {}): Destination => ({
  ...{ name: 'backend', url, secrets: [DELIVERY_SECRET], types: ['*'], preset: 'standard' },
  ...changes,
})
