import { appendFile, chmod, chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Certificate } from './certificate.ts'
import { loadEmbeddedPostgres } from './postgresPackage.ts'

/** A real PostgreSQL on this machine. */
export interface PostgresServer {
  /** The address of one of its databases. */
  urlOf(database: string): string
  /** Ends all connections. The data stay. */
  stop(): Promise<void>
  /** After `stop`, on the same port. */
  start(): Promise<void>
  /** Ends the server and removes its files. May be called twice. */
  close(): Promise<void>
}

const PASSWORD = 'SECRET-of-postgres'

/** Starts an empty server. It does not wait for the disk, so a power failure would damage it, but not the end of the process. */
export const startPostgres = async ({
  certificate,
}: {
  /** Lets clients use TLS. */
  certificate?: Certificate
} = {}): Promise<PostgresServer> => {
  const folder = await mkdtemp(join(tmpdir(), 'stillrolling-postgres-'))
  // PostgreSQL refuses to run as root: it then has a user of its own, who must reach its folder.
  await chmod(folder, 0o755)
  const port = await freePort()
  const errors: string[] = []
  const data = join(folder, 'data')
  const EmbeddedPostgres = await loadEmbeddedPostgres(folder)
  const server = new EmbeddedPostgres({
    databaseDir: data,
    user: 'postgres',
    password: PASSWORD,
    port,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--locale-provider=libc', '--locale=C', '--encoding=UTF8', '--no-sync'],
    postgresFlags: [
      ...['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'max_connections=200'],
    ].flatMap((setting) => ['-c', setting]),
    onLog: (line) => errors.push(line),
    onError: (error) => errors.push(String(error)),
  })
  const start = async (): Promise<void> => {
    try {
      await server.start()
    } catch {
      throw new Error(`PostgreSQL did not start: ${errors.slice(-5).join('\n')}`)
    }
  }
  const close = async (): Promise<void> => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await server.initialise()
    if (certificate) await writeCertificate(data, certificate)
    await start()
  } catch (error) {
    await close()
    throw error
  }
  return {
    urlOf: (database) => `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/${database}`,
    stop: () => server.stop(),
    start,
    close,
  }
}

/** PostgreSQL refuses a key that others may read. @param data its folder, whose owner runs it */
const writeCertificate = async (data: string, { key, cert }: Certificate): Promise<void> => {
  const { uid, gid } = await stat(data)
  for (const [name, text] of [
    ['server.key', key],
    ['server.crt', cert],
  ] as const) {
    const file = join(data, name)
    await writeFile(file, text, { mode: 0o600 })
    await chown(file, uid, gid)
  }
  await appendFile(join(data, 'postgresql.conf'), 'ssl = on\n')
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
