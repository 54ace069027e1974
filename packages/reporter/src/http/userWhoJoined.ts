import type { ProductNotification } from '@stillrolling/rest-core'
import { z } from 'zod'

/** A user whom a recorder of the channel can record. */
export interface JoinedUser {
  channel: string
  uid: string
}

/** `productId` of Agora's Real-Time Communication. */
const RTC = 1

/**
 * A host has joined (103), a user of a channel in which everybody sends has joined (107), a member of the audience has
 * become a host (111): https://docs.agora.io/en/api-reference/api-ref/rtc/channel-event-types. The audience (105) sends
 * nothing.
 */
const JOINS: ReadonlySet<number> = new Set([103, 107, 111])

/** Values of `clientType`: Agora's on-premise and cloud recorders. */
const RECORDERS: ReadonlySet<unknown> = new Set([3, 10])

const payloadSchema = z.object({
  channelName: z.string().min(1),
  uid: z.union([z.int(), z.string().min(1)]).transform(String),
  clientType: z.unknown().optional(),
})

/**
 * Who has joined a channel, by a notification of Agora's channel events. They come to the same address if the console's
 * webhook has them.
 * @returns undefined for every other event, and for recorders
 */
export const userWhoJoined = ({
  productId,
  eventType,
  payload,
}: ProductNotification): JoinedUser | undefined => {
  if (productId !== RTC || !JOINS.has(eventType)) return undefined
  const { data } = payloadSchema.safeParse(payload)
  if (!data || RECORDERS.has(data.clientType)) return undefined
  return { channel: data.channelName, uid: data.uid }
}
