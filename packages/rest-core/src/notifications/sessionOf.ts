import type { Notification } from './notification.ts'

/**
 * The session of a recording that a notification is about; undefined if it is about another recording
 * or product.
 *
 * A recording keeps its sid. When its server fails, event 12 has the `newUid` under which another server continues, and
 * some events then come twice: with the original uid for the `original` session, with any other uid for a `failover`.
 * So identify a recording by its sid alone: the end of its original session is not the end of the recording.
 *
 * @see https://docs.agora.io/en/cloud-recording/best-practices/integration-best-practices
 * @example
 * const payload = { cname: 'class42', uid: '4000000001', sid: 'sid1', details: {} }
 * const notification = parseNotification({ noticeId: 'n1', eventType: 40, payload })
 * sessionOf(notification, { sid: 'sid1', uid: '900001' }) // => 'failover'
 */
export const sessionOf = (
  notification: Notification,
  recording: { sid: string; uid: string },
): 'original' | 'failover' | undefined => {
  if (notification.name === 'otherProduct' || notification.payload.sid !== recording.sid) return undefined
  const { uid } = notification.payload
  return uid === undefined || uid === recording.uid ? 'original' : 'failover'
}
