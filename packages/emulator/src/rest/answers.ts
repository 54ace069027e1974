/** The answer to a REST call. */
export interface Answer {
  status: 200 | 201 | 206 | 400 | 401 | 404 | 413 | 429 | 500 | 504
  body: unknown
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
}

/** 400/2 (invalid parameter), with a reason that names the call and the field. */
export const badParameter = (call: string, reason: string): Answer => service(400, 2, `${call}: ${reason}`)
