import type { Call } from '../types.ts'

/** The answer to a REST call. */
export interface Answer {
  status: 200 | 201 | 206 | 400 | 401 | 404 | 413 | 429 | 500 | 504
  body: unknown
  /** What is wrong with the request, for the log and the control API: Agora's reasons say little. */
  detail?: string
}

const service = (status: Answer['status'], code: number, reason: string): Answer => ({
  status,
  body: { code, reason },
})

const gateway = (status: Answer['status'], message: string): Answer => ({ status, body: { message } })

type AnswerName =
  | 'unauthorized'
  | 'wrongCredentials'
  | 'wrongAppId'
  | 'noRoute'
  | 'tooManyRequests'
  | 'bodyTooLarge'
  | 'overload'
  | 'alreadyStarted'
  | 'taskConflict'
  | 'noWorker'
  | 'notCompleted'
  | 'noTask'
  | 'noData'
  | 'alreadyExiting'
  | 'uploadTooLong'
  | 'notDeclaredJson'
  | 'notJson'
  | 'resourceExpired'

/** Agora's answers to calls that fail (https://docs.agora.io/en/cloud-recording/rest-api/status-codes). */
export const ANSWERS: Record<AnswerName, Answer> = {
  unauthorized: gateway(401, 'Unauthorized'),
  wrongCredentials: gateway(401, 'Invalid authentication credentials'),
  wrongAppId: gateway(400, 'appid is invalid'),
  noRoute: gateway(404, 'no Route matched with those values'),
  tooManyRequests: gateway(429, 'API rate limit exceeded'),
  bodyTooLarge: gateway(413, 'Request size limit exceeded'),
  overload: service(400, 406, 'vendor_over_load'),
  alreadyStarted: service(201, 7, 'already started'),
  taskConflict: service(400, 53, 'task conflict'),
  noWorker: service(500, 502, 'Failed to allocate worker'),
  notCompleted: service(206, 65, 'request not completed'),
  noTask: service(404, 404, 'failed to find worker'),
  noData: service(206, 435, 'no recorded data'),
  alreadyExiting: service(400, 49, 'invalid operation'),
  /** The HTTP status is a guess: Agora documents only the code. */
  uploadTooLong: service(206, 50, 'upload not completed within 20 seconds'),
  // Of these codes Agora documents only the number (https://docs.agora.io/en/cloud-recording/reference/common-errors).
  notDeclaredJson: {
    ...service(400, 8, 'invalid http header'),
    detail: 'the header Content-Type must be application/json',
  },
  notJson: { ...service(400, 8, 'invalid http body'), detail: 'the body is not valid JSON' },
  resourceExpired: {
    ...service(400, 433, 'resource expired'),
    detail: 'the resourceId is older than 5 minutes; acquire a new one',
  },
}

/** Fields of the body itself. Agora checks them first, and its reason names neither the call nor the field. */
const BODY_FIELDS = ['', 'cname', 'uid', 'clientRequest']

const nameOf = (call: Call): string => call.charAt(0).toUpperCase() + call.slice(1)

/**
 * 400/2 (invalid parameter). The reason has Agora's form, for instance `Acquire: invalid resourceExpiredHour value!`.
 *
 * @param field name of the field, without its path; empty for the whole body
 * @param detail what is wrong with it
 */
export const badParameter = (call: Call, field: string, detail: string): Answer => ({
  ...service(
    400,
    2,
    BODY_FIELDS.includes(field)
      ? 'post method api body check failed!'
      : `${nameOf(call)}: invalid ${field} value!`,
  ),
  detail,
})

/** 400/1013: the recorder cannot join a channel of this name. Of this code and the next ones, the reasons are the emulator's. */
export const badChannelName = (detail: string): Answer => ({
  ...service(400, 1013, 'invalid channel name'),
  detail,
})

/** 400/1028: the layout is not valid. */
export const badLayout = (detail: string): Answer => ({ ...service(400, 1028, 'invalid layout'), detail })

/** 400/109 or 400/110: the recorder cannot join the channel with this token. */
export const badToken = ({ code, detail }: { code: 109 | 110; detail: string }): Answer => ({
  ...service(400, code, code === 109 ? 'token expired' : 'invalid token'),
  detail,
})

/** 400/432: cname or uid are not those that the resource id was acquired for. */
export const otherChannel = (detail: string): Answer => ({
  ...service(400, 432, 'invalid parameter'),
  detail,
})
