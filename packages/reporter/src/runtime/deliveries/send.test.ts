import { createServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { makeCertificate } from '../../testing/certificate.ts'
import { openReceiver, type ReceiverAnswer } from '../../testing/receiver.ts'
import type { Resolve } from '../sharedLookups.ts'
import { createSend, type Send, type SendOptions } from './send.ts'

const openSend = (options: Partial<SendOptions> = {}): Send => {
  const send = createSend({ allowPrivate: true, timeoutMs: 2000, ...options })
  onTestFinished(() => send.close())
  return send
}

/** A server that hands the socket of each request to `answer`, until the test ends. */
const openServer = async (answer: (socket: Socket) => unknown): Promise<string> => {
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', () => answer(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
}

const post = (send: Send, url: string) => send({ url, headers: { 'webhook-id': 'dlv_1' }, body: '{"ä":1}' })

describe('a delivery', () => {
  test('is a POST of JSON, and its answer is read', async () => {
    const receiver = await openReceiver()
    receiver.answerWith({ status: 202, headers: { 'x-a': 'b' }, body: 'thanks' })
    const result = await post(openSend(), `${receiver.url}?key=1`)
    expect(result).toMatchObject({ kind: 'answer', status: 202, body: 'thanks' })
    expect(result.kind === 'answer' && result.headers.get('x-a')).toBe('b')
    expect(receiver.received).toMatchObject([
      {
        path: '/hook?key=1',
        text: '{"ä":1}',
        headers: {
          ...{ 'content-type': 'application/json', 'content-length': '8', 'webhook-id': 'dlv_1' },
          ...{ 'user-agent': 'Stillrolling', host: new URL(receiver.url).host },
        },
      },
    ])
  })

  test('follows no redirect', async () => {
    const [receiver, other] = [await openReceiver(), await openReceiver()]
    receiver.answerWith({ status: 307, headers: { location: other.url } })
    expect(await post(openSend(), receiver.url)).toMatchObject({ status: 307 })
    expect(other.received).toEqual([])
  })

  test('keeps 1 kB of an answer, and does not wait for the rest', async () => {
    const receiver = await openReceiver()
    receiver.answerWith({ status: 500, body: 'x'.repeat(5_000_000) })
    const result = await post(openSend(), receiver.url)
    expect(result).toMatchObject({ kind: 'answer', status: 500, body: 'x'.repeat(1024) })
  })

  test.each<[ReceiverAnswer, object]>([
    ['destroy', { failure: 'unreachable', message: expect.stringContaining('ECONNRESET') }],
    ['silence', { failure: 'timeout', message: expect.stringContaining('within 0.2 s') }],
  ])('has failed if the receiver answers with %s', async (answer, expected) => {
    const receiver = await openReceiver()
    receiver.answerWith(answer)
    expect(await post(openSend({ timeoutMs: 200 }), receiver.url)).toMatchObject(expected)
  })

  test.each([
    ['does not end', false],
    ['breaks off', true],
  ])('has the status of an answer whose body %s', async (_what, breaksOff) => {
    const url = await openServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegun', () => {
        if (breaksOff) socket.destroy()
      })
    })
    // Longer than the timeout, which is for the headers.
    expect(await post(openSend({ timeoutMs: 200 }), url)).toMatchObject({
      ...{ kind: 'answer', status: 200, body: 'begun' },
    })
  })

  test.each<[string, string, object]>([
    [
      'to switch protocols',
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
      { kind: 'answer', status: 101 },
    ],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n', { kind: 'failure', failure: 'unreachable' }],
  ])('settles if the answer is %s', async (_what, text, expected) => {
    const url = await openServer((socket) => socket.write(text))
    expect(await post(openSend({ timeoutMs: 300 }), url)).toMatchObject(expected)
  })

  test('is sent once more if an idle connection was closed in the moment in which it is used', async () => {
    let requests = 0
    const url = await openServer((socket) => {
      requests += 1
      if (requests === 2) return socket.resetAndDestroy()
      return socket.write('HTTP/1.1 204 No Content\r\n\r\n')
    })
    const send = openSend()
    for (const _ of ['first', 'second']) expect(await post(send, url)).toMatchObject({ status: 204 })
    expect(requests).toBe(3)
  })

  test('is not sent again when its time is over on a connection that was used before', async () => {
    let requests = 0
    const url = await openServer((socket) => {
      requests += 1
      if (requests === 1) socket.write('HTTP/1.1 204 No Content\r\n\r\n')
    })
    const send = openSend({ timeoutMs: 200 })
    expect(await post(send, url)).toMatchObject({ status: 204 })
    expect(await post(send, url)).toMatchObject({ failure: 'timeout' })
    // What had been sent once more would have come by the end of another exchange.
    expect(await post(send, url)).toMatchObject({ failure: 'timeout' })
    expect(requests).toBe(3)
  })

  test.each([
    ['http://127.0.0.1:1/', 'unreachable', 'ECONNREFUSED'],
    ['http://nowhere.invalid/', 'unreachable', /ENOTFOUND|EAI_AGAIN/],
  ])('has failed if %s is not reached', async (url, failure, message) => {
    const result = await post(openSend({ timeoutMs: 5000 }), url)
    const expected =
      typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message)
    expect(result).toMatchObject({ kind: 'failure', failure, message: expected })
  })

  test('does not name the address in what has failed', async () => {
    const url = 'http://127.0.0.1:1/services/SECRET'
    expect(JSON.stringify(await post(openSend(), url))).not.toMatch(/SECRET|127\.0\.0\.1/)
  })
})

