import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { Hono } from 'hono'
import { pino } from 'pino'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createHttpServer, type HttpServer, type HttpTimeouts } from './httpServer.ts'
import { limitBody } from './limitBody.ts'
import { onError, type ProblemDocument } from './problem.ts'

const LONG: HttpTimeouts = { headers: 60, request: 60, response: 60, keepAlive: 60 }
/** Larger than all buffers of a connection together. */
const LARGE = 32 * 1024 * 1024

interface Routes {
  /** Ends the wait of GET /slow. */
  answerSlow: () => void
}

const routes = (): { fetch: (request: Request) => Promise<Response> } & Routes => {
  const slow = Promise.withResolvers<void>()
  return {
    answerSlow: slow.resolve,
    fetch: async (request) => {
      const { pathname } = new URL(request.url)
      if (pathname === '/large') return new Response(new Uint8Array(LARGE))
      if (pathname === '/slow') await slow.promise
      return new Response(request.method === 'POST' ? await request.text() : 'well')
    },
  }
}

const setUp = async (
  timeouts: Partial<HttpTimeouts> = {},
  app?: (request: Request) => Response | Promise<Response>,
) => {
  const { fetch, answerSlow } = routes()
  const http: HttpServer = createHttpServer(app ?? fetch, {
    hostname: '127.0.0.1',
    timeouts: { ...LONG, ...timeouts },
  })
  http.server.listen(0, '127.0.0.1')
  await once(http.server, 'listening')
  onTestFinished(() => {
    http.server.close()
    http.server.closeAllConnections()
  })
  const { port } = http.server.address() as AddressInfo
  return { ...http, port, answerSlow, open: () => open(port) }
}

/** A connection, and what has arrived on it. */
const open = (port: number) => {
  const socket: Socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  let received = ''
  socket.setEncoding('utf8').on('error', () => {})
  socket.on('data', (chunk) => {
    received += chunk
  })
  const closed = once(socket, 'close')
  return {
    socket,
    send: (text: string) => void socket.write(text),
    /** Waits until the text has arrived. */
    until: async (text: string) => {
      while (!received.includes(text)) await once(socket, 'data')
      return received
    },
    /** Waits until the server has closed the connection. @returns all that has arrived */
    closed: async () => {
      await closed
      return received
    },
    received: () => received,
  }
}

const GET = 'GET / HTTP/1.1\r\nhost: reporter\r\n\r\n'
const POST = 'POST / HTTP/1.1\r\nhost: reporter\r\n'

/** The only response of a connection that was closed: its head, and its problem document. */
const problemIn = (received: string) => {
  const [head = '', body = '', ...more] = received.split('\r\n\r\n')
  expect(more).toEqual([])
  expect(head).toMatch(/content-type: application\/problem\+json/i)
  expect(head).toMatch(/connection: close/i)
  return JSON.parse(body) as ProblemDocument
}

describe('a request that comes too slowly is answered 408 and closed', () => {
  test.each([
    ['nothing', ''],
    ['half of the headers', 'POST / HTTP/1.1\r\nhost: rep'],
  ])('%s', async (_, text) => {
    const { open } = await setUp({ headers: 0.05, response: 0.01 })
    const { send, closed } = open()
    send(text)
    expect(problemIn(await closed())).toMatchObject({ status: 408, title: 'Timed out' })
  })

  test.each([
    ['half of a body', `${POST}content-length: 9\r\n\r\nhalf`],
    ['a body in chunks', `${POST}transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n`],
  ])('%s, however long it would keep the connection', async (_, text) => {
    const { open } = await setUp({ request: 0.05 })
    const { send, closed } = open()
    send(text)
    expect(problemIn(await closed())).toMatchObject({ status: 408 })
  })

  test('300 of them, while others are served', async () => {
    const { open } = await setUp({ request: 0.2 })
    const slow = Array.from({ length: 300 }, () => {
      const { send, closed } = open()
      send(`${POST}content-length: 9\r\n\r\nhalf`)
      return closed()
    })
    const { send, until } = open()
    send(GET)
    await until('well')
    for (const received of await Promise.all(slow)) {
      expect(problemIn(received)).toMatchObject({ status: 408 })
    }
  })

  test('not if its body arrives in time', async () => {
    const { open } = await setUp({ request: 30 })
    const { send, until } = open()
    send(`${POST}content-length: 9\r\n\r\nhalf`)
    await new Promise((resolve) => setImmediate(resolve))
    send('+half')
    expect(await until('half+half')).toMatch(/^HTTP\/1.1 200/)
  })
})

describe('an idle connection', () => {
  test('is kept for its time, which the response announces, and then closed', async () => {
    const { open, server } = await setUp({ keepAlive: 0.05 })
    // Node's tolerance for requests under way.
    server.keepAliveTimeoutBuffer = 50
    const { send, until, closed } = open()
    send(GET)
    await until('well')
    await closed()
  })

  test('outlives the timeouts of requests and responses', async () => {
    const { open } = await setUp({ headers: 0.05, request: 0.05, response: 0.05, keepAlive: 75 })
    const { socket, send, until } = open()
    send(GET)
    expect(await until('well')).toMatch(/keep-alive: timeout=75/i)
    // A connection without any request is closed meanwhile, by the same timer.
    await open().closed()
    expect(socket.closed).toBe(false)
    send(GET)
    await until('well')
  })
})

