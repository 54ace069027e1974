import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { invalidHttp, Problem, problemHeaders } from './problem.ts'

/** How long a connection may take for each part of a request, in seconds. */
export interface HttpTimeouts {
  /** Until all headers have arrived, from the first moment of a connection or from the request's first byte. */
  headers: number
  /** Until the whole request has arrived, its body included. */
  request: number
  /** Without progress of a response that the client does not read. */
  response: number
  /** Without a request between two of them. */
  keepAlive: number
}

/** The reporter's HTTP server. */
export interface HttpServer {
  server: Server
  /**
   * From now on each response ends its connection, so that a load balancer opens new ones elsewhere; also those that are
   * being prepared.
   */
  endConnections(): void
}

type Fetch = Parameters<typeof getRequestListener>[0]

/** A request and its response, until the response has been sent. */
interface Exchange {
  request: IncomingMessage
  response: ServerResponse
}

/**
 * Node looks for late headers and bodies only this often (`connectionsCheckingInterval`). Its default is 30 s, by which a
 * slow body would outlive its timeout.
 */
const CHECK_INTERVAL_MS = 500
/** Until a connection is closed after an error: a client that is still sending would lose the response otherwise. */
const LINGER_MS = 500

/**
 * An HTTP server whose connections cannot be held for long by sending or reading slowly. Requests that do not reach the
 * routes, because they are not HTTP or come too slowly, are answered with problem documents as well.
 */
export const createHttpServer = (
  fetch: Fetch,
  { hostname, timeouts }: { hostname: string; timeouts: HttpTimeouts },
): HttpServer => {
  const exchanges = new WeakMap<Socket, Set<Exchange>>()
  const exchangesOf = (socket: Socket): Set<Exchange> => exchanges.get(socket) ?? new Set()
  const open = new Set<ServerResponse>()
  let isEnding = false

  const endConnection = (response: ServerResponse): void => {
    if (!response.headersSent) response.setHeader('connection', 'close')
  }

  const track = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request
    const exchange = { request, response }
    exchanges.set(socket, exchangesOf(socket).add(exchange))
    open.add(response)
    response.once('close', () => {
      exchangesOf(socket).delete(exchange)
      open.delete(response)
    })
    if (isEnding) endConnection(response)
  }

  const toRoutes = getRequestListener(fetch, {
    hostname,
    errorHandler: () => responseOf(invalidHttp('The request has an invalid target or Host header.')),
  })
  const server = createServer(
    {
      headersTimeout: Math.min(timeouts.headers, timeouts.request) * 1000,
      requestTimeout: timeouts.request * 1000,
      keepAliveTimeout: timeouts.keepAlive * 1000,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      // Node's own refusal has no body. The routes need no Host, except to refuse requests without it (auth.ts).
      requireHostHeader: false,
    },
    (request, response) => {
      track(request, response)
      if (request.httpVersion === '1.1' && request.headers.host === undefined) {
        sendProblem(response, invalidHttp('The Host header is missing (RFC 9112, section 3.2).'))
      } else void toRoutes(request, response)
    },
  )
  // Counts while nothing is sent or received, between two requests with the time of `keepAlive`.
  server.timeout = timeouts.response * 1000
  server.on('timeout', (socket: Socket) => {
    // Before its first request, the timeout of headers ends a connection, with a response.
    if (!exchanges.has(socket)) return
    const isBeingPrepared = [...exchangesOf(socket)].some(({ response }) => !response.headersSent)
    if (!isBeingPrepared || socket.writableLength > 0) socket.destroy()
  })
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    track(request, response)
    sendProblem(
      response,
      new Problem('expectation_failed', 'The only expectation that is met is 100-continue.'),
    )
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const open = [...exchangesOf(socket)]
    const isOfThisRequest = open.every(({ request, response }) => !request.complete && !response.headersSent)
    if (!socket.writable || (open.length > 0 && !isOfThisRequest)) {
      closeAfter(open, socket)
      return
    }
    socket.end(rawResponse(problemOf(error.code)))
    setTimeout(() => socket.destroy(), LINGER_MS).unref()
  })
  return {
    server,
    endConnections: () => {
      isEnding = true
      open.forEach(endConnection)
    },
  }
}

/** In the middle of responses to earlier requests, another one would be taken for theirs. */
const closeAfter = (open: readonly Exchange[], socket: Socket): void => {
  let left = open.length
  if (left === 0 || !socket.writable) socket.destroy()
  for (const { response } of open) {
    response.once('close', () => {
      left -= 1
      if (left === 0) socket.destroySoon()
    })
  }
}

/** By Node's and its parser's error codes. */
const problemOf = (code: string | undefined): Problem => {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem('request_timeout', 'The request did not arrive completely in time.')
    case 'HPE_HEADER_OVERFLOW':
      return new Problem('headers_too_large', 'The headers of the request are too large.')
    default:
      return invalidHttp('This is not a valid HTTP/1.1 request.')
  }
}

const responseOf = (problem: Problem): Response =>
  new Response(JSON.stringify(problem.document()), {
    status: problem.status,
    headers: problemHeaders(problem),
  })

const sendProblem = (response: ServerResponse, problem: Problem): void => {
  const body = JSON.stringify(problem.document())
  response.writeHead(problem.status, headersOf(problem, body)).end(body)
}

/** As it is written to a connection whose request Node has no response for. */
const rawResponse = (problem: Problem): string => {
  const body = JSON.stringify(problem.document())
  const lines = Object.entries(headersOf(problem, body)).map(([name, value]) => `${name}: ${value}`)
  return [`HTTP/1.1 ${problem.status} ${problem.document().title}`, ...lines, '', body].join('\r\n')
}

const headersOf = (problem: Problem, body: string): Record<string, string> => ({
  ...problemHeaders(problem),
  'content-length': String(Buffer.byteLength(body)),
  connection: 'close',
})
