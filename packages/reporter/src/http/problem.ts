import type { HttpBindings } from '@hono/node-server'
import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Logger } from 'pino'
import { type FieldError, listFieldErrors } from '../fieldErrors.ts'

/** The body of an error response (RFC 9457), extended by the wrong fields. */
export interface ProblemDocument {
  type: string
  title: string
  status: number
  detail: string
  errors?: FieldError[]
}

export const problemSchema: z.ZodType<ProblemDocument> = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .openapi('Problem')

const TITLES: Record<number, string> = {
  400: 'Malformed request',
  401: 'Not authorized',
  404: 'Not found',
  408: 'Timed out',
  409: 'Conflict',
  410: 'Gone',
  413: 'Too large',
  415: 'Unsupported media type',
  417: 'Expectation failed',
  422: 'Invalid request',
  429: 'Too many requests',
  431: 'Headers too large',
  500: 'Internal error',
  503: 'Unavailable',
}

/**
 * Thrown by a route or anything below it; sent as a problem document.
 * The caller sees `detail`: it says what happened and what to do, and contains no secret.
 */
export class Problem extends Error {
  readonly status: ContentfulStatusCode
  readonly title: string
  readonly errors: FieldError[] | undefined
  readonly headers: Record<string, string>

  constructor(
    status: ContentfulStatusCode,
    detail: string,
    options: { title?: string; errors?: FieldError[]; headers?: Record<string, string> } = {},
  ) {
    super(detail)
    this.status = status
    this.title = options.title ?? TITLES[status] ?? 'Error'
    this.errors = options.errors
    this.headers = options.headers ?? {}
  }

  document(): ProblemDocument {
    const { title } = this
    return {
      type: `urn:stillrolling:problem:${title.toLowerCase().replaceAll(' ', '-')}`,
      title,
      status: this.status,
      detail: this.message,
      ...(this.errors && { errors: this.errors }),
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
    if (error instanceof HTTPException) return problemResponse(c, fromHttpException(error))
    if (hasEndedEarly(c)) {
      return problemResponse(c, invalidHttp('The connection ended before the whole body had arrived.'))
    }
    log.error({ err: error, method: c.req.method, path: c.req.path }, 'A request failed')
    return problemResponse(
      c,
      new Problem(
        500,
        "The reporter failed, changed nothing, and logged the cause. Try again, or see the reporter's log.",
      ),
    )
  }

/** The client has gone, or was too slow, so that nothing here has failed. */
const hasEndedEarly = (c: Context): boolean => {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>
  return incoming?.destroyed === true && !incoming.complete
}

const fromHttpException = ({ status, message }: HTTPException): Problem => {
  if (status === 400 && /json/i.test(message)) return new Problem(400, 'The body is not valid JSON.')
  if (status === 415) return new Problem(415, 'Send the body as JSON, with "Content-Type: application/json".')
  return new Problem(status as ContentfulStatusCode, message || 'The request was refused.')
}

/**
 * 400 because of how a request arrived, and not of what is in it: something on the way may be to blame. So it has a type of
 * its own, after which the probe sends its report again.
 */
export const invalidHttp = (detail: string): Problem => new Problem(400, detail, { title: 'Invalid HTTP' })

/** 422, naming every wrong field. */
export const invalidRequest = (errors: FieldError[]): Problem =>
  new Problem(422, `The request is invalid: ${listFieldErrors(errors)}`, { errors })
