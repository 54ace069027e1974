import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeCertificate } from '../../testing/certificate.ts'
import { fileWith } from '../../testing/goodEnvironment.ts'
import { type PostgresServer, startPostgres } from '../../testing/postgresServer.ts'
import { createPool } from './postgresPool.ts'

const DAY_MS = 86_400_000
const now = Date.now()
const validity = { from: new Date(now - DAY_MS), to: new Date(now + DAY_MS) }
const own = makeCertificate(validity)
const foreign = makeCertificate(validity)

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres({ certificate: own })
}, 60_000)

afterAll(() => server?.close())

/** Whether the connection is encrypted. @throws if the server is refused */
const connect = async (parameters: Record<string, string>, host = '127.0.0.1'): Promise<boolean> => {
  const url = new URL(server.urlOf('postgres'))
  url.hostname = host
  url.search = new URLSearchParams(parameters).toString()
  const pool = createPool({ url: url.href }, { role: 'reader', max: 1 })
  try {
    return (await pool.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()')).rows[0].ssl
  } finally {
    await pool.end()
  }
}

test('without sslmode, and with disable, a server on this machine is reached without TLS', async () => {
  expect(await connect({})).toBe(false)
  expect(await connect({ sslmode: 'disable' })).toBe(false)
})

test('require encrypts, whoever has signed the certificate', async () => {
  expect(await connect({ sslmode: 'require' })).toBe(true)
})

test.each(['require', 'verify-ca', 'verify-full'])(
  '%s with sslrootcert accepts that authority only',
  async (sslmode) => {
    expect(await connect({ sslmode, sslrootcert: fileWith(own.cert) })).toBe(true)
    await expect(connect({ sslmode, sslrootcert: fileWith(foreign.cert) })).rejects.toThrow(/self-signed/)
  },
)

test('verify-full demands the name of the server, and verify-ca does not', async () => {
  const sslrootcert = fileWith(own.cert)
  expect(await connect({ sslmode: 'verify-ca', sslrootcert }, 'localhost')).toBe(true)
  await expect(connect({ sslmode: 'verify-full', sslrootcert }, 'localhost')).rejects.toThrow(
    /does not match/,
  )
})

test('verify-full without sslrootcert trusts the authorities of Node only', async () => {
  await expect(connect({ sslmode: 'verify-full' })).rejects.toThrow(/self-signed/)
})
