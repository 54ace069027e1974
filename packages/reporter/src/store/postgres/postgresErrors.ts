/** SQLSTATE classes and codes after which the same statements may succeed. @see PostgreSQL, appendix A */
const TRANSIENT_STATES = /^(?:08...|40001|40P01|57P0[1-4]|53300|55P03|25P03)$/

/** Of the socket. */
const TRANSIENT_CODES = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
]

/** pg's own errors have no code. */
const TRANSIENT_MESSAGES =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout)/

/**
 * Whether the connection or its transaction was lost to something that passes: a restart or a failover of the server, an
 * interruption of the network, a conflict with another transaction.
 */
export const isTransient = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  const { code } = error as NodeJS.ErrnoException
  if (code !== undefined) return TRANSIENT_STATES.test(code) || TRANSIENT_CODES.includes(code)
  return TRANSIENT_MESSAGES.test(error.message)
}

const FIRST_DELAY_MS = 50
const MAX_TRIES = 5

/**
 * How long to wait before what has failed is tried again, in milliseconds; undefined if it is not. All waits together are
 * shorter than a second: callers have retries of their own.
 */
export const retryDelay = (error: unknown, tries: number): number | undefined =>
  tries < MAX_TRIES && isTransient(error) ? FIRST_DELAY_MS * 2 ** (tries - 1) : undefined
