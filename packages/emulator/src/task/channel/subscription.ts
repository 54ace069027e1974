import type { Media, SubscribedUsers } from '../../types.ts'

/** Whose audio and video a task records. */
export type Subscription = Readonly<Record<Media, SubscribedUsers>>

/** The lists of a request, under Agora's two spellings. */
export interface UidLists {
  subscribeAudioUids?: string[]
  unsubscribeAudioUids?: string[]
  unSubscribeAudioUids?: string[]
  subscribeVideoUids?: string[]
  unsubscribeVideoUids?: string[]
  unSubscribeVideoUids?: string[]
}

/** In a list of subscribed uids: those of all users. */
export const ALL_STREAMS = '#allstream#'

const usersOf = (
  subscribed: readonly string[] | undefined,
  unsubscribed: readonly string[] | undefined,
): SubscribedUsers | null => {
  if (unsubscribed) return { except: unsubscribed }
  if (!subscribed) return null
  return subscribed.includes(ALL_STREAMS) ? 'all' : { only: subscribed }
}

/**
 * All users without a list. A list for one medium alone ends the subscription to the other
 * (https://docs.agora.io/en/cloud-recording/develop/subscription).
 */
export const subscriptionOf = (lists: UidLists): Subscription => {
  const audio = usersOf(lists.subscribeAudioUids, lists.unsubscribeAudioUids ?? lists.unSubscribeAudioUids)
  const video = usersOf(lists.subscribeVideoUids, lists.unsubscribeVideoUids ?? lists.unSubscribeVideoUids)
  const other = audio === null && video === null ? 'all' : { only: [] }
  return { audio: audio ?? other, video: video ?? other }
}

export const includes = (users: SubscribedUsers, uid: string): boolean => {
  if (users === 'all') return true
  return 'only' in users ? users.only.includes(uid) : !users.except.includes(uid)
}
