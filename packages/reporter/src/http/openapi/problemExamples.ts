import { PROBLEM_CODES, type ProblemCode, titleOf, typeOf } from '../problemCodes.ts'
import { PROBLEM_MEANINGS } from '../problemMeanings.ts'

/** Of the statuses that mean the same in every call of business servers. */
export const CODES_OF_STATUS: Readonly<Record<string, readonly ProblemCode[]>> = {
  400: ['malformed_json', 'invalid_http'],
  401: ['invalid_api_key'],
  403: ['insufficient_scope'],
  412: ['version_conflict'],
  413: ['body_too_large'],
  415: ['unsupported_media_type'],
  422: ['invalid_request'],
  429: ['too_many_requests'],
  // Of any route, because of how a request arrived, or because the reporter failed.
  '4XX': ['invalid_http', 'request_timeout', 'expectation_failed', 'headers_too_large'],
  '5XX': ['internal_error'],
}

/** In the texts of a problem, and where they are wrong. */
const WRONG_FIELDS: Partial<Record<ProblemCode, { detail: string; errors: object[] }>> = {
  invalid_request: {
    detail: 'The request is invalid: limit must be at most 500',
    errors: [{ path: 'limit', message: 'must be at most 500' }],
  },
  id_in_use: {
    detail:
      'A recording with the id "class42" exists, from a request that differs in url. Send the same request again, or use another id.',
    errors: [{ path: 'url', message: 'differs from the request that created the recording' }],
  },
}

/** A problem document for each code, by code. */
export const problemExamples = (
  codes: readonly ProblemCode[],
): Record<string, { summary: string; value: object }> =>
  Object.fromEntries(
    codes.map((code) => [
      code,
      {
        summary: PROBLEM_MEANINGS[code],
        value: {
          type: typeOf(code),
          title: titleOf(code),
          status: PROBLEM_CODES[code],
          code,
          ...(WRONG_FIELDS[code] ?? { detail: sentenceOf(PROBLEM_MEANINGS[code]) }),
        },
      },
    ]),
  )

const sentenceOf = (text: string): string => `${text[0]?.toUpperCase()}${text.slice(1)}.`.replace('..', '.')
