export type { ClientOptions } from './call.ts'
export { type Client, createClient } from './client.ts'
export { type ClientErrorCode, type ErrorCode, type ProblemCode, StillrollingError } from './errors.ts'
export type * from './generated/operations.ts'
export type * from './generated/schemas.ts'
export {
  type KnownDelivery,
  type ReceivedDelivery,
  type ReceivedRequest,
  ReceiveError,
  type ReceiveErrorCode,
  type ReceiveOptions,
  receive,
  type UnknownDelivery,
} from './receive.ts'
export type { CallOptions, Page, Pages } from './types.ts'
export type { RecordingState, WaitOptions, WaitUntil } from './waitUntil.ts'
