import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json, text } from 'node:stream/consumers'
import { connect as connectTls } from 'node:tls'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startEmulator } from '../startEmulator.ts'
import { APP_PATH, authorization, CREDENTIALS } from '../testing/client.ts'
import type { Emulator, EmulatorTls } from '../types.ts'

let folder: string
let emulator: Emulator
let tls: EmulatorTls
let ca: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulator-tls-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

beforeEach(async () => {
  emulator = await startEmulator({ ...CREDENTIALS, browser: false, tls: { folder } })
  if (!emulator.tls) throw new Error('no TLS')
  tls = emulator.tls
  ca = await readFile(tls.caFile, 'utf8')
})
afterEach(() => emulator.close())

const HEADERS = { authorization: authorization(), 'content-type': 'application/json' }
const ACQUIRE = JSON.stringify({ cname: 'class42', uid: '1', clientRequest: { scene: 1 } })
const ACQUIRED = { status: 200, body: { cname: 'class42', uid: '1', resourceId: expect.any(String) } }

/** Sends an acquire over a connection that has been made. */
const acquireOver = async (socket: Socket, host: string) => {
  const request = httpsRequest({
    host,
    path: `${APP_PATH}/acquire`,
    method: 'POST',
    headers: HEADERS,
    createConnection: () => connectTls({ socket, servername: host, ca }),
  })
  request.end(ACQUIRE)
  const [response] = await once(request, 'response')
  return { status: response.statusCode, body: await json(response) }
}

/** The connection that a proxy makes, or the status of its refusal. */
const connectThrough = async (target: string): Promise<{ status: number; socket: Socket }> => {
  const request = httpRequest(emulator.url, { method: 'CONNECT', path: target })
  request.end()
  const [response, socket] = await once(request, 'connect')
  return { status: response.statusCode, socket }
}

describe('the TLS port', () => {
  test.each(['api.agora.io', 'api.sd-rtn.com', 'api-us-west-1.agora.io', 'localhost'])(
    'answers as %s',
    async (host) => {
      expect(await acquireOver(connect(tls.port, '127.0.0.1'), host)).toEqual(ACQUIRED)
      expect(emulator.requests()).toHaveLength(1)
    },
  )

  test('has no control API: it answers in the name of Agora', async () => {
    const request = httpsRequest({ port: tls.port, host: '127.0.0.1', ca, path: '/_control/tasks' })
    request.end()
    const [response] = await once(request, 'response')
    expect(await json(response)).toEqual({ message: 'no Route matched with those values' })
  })

  test('a client that does not know the authority refuses it, and the next client is served', async () => {
    const stranger = connectTls({ port: tls.port, host: '127.0.0.1', servername: 'api.agora.io' })
    const [error] = await once(stranger, 'error')
    expect(error.code).toMatch(/SELF_SIGNED|UNABLE_TO/)
    expect(await acquireOver(connect(tls.port, '127.0.0.1'), 'api.agora.io')).toEqual(ACQUIRED)
  })

  test('a fault can reset its connections', async () => {
    emulator.injectFault({ on: 'call', call: 'acquire', then: { loseAnswer: true, how: 'reset' } })
    await expect(acquireOver(connect(tls.port, '127.0.0.1'), 'api.agora.io')).rejects.toMatchObject({
      code: 'ECONNRESET',
    })
  })
})

describe('as a proxy', () => {
  test('connections to Agora are answered, and the calls are in the journal', async () => {
    const { status, socket } = await connectThrough('api.agora.io:443')
    expect(status).toBe(200)
    expect(await acquireOver(socket, 'api.agora.io')).toEqual(ACQUIRED)
    expect(emulator.requests()).toMatchObject([{ call: 'acquire', status: 200 }])
  })

  test('connections to other hosts are made', async () => {
    const other = createServer((_, response) => response.end('another server'))
    other.listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const { status, socket } = await connectThrough(`127.0.0.1:${port}`)
    expect(status).toBe(200)
    socket.write('GET / HTTP/1.0\r\n\r\n')
    expect(await text(socket)).toContain('another server')
    other.close()
  })

  test.each([
    ['127.0.0.1:9', 502],
    ['nothing', 400],
    ['127.0.0.1:99999', 400],
  ])('a connection to %s is refused with %i', async (target, expected) => {
    const { status } = await connectThrough(target)
    expect(status).toBe(expected)
  })

  test('close ends its connections', async () => {
    const { socket } = await connectThrough('api.agora.io:443')
    socket.on('error', () => {})
    const closed = once(socket, 'close')
    await emulator.close()
    await closed
  })

  test('without the option tls there is no proxy', async () => {
    await emulator.close()
    emulator = await startEmulator({ ...CREDENTIALS, browser: false })
    expect(emulator.tls).toBeNull()
    await expect(connectThrough('api.agora.io:443')).rejects.toMatchObject({ code: 'ECONNRESET' })
  })
})

/** Like Agora's client for Node: it asks a DNS server for the address, and has an agent of its own. */
const PROGRAM = `
import { Resolver, lookup } from 'node:dns/promises'
import dns from 'node:dns'
import https from 'node:https'
const host = 'api-us-west-1.sd-rtn.com'
const addresses = await new Resolver({ timeout: 2000 }).resolve4(host)
const [{ ttl }] = await new Promise((resolve, reject) =>
  dns.resolve4(host, { ttl: true }, (error, found) => (error ? reject(error) : resolve(found))))
const [path, headers, body] = JSON.parse(process.argv[2])
const init = { method: 'POST', headers }
const fetched = await fetch('https://api.agora.io' + path, { ...init, body })
const sent = https.request('https://' + host + path, { ...init, agent: new https.Agent({ keepAlive: true }) })
sent.end(body)
sent.on('response', (response) => {
  response.resume().on('end', () => {
    console.log(JSON.stringify([addresses, ttl, fetched.status, response.statusCode]))
    process.exit()
  })
})`

test('a Node program that looks up Agora itself is connected with the emulator by the module', async () => {
  const input = JSON.stringify([`${APP_PATH}/acquire`, HEADERS, ACQUIRE])
  const program = `data:text/javascript,${encodeURIComponent(PROGRAM)}`
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `process.argv[2] = ${JSON.stringify(input)}; await import(${JSON.stringify(program)})`,
    ],
    {
      env: {
        PATH: process.env.PATH,
        AGORA_EMULATOR: `127.0.0.1:${tls.port}`,
        NODE_EXTRA_CA_CERTS: tls.caFile,
        NODE_OPTIONS: `--import=${pathToFileURL(tls.nodeHookFile)}`,
      },
    },
  )
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual([['127.0.0.1'], 60, 200, 200])
  expect(emulator.requests().map(({ status }) => status)).toEqual([200, 200])
})
