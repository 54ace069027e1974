import type { MiddlewareHandler } from 'hono'

/** RFC 9110, section 8.3.1: white space around `;` and empty parameters are allowed. */
const JSON_TYPE = /^\s*application\/json\s*(;|$)/i

/**
 * Gives every spelling of the JSON type the one that the routes' validators know: they refuse `application/json ; charset=utf-8`
 * and a `;` at the end. Parameters do not matter, because JSON is always UTF-8 (RFC 8259, section 8.1).
 */
export const normalizeJsonType: MiddlewareHandler = (c, next) => {
  if (JSON_TYPE.test(c.req.header('content-type') ?? ''))
    c.req.raw.headers.set('content-type', 'application/json')
  return next()
}
