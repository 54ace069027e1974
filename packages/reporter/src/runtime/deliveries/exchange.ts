import type { ClientRequest, IncomingMessage } from 'node:http'

/** An answer, as far as it is read. */
export interface Answer {
  status: number
  headers: Headers
  /** The first bytes. */
  body: string
}

export class ExchangeTimeoutError extends Error {}

/** Of an answer. The rest is not read. */
const MAX_ANSWER_BYTES = 1024
/** For the body of an answer. The status has decided already, so the body is for people only. */
const BODY_TIMEOUT_MS = 1000

/**
 * Sends a request and reads its answer. Settles in any case, whatever the other side does.
 * @param post makes the request; again if the connection was closed in the moment in which it was used again
 * @param timeoutMs until the answer's headers
 * @throws {ExchangeTimeoutError} or the error of the connection
 */
export const exchange = (
  post: () => ClientRequest,
  { body, timeoutMs }: { body: string; timeoutMs: number },
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    let current: ClientRequest | undefined
    let isOver = false
    const end = (): void => {
      isOver = true
      clearTimeout(timer)
    }
    // Of its own: an aborted signal reaches no request that has lost its connection to an upgrade.
    const timer = setTimeout(() => {
      end()
      reject(new ExchangeTimeoutError())
      current?.destroy()
    }, timeoutMs)

    const send = (mayRepeat: boolean): void => {
      const request = post()
      current = request
      const fail = (error: NodeJS.ErrnoException): void => {
        if (isOver || request !== current) return
        if (mayRepeat && request.reusedSocket && error.code === 'ECONNRESET') {
          send(false)
          return
        }
        end()
        reject(error)
      }
      request.on('error', fail)
      request.on('close', () => fail(Object.assign(new Error('closed'), { code: 'ECONNRESET' })))
      request.on('response', (incoming) => {
        end()
        void readBody(incoming).then((text) => resolve(answerOf(incoming, text)))
      })
      // 101 Switching Protocols, which was not asked for.
      request.on('upgrade', (incoming, socket) => {
        end()
        socket.destroy()
        resolve(answerOf(incoming, ''))
      })
      request.end(body)
    }
    send(true)
  })

const answerOf = ({ statusCode = 0, headers: all }: IncomingMessage, body: string): Answer => {
  const headers = new Headers()
  for (const [name, value] of Object.entries(all)) {
    if (typeof value === 'string' && /^[\x20-\x7e]*$/.test(value)) headers.set(name, value)
  }
  return { status: statusCode, headers, body }
}

/** Never rejects: of a body that ends early, or does not end, there is what has come. */
const readBody = (incoming: IncomingMessage): Promise<string> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    const end = (): void => {
      clearTimeout(timer)
      resolve(Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString('utf8'))
      // Ends the connection unless the body is complete: an answer without end would hold it.
      if (!incoming.complete) incoming.destroy()
    }
    const timer = setTimeout(end, BODY_TIMEOUT_MS)
    incoming.on('error', end)
    incoming.on('close', end)
    incoming.on('end', end)
    incoming.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.length
      if (size >= MAX_ANSWER_BYTES) end()
    })
  })