const resolveTo =
  (...addresses: string[]): Resolve =>
  (_name, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )

describe('without DELIVERIES_ALLOW_PRIVATE', () => {
  const Refused = {
    ...{ kind: 'failure', failure: 'address' },
    message: expect.stringContaining('DELIVERIES_ALLOW_PRIVATE'),
  }

  test.each(['http://127.0.0.1:9/', 'http://[::1]:9/', 'http://169.254.169.254/', 'http://0x7f.1:9/'])(
    'nothing is sent to %s',
    async (url) => {
      expect(await post(openSend({ allowPrivate: false }), url)).toMatchObject(Refused)
    },
  )

  test.each([
    ['127.0.0.1'],
    ['10.0.0.1'],
    ['169.254.169.254'],
    ['100.64.0.1'],
    ['::1'],
    ['::ffff:127.0.0.1'],
    ['2002:7f00:1::'],
    ['fd00:ec2::254'],
  ])('nothing is sent to a name with the address %s', async (address) => {
    const receiver = await openReceiver()
    const { port } = new URL(receiver.url)
    const send = openSend({ allowPrivate: false, resolve: resolveTo(address) })
    expect(await post(send, `http://app.example.com:${port}/`)).toMatchObject(Refused)
    expect(receiver.received).toEqual([])
  })
})

test('the connection is made to the address that was looked up, once, and the name stays in the Host header', async () => {
  const receiver = await openReceiver()
  const { port } = new URL(receiver.url)
  const names: string[] = []
  const resolve: Resolve = (name, done) => {
    names.push(name)
    resolveTo(names.length === 1 ? '127.0.0.1' : '127.0.0.9')(name, done)
  }
  const send = openSend({ resolve })
  expect(await post(send, `http://app.example.com:${port}/`)).toMatchObject({ status: 204 })
  expect(names).toEqual(['app.example.com'])
  expect(receiver.received[0]?.headers.host).toBe(`app.example.com:${port}`)
})

test('the name stays in TLS: a certificate for another one is refused', async () => {
  const [from, to] = [new Date(Date.now() - 60_000), new Date(Date.now() + 60_000)]
  const { cert, key } = makeCertificate({ from, to, name: 'other.example.com' })
  const names: (string | false | null)[] = []
  const server = createServer({
    cert,
    key,
    SNICallback: (name, done) => {
      names.push(name)
      done(null)
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const send = openSend({ resolve: resolveTo('127.0.0.1') })
  const { port } = server.address() as AddressInfo
  expect(await post(send, `https://app.example.com:${port}/`)).toMatchObject({ failure: 'unreachable' })
  expect(names).toEqual(['app.example.com'])
})
