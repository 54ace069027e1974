/** Why a request failed, for programs. Codes are stable; docs/api.md explains each. */
export const PROBLEM_CODES = {
  malformed_json: 400,
  malformed_report: 400,
  malformed_notification: 400,
  invalid_http: 400,
  invalid_api_key: 401,
  invalid_token: 401,
  invalid_signature: 401,
  insufficient_scope: 403,
  recording_not_found: 404,
  delivery_not_found: 404,
  destination_not_found: 404,
  key_not_found: 404,
  job_not_found: 404,
  route_not_found: 404,
  notifications_off: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  id_in_use: 409,
  recording_ended: 409,
  recording_stopped: 409,
  standby_command: 409,
  pause_unsupported: 409,
  uids_in_use: 409,
  change_unsupported: 409,
  no_uids_left: 409,
  destination_removed: 409,
  backup_running: 409,
  backup_unsupported: 409,
  admin_key_needed: 409,
  too_many_jobs: 409,
  wrong_sid: 409,
  unknown_attempt: 410,
  attempt_over: 410,
  version_conflict: 412,
  body_too_large: 413,
  unsupported_media_type: 415,
  expectation_failed: 417,
  invalid_request: 422,
  idempotency_key_reused: 422,
  too_many_requests: 429,
  too_many_reports: 429,
  headers_too_large: 431,
  internal_error: 500,
  report_not_stored: 503,
  too_many_waiting: 503,
} as const

export type ProblemCode = keyof typeof PROBLEM_CODES

const TITLES: Record<(typeof PROBLEM_CODES)[ProblemCode], string> = {
  400: 'Malformed request',
  401: 'Not authorized',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Timed out',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition failed',
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
 * The kind of problem, for people. It is that of the status, with one exception: how a request arrived may be the fault of
 * something on the way, after which the probe sends its report again, unlike after any other 400.
 */
export const titleOf = (code: ProblemCode): string =>
  code === 'invalid_http' ? 'Invalid HTTP' : TITLES[PROBLEM_CODES[code]]

/** The `type` of a problem document (RFC 9457). The probe decides by it. */
export const typeOf = (code: ProblemCode): string =>
  `urn:stillrolling:problem:${titleOf(code).toLowerCase().replaceAll(' ', '-')}`
