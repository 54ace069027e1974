import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { withoutBrackets } from '../../networkAddress.ts'
import { isPublicAddress } from '../../publicAddress.ts'
import { createCheckedLookup } from '../checkedLookup.ts'
import type { Resolve } from '../sharedLookups.ts'
import { ExchangeTimeoutError, exchange } from './exchange.ts'
import type { SendResult } from './verdict.ts'

/** Sends a POST with a JSON body, and never rejects. */
export interface Send {
  (request: { url: string; headers: Record<string, string>; body: string }): Promise<SendResult>
  /** Closes idle connections. */
  close(): void
}

export interface SendOptions {
  allowPrivate: boolean
  /** From the name's lookup to the answer's headers. */
  timeoutMs?: number
  resolve?: Resolve
}

const TIMEOUT_MS = 15_000

class AddressError extends Error {
  readonly code = 'ADDRESS_REFUSED'
}

/** The name stays in the Host header and in TLS. Redirects are not followed. */
export const createSend = ({ allowPrivate, timeoutMs = TIMEOUT_MS, resolve }: SendOptions): Send => {
  const agents = {
    'http:': new HttpAgent({ keepAlive: true }),
    'https:': new HttpsAgent({ keepAlive: true }),
  }

  const refuse = (where: string): AddressError =>
    new AddressError(
      `${where} is not on the public internet, so nothing was sent. DELIVERIES_ALLOW_PRIVATE=true allows it`,
    )

  const lookup = createCheckedLookup({
    isAllowed: (address) => allowPrivate || isPublicAddress(address) === true,
    refusal: () => refuse('The address of the destination’s name'),
    resolve,
  })

  const send = async ({ url, headers, body }: Parameters<Send>[0]): Promise<SendResult> => {
    const { protocol, hostname } = new URL(url)
    // The lookup is not called for an address.
    const host = withoutBrackets(hostname)
    if (!allowPrivate && isPublicAddress(host) === false) return failure(refuse('The destination’s address'))
    const [request, agent] =
      protocol === 'https:'
        ? [httpsRequest, agents['https:'] as HttpAgent]
        : [httpRequest, agents['http:'] as HttpAgent]
    const post = () =>
      request(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'Stillrolling',
          ...headers,
        },
        ...{ agent, lookup },
      })
    try {
      return { kind: 'answer', ...(await exchange(post, { body, timeoutMs })) }
    } catch (error) {
      return error instanceof ExchangeTimeoutError
        ? timeout(timeoutMs)
        : failure(error as NodeJS.ErrnoException)
    }
  }
  return Object.assign(send, {
    close: () => {
      for (const agent of Object.values(agents)) agent.destroy()
    },
  })
}

const timeout = (timeoutMs: number): SendResult => ({
  kind: 'failure',
  failure: 'timeout',
  message: `The destination did not answer within ${timeoutMs / 1000} s`,
})

/** What went wrong, without the address, which may be a secret: Slack's is. */
const failure = (error: NodeJS.ErrnoException): SendResult => {
  if (error instanceof AddressError) return { kind: 'failure', failure: 'address', message: error.message }
  const { code = 'unknown error' } = error
  const message = PROBLEMS[code] ?? `The connection failed (${code})`
  return { kind: 'failure', failure: 'unreachable', message }
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'The name of the destination does not exist (ENOTFOUND)',
  EAI_AGAIN: 'The name of the destination could not be looked up (EAI_AGAIN)',
  ECONNREFUSED: 'The connection was refused (ECONNREFUSED)',
  ECONNRESET: 'The connection was closed before an answer (ECONNRESET)',
  CERT_HAS_EXPIRED: 'The certificate of the destination has expired (CERT_HAS_EXPIRED)',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'The certificate of the destination is self-signed',
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate of the destination is for another name',
}
