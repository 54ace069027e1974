import type { ChannelKeys } from '../../channelRequest.ts'

/** By what an attempt joins its channel. */
export interface ChannelAccess extends ChannelKeys {
  /** Absent if the project has no App Certificate. */
  token?: string
  /** Seconds for which the token is valid; absent without one. */
  validFor?: number
}

/** The attempt that is to join a channel. */
export interface Joining {
  recordingId: string
  attempt: number
  channel: string
  uid: string
}

/** There is nothing to join a channel by. The message has nothing that came from a request's `tokenUrl`. */
export class TokenError extends Error {
  override readonly name = 'TokenError'
}

/** Seconds. Agora's tokens are valid for no longer, and that of a running task cannot be renewed. */
export const MAX_TOKEN_LIFETIME = 86_400
