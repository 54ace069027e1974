import type { CallName } from './call.ts'

/** The HTTP response that an answer was read from. */
export interface AnswerResponse {
  call: CallName
  host: string
  /** Number of HTTP requests that this call needed. */
  tries: number
  /** HTTP status. */
  status: number
  /** `X-Request-Id`, which Agora's support asks for. */
  requestId?: string
  /** The body as it came. */
  json: Readonly<Record<string, unknown>>
}

const responses = new WeakMap<object, AnswerResponse>()

export const rememberResponse = <Answer>(answer: Answer, response: AnswerResponse | undefined): Answer => {
  if (response !== undefined) responses.set(answer as object, response)
  return answer
}

/**
 * The HTTP response behind the answer of a call: its status, request id and raw body.
 *
 * @param answer as a call returned it; a copy has no response
 * @example
 * const answer = await client.query({ resourceId, sid, mode: 'web' })
 * responseOf(answer)?.status // => 200
 */
export const responseOf = (answer: object): AnswerResponse | undefined => responses.get(answer)
