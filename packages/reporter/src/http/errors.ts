import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Logger } from 'pino'

/** One wrong field of a request. */
export interface FieldError {
  path: string
  message: string
}

/** An error answer: RFC 9457, with the wrong fields beside it. */
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
  409: 'Conflict',
  410: 'Gone',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Invalid request',
  500: 'Internal error',
  503: 'Unavailable',
}

/** Thrown anywhere below a route; becomes a problem document. `detail` is shown to the caller: no secrets. */
export class Problem extends Error {
  readonly status: ContentfulStatusCode
  readonly errors: FieldError[] | undefined
  readonly headers: Record<string, string>

  constructor(
    status: ContentfulStatusCode,
    detail: string,
    options: { errors?: FieldError[]; headers?: Record<string, string> } = {},
  ) {
    super(detail)
    this.status = status
    this.errors = options.errors
    this.headers = options.headers ?? {}
  }

  document(): ProblemDocument {
    const title = TITLES[this.status] ?? 'Error'
    return {
      type: `urn:stillrolling:problem:${title.toLowerCase().replaceAll(' ', '-')}`,
      title,
      status: this.status,
      detail: this.message,
      ...(this.errors && { errors: this.errors }),
    }
  }
}

/** Agora wants JSON whatever happened; a problem document is JSON. */
export const answerProblem = (c: Context, problem: Problem): Response =>
  c.body(JSON.stringify(problem.document()), problem.status, {
    'content-type': 'application/problem+json',
    ...problem.headers,
  })

/** Every error that a route did not foresee: ours are logged, the caller's are explained. */
export const onError =
  (log: Logger) =>
  (error: Error, c: Context): Response => {
    if (error instanceof Problem) return answerProblem(c, error)
    if (error instanceof HTTPException) return answerProblem(c, fromHttpException(error))
    log.error({ err: error, method: c.req.method, path: c.req.path }, 'a request failed')
    return answerProblem(
      c,
      new Problem(500, 'Something went wrong on our side; it was logged. Nothing was changed.'),
    )
  }

const fromHttpException = (error: HTTPException): Problem => {
  const status = error.status as ContentfulStatusCode
  return status === 400 && /json/i.test(error.message)
    ? new Problem(400, 'The body is not valid JSON')
    : new Problem(status, error.message || 'The request was refused')
}

export const fieldErrors = (error: Pick<z.ZodError, 'issues'>): FieldError[] => error.issues.flatMap(explain)

const explain = (issue: z.core.$ZodIssue): FieldError[] => {
  const under = (path: PropertyKey[]): string => [...issue.path, ...path].join('.')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: under([key]), message: 'is not known here' }))
  }
  // Of several shapes, the one that was meant is the one whose type is right.
  const meant =
    issue.code === 'invalid_union' ? issue.errors.find((tried) => !isOfAnotherType(tried)) : undefined
  if (!meant) return [{ path: issue.path.join('.'), message: issue.message }]
  return meant.flatMap(explain).map(({ path, message }) => ({ path: under(path ? [path] : []), message }))
}

const isOfAnotherType = (issues: z.core.$ZodIssue[]): boolean =>
  issues.some(({ code, path }) => code === 'invalid_type' && path.length === 0)

export const invalid = (what: string, errors: FieldError[]): Problem =>
  new Problem(
    422,
    `${what}: ${errors.map(({ path, message }) => `${path || 'body'} ${message}`).join('; ')}`,
    { errors },
  )
