import type { HttpBindings } from '@hono/node-server'
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Logger } from 'pino'
import { type FieldError, listFieldErrors } from '../fieldErrors.ts'
import { PROBLEM_CODES, type ProblemCode, titleOf, typeOf } from './problemCodes.ts'

/** The body of an error response (RFC 9457), extended by a code and the wrong fields. */
export interface ProblemDocument {
  type: string
  title: string
  status: number
  code: ProblemCode
  detail: string
  errors?: FieldError[]
}

export const problemSchema: z.ZodType<ProblemDocument> = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(PROBLEM_CODES) as ProblemCode[]),
    detail: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .openapi('Problem')

/**
 * Thrown by a route or anything below it; sent as a problem document.
 * The caller sees `detail`: it says what happened and what to do, and contains no secret.
 */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly status: ContentfulStatusCode
  readonly errors: FieldError[] | undefined
  readonly headers: Record<string, string>

  constructor(
    code: ProblemCode,
    detail: string,
    { errors, headers = {} }: { errors?: FieldError[]; headers?: Record<string, string> } = {},
  ) {
    super(detail)
    this.code = code
    this.status = PROBLEM_CODES[code]
    this.errors = errors
    this.headers = headers
  }

  document(): ProblemDocument {
    const { code, status, errors, message } = this
    return {
      type: typeOf(code),
      title: titleOf(code),
      status,
      code,
      detail: message,
      ...(errors && { errors }),
    }
  }
}

export const problemHeaders = ({ headers }: Problem): Record<string, string> => ({
  'content-type': 'application/problem+json',
  ...headers,
})

/** The response to a failed request. Agora's notification service requires JSON in every response, which this is. */
export const problemResponse = (c: Context, problem: Problem): Response =>
  c.body(JSON.stringify(problem.document()), problem.status, problemHeaders(problem))

/** Turns an error that a route threw into a response: explains the caller's errors, and logs ours. */
export const onError =
  (log: Logger) =>
  (error: Error, c: Context): Response => {
    if (error instanceof Problem) return problemResponse(c, error)
    const known = error instanceof HTTPException && fromHttpException(error)
    if (known) return problemResponse(c, known)
    if (hasEndedEarly(c)) {
      return problemResponse(c, invalidHttp('The connection ended before the whole body had arrived.'))
    }
    log.error({ err: error, method: c.req.method, path: c.req.path }, 'A request failed')
    return problemResponse(
      c,
      new Problem(
        'internal_error',
        "The reporter failed, changed nothing, and logged the cause. Try again, or see the reporter's log.",
      ),
    )
  }

/** The client has gone, or was too slow, so that nothing here has failed. */
const hasEndedEarly = (c: Context): boolean => {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>
  return incoming?.destroyed === true && !incoming.complete
}

/** What Hono throws when it reads a body; undefined for anything else. */
const fromHttpException = ({ status }: HTTPException): Problem | undefined => {
  if (status === 400) return new Problem('malformed_json', 'The body is not valid JSON.')
  if (status !== 415) return undefined
  return new Problem(
    'unsupported_media_type',
    'Send the body as JSON, with "Content-Type: application/json".',
  )
}

/** 400 because of how a request arrived, and not of what is in it. */
export const invalidHttp = (detail: string): Problem => new Problem('invalid_http', detail)

/** 422, naming every wrong field. */
export const invalidRequest = (errors: FieldError[]): Problem =>
  new Problem('invalid_request', `The request is invalid: ${listFieldErrors(errors)}`, { errors })
