import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Certificate, makeCertificate } from '../../testing/certificate.ts'
import { createAskPublicUrl } from './askPublicUrl.ts'
import { type Finding, judgeAnswer, judgeFailure } from './finding.ts'

const DAY_MS = 86_400_000
const NOW = Date.now()
const IDENTITY = { reporter: 'stillrolling', instance: 'mine' }

const listen = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

const httpServer = async (listener: RequestListener): Promise<string> =>
  `http://127.0.0.1:${await listen(createServer(listener))}`

const tlsServer = async (certificate: Certificate): Promise<string> => {
  const port = await listen(
    createTlsServer(certificate, (_, response) => response.end(JSON.stringify(IDENTITY))),
  )
  return `https://127.0.0.1:${port}`
}

const validFor = (days: number): { from: Date; to: Date } => ({
  from: new Date(NOW - 30 * DAY_MS),
  to: new Date(NOW + days * DAY_MS + 60_000),
})

const find = async (
  url: string,
  options: Parameters<typeof createAskPublicUrl>[0] = {},
): Promise<Finding> => {
  try {
    const answer = await createAskPublicUrl(options)(url, new AbortController().signal)
    return judgeAnswer(answer, { url, instance: IDENTITY.instance, now: NOW })
  } catch (error) {
    return judgeFailure(error, url)
  }
}

describe('the public address', () => {
  test('reaches this reporter if its report route answers with our instance', async () => {
    const asked: unknown[] = []
    const url = await httpServer(({ method, url: path }, response) => {
      asked.push([method, path])
      response.end(JSON.stringify(IDENTITY))
    })
    expect(await find(url)).toMatchObject({ kind: 'reached', reaches: true })
    expect(await find(`${url}/base`)).toMatchObject({ kind: 'reached' })
    expect(asked).toEqual([
      ['GET', '/v1/reports'],
      ['GET', '/base/v1/reports'],
    ])
  })

  test('reaches another reporter if the instance is another one', async () => {
    const url = await httpServer((_, response) =>
      response.end(JSON.stringify({ ...IDENTITY, instance: 'other', more: 1 })),
    )
    expect(await find(url)).toMatchObject({ kind: 'otherReporter', reaches: true })
  })

  test.each([
    ['a proxy that does not know the route', 404, '<html>404 Not Found</html>'],
    ['another server', 200, '<html>Welcome</html>'],
    ['another server with JSON', 200, '{"status":"ok"}'],
    ['a proxy that cannot reach the reporter', 502, JSON.stringify(IDENTITY)],
  ])('is answered by something else: %s', async (_, status, body) => {
    const url = await httpServer((__, response) => {
      response.writeHead(status, { server: 'nginx/1.27\t' }).end(body)
    })
    const { kind, reaches, detail } = await find(url)
    expect({ kind, reaches }).toEqual({ kind: 'otherAnswer', reaches: false })
    expect(detail).toContain(`(${status}, server "nginx/1.27")`)
    expect(detail).toContain('/v1/reports')
  })

  test('redirects, whose path is not shown and which is not followed', async () => {
    const url = await httpServer((_, response) => {
      response.writeHead(301, { location: 'https://www.example.com/login?key=secret' }).end()
    })
    const { kind, detail } = await find(url)
    expect(kind).toBe('redirect')
    expect(detail).toContain('redirects to https://www.example.com (301)')
  })

  test('has an answer of which only the beginning is read', async () => {
    const url = await httpServer((_, response) => {
      const endless = (): unknown =>
        response.write('x'.repeat(10_000), (error) => error || setImmediate(endless))
      endless()
    })
    const { body } = await createAskPublicUrl()(url, new AbortController().signal)
    expect(body).toHaveLength(1024)
  })

  test('does not answer in time, be it before or within the answer', async () => {
    const silent = await httpServer(() => {})
    expect(await find(silent, { timeoutMs: 50 })).toMatchObject({ kind: 'timeout', reaches: false })
    const slow = await httpServer((_, response) => void response.writeHead(200).write('{'))
    expect(await find(slow, { timeoutMs: 50 })).toMatchObject({ kind: 'timeout', reaches: false })
  })

  test('refuses connections', async () => {
    const server = createTcpServer()
    const port = await listen(server)
    server.close()
    expect(await find(`http://127.0.0.1:${port}`)).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('ECONNREFUSED'),
    })
    // A name has an IPv4 and an IPv6 address, and an error for each.
    expect(await find(`http://localhost:${port}`)).toMatchObject({ kind: 'refused' })
  })

  test('has a name that does not resolve', async () => {
    const lookup = (name: string, _: unknown, done: (error: Error, address: string) => void): void =>
      done(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' }), '')
    expect(await find('http://reporter.example', { lookup })).toMatchObject({
      kind: 'unresolved',
      detail: expect.stringContaining('reporter.example'),
    })
  })

  test('loses the connection', async () => {
    const url = `http://127.0.0.1:${await listen(createTcpServer((socket) => socket.destroy()))}`
    expect(await find(url)).toMatchObject({ kind: 'network', detail: expect.stringContaining('ECONNRESET') })
  })
})

describe('its certificate', () => {
  test('is valid for so many days', async () => {
    const certificate = makeCertificate(validFor(61))
    const { kind, detail } = await find(await tlsServer(certificate), { ca: certificate.cert })
    expect(kind).toBe('reached')
    expect(detail).toContain('valid for 61 days')
  })

  test('expires soon', async () => {
    const certificate = makeCertificate(validFor(1))
    const { kind, reaches, detail } = await find(await tlsServer(certificate), { ca: certificate.cert })
    expect({ kind, reaches }).toEqual({ kind: 'expiring', reaches: true })
    expect(detail).toContain('expires in 1 day:')
  })

  test('has expired', async () => {
    const certificate = makeCertificate(validFor(-1))
    const { kind, detail } = await find(await tlsServer(certificate), { ca: certificate.cert })
    expect(kind).toBe('certificate')
    expect(detail).toContain('has expired')
  })

  test('is not trusted', async () => {
    const { kind, detail } = await find(await tlsServer(makeCertificate(validFor(61))))
    expect(kind).toBe('certificate')
    expect(detail).toContain('is not trusted')
  })

  test('is for another name', async () => {
    const certificate = makeCertificate({ ...validFor(61), name: 'other.example' })
    const { kind, detail } = await find(await tlsServer(certificate), { ca: certificate.cert })
    expect(kind).toBe('certificate')
    expect(detail).toContain('is for another name')
  })

  test('is not valid yet', async () => {
    const certificate = makeCertificate({ ...validFor(61), from: new Date(NOW + DAY_MS) })
    const { detail } = await find(await tlsServer(certificate), { ca: certificate.cert })
    expect(detail).toContain('is not valid yet')
  })

  test('is missing, because the port speaks no TLS', async () => {
    const url = await httpServer((_, response) => response.end())
    expect(await find(url.replace('http:', 'https:'))).toMatchObject({ kind: 'certificate', reaches: false })
  })
})
