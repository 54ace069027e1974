import type { ProblemCode } from './problemCodes.ts'

/** When each problem occurs, as docs/api.md has it. */
export const PROBLEM_MEANINGS: Readonly<Record<ProblemCode, string>> = {
  malformed_json: 'the body is not valid JSON',
  malformed_report: 'reports only: the body is not a report',
  malformed_notification: 'notifications only: the body is not a JSON object',
  invalid_http: 'the request is not valid HTTP, or did not arrive whole',
  invalid_api_key: 'the API key is missing or wrong',
  invalid_token: "reports only: the page's token is wrong",
  invalid_signature: 'notifications only: the signature is missing or wrong',
  recording_not_found: 'no recording has this id',
  delivery_not_found: 'no delivery has this id',
  destination_not_found: '`DELIVERIES` has no destination with this name',
  route_not_found: 'no route has this path',
  notifications_off: 'notifications only: the reporter has no secret to check them with',
  method_not_allowed: 'the path has other methods, which `Allow` lists',
  request_timeout: 'the request did not arrive completely in time',
  id_in_use:
    'a different request has created the recording with this id; `errors` names the fields that differ',
  recording_ended: 'the recording with this id was stopped or has failed: create one with another id',
  recording_stopped: 'a command other than the stop, after a stop',
  standby_command: 'a command to a standby: send it to its recording',
  pause_unsupported: 'the pause of a channel, which Agora cannot pause',
  uids_in_use:
    '`uidRange` has uids of another recording in the channel, which `detail` names and which was not stopped',
  change_unsupported: 'a change of a page, or of the layout of a channel in individual mode',
  no_uids_left: 'the recordings of a channel, and the `uidRange` that they name, take all uids',
  destination_removed: '`DELIVERIES` no longer has the destination of the delivery',
  backup_running: 'another backup is being made',
  wrong_sid: 'reports only: the sid is not that of the attempt',
  unknown_attempt: 'reports only: this reporter has no such attempt',
  attempt_over: 'reports only: the attempt has been superseded, or the recording has ended',
  body_too_large: 'the body exceeds its limit: 64 KiB, reports 8 KiB, notifications 256 KiB',
  unsupported_media_type: 'the `Content-Type` is not `application/json`',
  expectation_failed: '`Expect` has another value than `100-continue`',
  invalid_request: 'fields or query parameters are wrong or unknown; `errors` names each',
  too_many_reports: 'reports only: a limit was exceeded. `Retry-After` says when to send the report again',
  headers_too_large: 'the address and the headers exceed 16 KiB',
  internal_error: 'the reporter failed; the log says why',
  report_not_stored: 'reports only: the report could not be stored. `Retry-After` says when to send it again',
  too_many_waiting:
    'as many requests as possible wait for a state already. `Retry-After` says when to try again',
}