describe('a response', () => {
  test('that the client does not read is given up', async () => {
    const { server, port } = await setUp({ response: 0.1 })
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    onTestFinished(() => void socket.destroy())
    const [served] = (await Promise.all([once(server, 'connection'), once(socket, 'connect')])) as [
      [Socket],
      [],
    ]
    socket.pause()
    socket.write('GET /large HTTP/1.1\r\nhost: reporter\r\n\r\n')
    await once(served[0], 'close')
    expect(served[0].bytesWritten).toBeGreaterThan(0)
  })

  test('may take longer than that to prepare', async () => {
    const { server, open, answerSlow } = await setUp({ response: 0.05 })
    const { send, until } = open()
    send('GET /slow HTTP/1.1\r\nhost: reporter\r\n\r\n')
    await once(server, 'timeout')
    answerSlow()
    await until('well')
  })
})

describe('while the server ends', () => {
  test('each response ends its connection', async () => {
    const { open, endConnections } = await setUp()
    const { send, until, closed } = open()
    send(GET)
    await until('well')
    endConnections()
    send(GET)
    expect(await closed()).toMatch(/connection: keep-alive[\s\S]*connection: close/i)
  })

  test('so does one that is being prepared', async () => {
    const { server, open, endConnections, answerSlow } = await setUp()
    const requested = once(server, 'request')
    const { send, closed } = open()
    send('GET /slow HTTP/1.1\r\nhost: reporter\r\n\r\n')
    await requested
    endConnections()
    answerSlow()
    expect(await closed()).toMatch(/connection: close[\s\S]*well/i)
  })
})

describe('what is not a valid request is answered with a problem document', () => {
  const invalid: [status: number, what: string, text: string][] = [
    [400, 'another protocol', '\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n'],
    [400, 'a header without a name', `${POST}: x\r\n\r\n`],
    [400, 'two lengths', `${POST}content-length: 1\r\ncontent-length: 2\r\n\r\n`],
    [400, 'a length and chunks', `${POST}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    [400, 'a length that is no number', `${POST}content-length: -1\r\n\r\n`],
    [400, 'a chunk that is none', `${POST}transfer-encoding: chunked\r\n\r\nzz\r\n`],
    [400, 'no Host', 'GET / HTTP/1.1\r\n\r\n'],
    [417, 'an expectation', `${POST}expect: 200-ok\r\n\r\n`],
    [431, 'headers of 64 KiB', `${POST}x: ${'x'.repeat(65_536)}\r\n\r\n`],
    [431, 'an address of 64 KiB', `GET /?${'x'.repeat(65_536)} HTTP/1.1\r\nhost: reporter\r\n\r\n`],
  ]
  test.each(invalid)('%i: %s', async (status, _, text) => {
    const { open } = await setUp()
    const { send, closed } = open()
    send(text)
    const problem = problemIn(await closed())
    expect(problem).toMatchObject({ status, detail: expect.stringMatching(/\.$/) })
    // Something on the way may be to blame: the probe sends its report again.
    expect(problem.type).not.toMatch(/:(malformed-request|not-authorized|too-large)$/)
  })

  test.each(['GET http://[ HTTP/1.1\r\nhost: reporter\r\n\r\n', 'GET / HTTP/1.1\r\nhost: a b\r\n\r\n'])(
    '400, and the connection goes on: %j',
    async (text) => {
      const { open } = await setUp()
      const { send, until } = open()
      send(text)
      const received = await until('}')
      expect(received).toMatch(/^HTTP\/1.1 400 [\s\S]*application\/problem\+json/)
      send(GET)
      await until('well')
    },
  )

  test('after the responses to earlier requests, only the connection is closed', async () => {
    const { server, open, answerSlow } = await setUp()
    const { send, closed } = open()
    const failed = once(server, 'clientError')
    send('GET /slow HTTP/1.1\r\nhost: reporter\r\n\r\nnot HTTP\r\n\r\n')
    await failed
    answerSlow()
    expect(await closed()).toMatch(/^HTTP\/1\.1 200 [^{]*\r\n\r\nwell$/)
  })
})

describe('a body that is too large', () => {
  const refusing = async () => {
    const app = new Hono().onError(onError(pino({ level: 'silent' })))
    app.use('/limited', limitBody(100, 'The body'))
    app.post('/limited', async (c) => c.text(await c.req.text()))
    app.get('/', (c) => c.text('well'))
    return setUp({}, app.fetch)
  }
  const head = 'POST /limited HTTP/1.1\r\nhost: reporter\r\n'

  test.each([101, 300_000])('of %d bytes is answered 413, and the connection goes on', async (length) => {
    const { open } = await refusing()
    const { send, until } = open()
    send(`${head}content-length: ${length}\r\n\r\n${'x'.repeat(length)}${GET}`)
    expect(await until('well')).toMatch(
      /^HTTP\/1\.1 413 [\s\S]*connection: keep-alive[\s\S]*HTTP\/1\.1 200 /i,
    )
  })

  test.each([
    ['without an end', `${head}content-length: 99999999\r\n\r\n`],
    ['in chunks', `${head}transfer-encoding: chunked\r\n\r\n${`80\r\n${'x'.repeat(128)}\r\n`.repeat(9)}`],
  ])('%s is answered 413, and ends the connection', async (_, text) => {
    const { open } = await refusing()
    const { send, closed } = open()
    send(text)
    expect(problemIn(await closed())).toMatchObject({ status: 413 })
  })
})
