import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { Problem } from './problem.ts'

/** A longer rest of a refused body is not read: the connection ends instead. */
const MAX_DISCARDED_BYTES = 1024 * 1024

/**
 * Refuses bodies that are too large with 413.
 * @param subject `The report`, for example
 */
export const limitBody = (maxBytes: number, subject: string): MiddlewareHandler => {
  const refuse = (isConnectionKept: boolean): never => {
    throw new Problem('body_too_large', `${subject} exceeds the limit of ${maxBytes} bytes.`, {
      headers: isConnectionKept ? {} : { connection: 'close' },
    })
  }
  const countBytes = bodyLimit({ maxSize: maxBytes, onError: () => refuse(false) })
  return async (c, next) => {
    const length = c.req.header('content-length')
    if (length === undefined || c.req.header('transfer-encoding') !== undefined) return countBytes(c, next)
    // Hono's limit opens the body. One that is open and is not read blocks the connection, which is cut without notice.
    if (Number(length) > maxBytes) refuse(Number(length) <= MAX_DISCARDED_BYTES)
    return next()
  }
}
