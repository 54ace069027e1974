import type { Problem } from './generated/schemas.ts'

/** Why the reporter refused a request. */
export type ProblemCode = Problem['code']

/** Why a call failed without an answer of the reporter. */
export type ClientErrorCode =
  /** No answer came: there is no connection, or it broke. `cause` says more. */
  | 'connection_failed'
  /** No answer came in time, or the state that was waited for. */
  | 'timed_out'
  /** An answer came that is not the reporter's: a proxy's, for instance. */
  | 'unexpected_answer'
  /** The recording can no longer reach the state that was waited for. */
  | 'state_unreachable'

/** Codes that a later reporter adds are texts as well. */
export type ErrorCode = ProblemCode | ClientErrorCode | (string & Record<never, never>)

export interface ErrorDetails {
  code: ErrorCode
  detail: string
  status?: number
  errors?: { path: string; message: string }[]
  retryAfter?: number
  cause?: unknown
}

/**
 * A call that failed.
 * @example
 * const error = new StillrollingError({ code: 'recording_not_found', status: 404, detail: 'No recording has this id.' })
 * error.code // => 'recording_not_found'
 */
export class StillrollingError extends Error {
  override readonly name = 'StillrollingError'
  readonly code: ErrorCode
  /** Of the answer; null without one. */
  readonly status: number | null
  /** What happened and what to do, for people. */
  readonly detail: string
  /** The wrong fields of the request. */
  readonly errors: readonly { path: string; message: string }[]
  /** Seconds after which the reporter asks to try again; null if it names none. */
  readonly retryAfter: number | null

  constructor({ code, detail, status, errors = [], retryAfter, cause }: ErrorDetails) {
    super(`${code}: ${detail}`, { cause })
    this.code = code
    this.status = status ?? null
    this.detail = detail
    this.errors = errors
    this.retryAfter = retryAfter ?? null
  }
}

/** @param what was asked, e.g. `GET /v1/summary` */
export const errorOf = async (response: Response, what: string): Promise<StillrollingError> => {
  const { status, headers } = response
  const retryAfter = retryAfterOf(headers.get('retry-after'))
  const text = await response.text().catch(() => '')
  const problem = headers.get('content-type')?.startsWith('application/problem+json')
    ? problemIn(text)
    : undefined
  if (problem) {
    const { code, detail, errors } = problem
    return new StillrollingError({ code, detail, errors, status, retryAfter })
  }
  const detail = `${what} was answered ${status}, and not by a reporter: ${text.slice(0, 200)}`
  return new StillrollingError({ code: 'unexpected_answer', detail, status, retryAfter })
}

const problemIn = (text: string): Problem | undefined => {
  try {
    const value = JSON.parse(text) as Partial<Problem> | null
    return typeof value?.code === 'string' && typeof value.detail === 'string'
      ? (value as Problem)
      : undefined
  } catch {
    return undefined
  }
}

/** Seconds; RFC 9110 allows a date as well. */
const retryAfterOf = (value: string | null): number | undefined => {
  if (value === null) return undefined
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds)
}
