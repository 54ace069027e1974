import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { TLSSocket } from 'node:tls'
import type { PublicAnswer } from './finding.ts'

/**
 * Asks the reporter's own public address where reports arrive. Rejects with Node's error if there is no answer.
 * @param url without a slash at the end
 */
export type AskPublicUrl = (url: string, signal: AbortSignal) => Promise<PublicAnswer>

/** Milliseconds; `ETIMEDOUT` after that. A page gives up after as long. */
const TIMEOUT_MS = 10_000
/** The identity takes less than 100 bytes. */
const MAX_BODY_BYTES = 1024
/** Of the header `server`, which is shown to people. */
const MAX_SERVER_LENGTH = 60

/**
 * Node's own client rather than `fetch`: it shows the certificate, follows no redirect, and each request makes a new
 * connection, so that a changed name or certificate is noticed.
 * @param options for tests, for example `ca` and `lookup`
 */
export const createAskPublicUrl =
  ({ timeoutMs = TIMEOUT_MS, ...options }: RequestOptions & { timeoutMs?: number } = {}): AskPublicUrl =>
  (url, signal) =>
    new Promise((resolve, reject) => {
      const request = url.startsWith('https:') ? httpsRequest : httpRequest
      const headers = { accept: 'application/json', 'cache-control': 'no-cache' }
      const asked = request(`${url}/v1/reports`, { ...options, headers, agent: false, signal })
      const timeout = setTimeout(() => {
        reject(timedOut())
        asked.destroy()
      }, timeoutMs)
      asked
        .on('error', reject)
        .on('close', () => clearTimeout(timeout))
        .on('response', (response) => {
          readAnswer(response)
            .then(resolve, reject)
            .finally(() => asked.destroy())
        })
        .end()
    })

const timedOut = (): Error => Object.assign(new Error('No answer in time'), { code: 'ETIMEDOUT' })

const printable = (text: string): string => text.replaceAll(/[^ -~]/g, '').slice(0, MAX_SERVER_LENGTH)

const readAnswer = async (response: IncomingMessage): Promise<PublicAnswer> => {
  const { statusCode = 0, headers, socket } = response
  const ends = socket instanceof TLSSocket ? String(socket.getPeerCertificate().valid_to) : undefined
  const answer = {
    status: statusCode,
    ...(headers.location !== undefined && { location: headers.location }),
    ...(headers.server !== undefined && { server: printable(String(headers.server)) }),
    ...(ends !== undefined && { certificateEnds: Date.parse(ends) }),
  }
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > MAX_BODY_BYTES) break
  }
  return { ...answer, body: Buffer.concat(chunks).toString('utf8', 0, MAX_BODY_BYTES) }
}
