import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { CloudRecording } from '@stillrolling/rest-core'
import { expect, onTestFinished, test } from 'vitest'
import { createAgoraClient } from './agoraClient.ts'
import { type Environment, readConfig } from './config.ts'
import { createLog } from './log.ts'

const listen = async (server: ReturnType<typeof createServer>): Promise<number> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** Stands in for Agora: answers every acquire. */
const openAgora = (): Promise<number> =>
  listen(
    createServer((_, response) => response.end(JSON.stringify({ cname: 'c', uid: '1', resourceId: 'r1' }))),
  )

/** A proxy that connects every tunnel to `port`, or refuses it without; it notes what it was asked for. */
const openProxy = async (port?: number) => {
  const tunnels: { target?: string; credentials?: string }[] = []
  const proxy = createServer()
  proxy.on('connect', ({ url, headers }, socket) => {
    tunnels.push({ target: url, credentials: headers['proxy-authorization'] })
    if (port === undefined) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.pipe(socket).pipe(upstream)
    })
    for (const end of [upstream, socket]) end.on('error', () => {})
  })
  return { tunnels, address: `127.0.0.1:${await listen(proxy)}` }
}

const clientWith = async (environment: Environment): Promise<CloudRecording> => {
  const config = readConfig({
    PUBLIC_URL: 'https://reporter.example.com',
    STILLROLLING_SECRET: 'SECRET-signs-page-tokens',
    STILLROLLING_API_KEYS: 'SECRET-key-of-the-api',
    AGORA_APP_ID: 'app1',
    AGORA_CUSTOMER_ID: 'customer1',
    AGORA_CUSTOMER_SECRET: 'SECRET-of-the-customer',
    AGORA_BACKOFF_SCALE: '0.001',
    STORAGE_PROFILES: '{"default":{"vendor":1,"region":0,"bucket":"b","accessKey":"k","secretKey":"s"}}',
    ...environment,
  })
  return createAgoraClient(config, createLog('silent'))
}

const acquire = (client: CloudRecording): Promise<{ resourceId: string }> =>
  client.acquire({ cname: 'c', uid: '1', clientRequest: { scene: 1 } })

test.each(['HTTP_PROXY', 'http_proxy'])('a request to Agora goes through %s', async (name) => {
  const { tunnels, address } = await openProxy(await openAgora())
  const client = await clientWith({ AGORA_BASE_URLS: 'http://agora.test', [name]: `http://${address}` })
  expect(await acquire(client)).toMatchObject({ resourceId: 'r1' })
  expect(tunnels).toEqual([{ target: 'agora.test:80', credentials: undefined }])
})

test('https goes through HTTPS_PROXY with its credentials; when the proxy refuses, no error contains them', async () => {
  const { tunnels, address } = await openProxy()
  const client = await clientWith({
    AGORA_BASE_URLS: 'https://agora.test',
    HTTPS_PROXY: `http://user:SECRET-of-the-proxy@${address}`,
    HTTP_PROXY: 'http://proxy.invalid:1',
  })
  const error: unknown = await acquire(client).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(Error)
  const credentials = Buffer.from('user:SECRET-of-the-proxy').toString('base64')
  expect(tunnels[0]).toEqual({ target: 'agora.test:443', credentials: `Basic ${credentials}` })
  for (const secret of ['SECRET-of-the-proxy', credentials]) {
    expect(`${(error as Error).stack}${JSON.stringify(error)}${(error as Error).cause}`).not.toContain(secret)
  }
})

test('this machine and the hosts in NO_PROXY are reached without the proxy', async () => {
  const agora = await openAgora()
  const { tunnels, address } = await openProxy()
  const HttpProxy = `http://${address}`
  for (const environment of [
    { AGORA_BASE_URLS: `http://127.0.0.1:${agora}`, HTTP_PROXY: HttpProxy },
    { AGORA_BASE_URLS: `http://[::ffff:127.0.0.1]:${agora}`, HTTP_PROXY: HttpProxy, NO_PROXY: 'other.test' },
  ]) {
    expect(await acquire(await clientWith(environment))).toMatchObject({ resourceId: 'r1' })
  }
  const direct = await clientWith({
    AGORA_BASE_URLS: 'http://agora.invalid',
    HTTP_PROXY: HttpProxy,
    NO_PROXY: '.invalid',
  })
  await expect(acquire(direct)).rejects.toThrow('resolve')
  expect(tunnels).toEqual([])
})
