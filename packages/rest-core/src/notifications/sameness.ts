import type { Notification } from './notification.ts'

/**
 * Keys under which a receiver remembers a notification: it is a repetition if any of its keys is known. Agora
 * delivers again with the same `noticeId` when it was not answered in time, and with another one when redundant
 * notifications are on; then sid, uid, event and sequence are the same.
 *
 * The second key is missing if the notification lacks one of its parts.
 */
export const dedupeKeys = ({ noticeId, eventType, payload }: Notification): string[] => {
  const { sid, uid, sequence } = payload
  const notice = JSON.stringify(['notice', noticeId])
  if (sid === undefined || uid === undefined || sequence === undefined) return [notice]
  return [notice, JSON.stringify(['event', sid, uid, eventType, sequence])]
}

/**
 * Which session of a recording a notification is about; undefined if it is about another recording.
 *
 * A recording keeps its sid for life. When its server is lost, event 12 tells the `newUid` under which another
 * server goes on, and from then on some events come twice: those with the uid that was started are of the
 * `original` session, all others of a `failover` (Agora, integration best practices). So recognise a recording
 * by its sid alone, and do not take the end of its original session for its own.
 */
export const sessionOf = (
  { payload }: Notification,
  recording: { sid: string; uid: string },
): 'original' | 'failover' | undefined => {
  if (payload.sid !== recording.sid) return undefined
  return payload.uid === undefined || payload.uid === recording.uid ? 'original' : 'failover'
}
