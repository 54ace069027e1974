import type { MiddlewareHandler } from 'hono'
import { inexactParts } from './inexactJson.ts'
import { invalidRequest, Problem } from './problem.ts'

/**
 * Refuses bodies of which something could not be given back unchanged, with 422 that names each part. A body that is no JSON
 * passes: the routes refuse it.
 */
export const requireExactJson: MiddlewareHandler = async (c, next) => {
  if (c.req.header('content-type') === 'application/json') {
    const text = decode(await c.req.arrayBuffer())
    const errors = isJson(text) ? inexactParts(text) : []
    if (errors.length > 0) throw invalidRequest(errors)
  }
  return next()
}

/** By default, a decoder replaces what is not UTF-8. */
const decode = (body: ArrayBuffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw new Problem('malformed_json', 'The body is not valid UTF-8, as JSON must be.')
  }
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
