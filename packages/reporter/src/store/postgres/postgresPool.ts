import pg from 'pg'
import { connectionStringOf, type PostgresAddress } from './postgresAddress.ts'

export interface PoolOptions {
  /** The statement timeout does not apply to a migrator: a migration may rewrite a large table. */
  role: 'writer' | 'reader' | 'migrator'
  /** Connections at a time. */
  max: number
  /** Until a query without an answer fails. It is later than the server's own timeout, so that only a dead connection reaches it. */
  answerTimeoutMs?: number
  /** Runs on each new connection. A connection for which it throws is not used. */
  onConnect?: (client: pg.ClientBase) => Promise<void>
}

const CONNECT_TIMEOUT_MS = 5000
/** The longest statement of the store takes a fraction of a second. */
const STATEMENT_TIMEOUT_MS = 20_000
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5000
/** Until the kernel asks whether the other side of a silent connection still exists. */
const KEEP_ALIVE_MS = 10_000
const BIGINT = 20

/**
 * The server's limits for a connection. It ends one within half a minute whose reporter has vanished without a word, so that
 * another one can claim the database.
 */
const SESSION = `
  set lock_timeout = '10s';
  set idle_in_transaction_session_timeout = '15s';
  set tcp_keepalives_idle = 10;
  set tcp_keepalives_interval = 5;
  set tcp_keepalives_count = 3;`

const SESSION_OF: Record<PoolOptions['role'], string> = {
  writer: `${SESSION} set statement_timeout = ${STATEMENT_TIMEOUT_MS}`,
  reader: `${SESSION} set statement_timeout = ${STATEMENT_TIMEOUT_MS}; set default_transaction_read_only = on`,
  migrator: `${SESSION} set statement_timeout = 0`,
}

/** Connections to PostgreSQL, made when they are needed. Those that were lost are replaced. */
export const createPool = (
  address: PostgresAddress,
  { role, max, answerTimeoutMs = ANSWER_TIMEOUT_MS, onConnect }: PoolOptions,
): pg.Pool =>
  new pg.Pool({
    connectionString: connectionStringOf(address),
    application_name: 'stillrolling',
    max,
    // Only a process that has lost its connection may lose its claim.
    idleTimeoutMillis: role === 'writer' ? 0 : 30_000,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    ...(role !== 'migrator' && { query_timeout: answerTimeoutMs }),
    types: { getTypeParser },
    Client: ResilientClient,
    onConnect: async (client: pg.ClientBase) => {
      await client.query(SESSION_OF[role])
      await onConnect?.(client)
    },
  })

const getTypeParser = ((oid: number, format?: 'text') =>
  oid === BIGINT ? parseBigint : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser

/** Ids, versions, counts and times. @throws {RangeError} if JavaScript's numbers cannot hold the value */
export const parseBigint = (text: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`The database has ${text}, which is no safe integer`)
  return value
}

class ResilientClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config)
    // A lost connection fails the query that runs. Without a listener the event would also end the process.
    this.on('error', () => {})
    const send = this.query.bind(this) as (...args: unknown[]) => unknown
    this.query = ((...args: unknown[]) => {
      const answer = send(...args)
      return answer instanceof Promise ? answer.catch((error: unknown) => this.#abandon(error)) : answer
    }) as typeof this.query
  }

  /** A query without an answer still occupies its connection, and every later query would wait behind it. */
  #abandon(error: unknown): never {
    if (error instanceof Error && error.message === 'Query read timeout') {
      const { connection } = this as unknown as { connection: { stream: { destroy(): void } } }
      connection.stream.destroy()
    }
    throw error
  }
}
