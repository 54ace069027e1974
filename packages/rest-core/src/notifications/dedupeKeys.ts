import type { Notification } from './notification.ts'

interface EventKey {
  sid?: string
  uid?: string
  sequence?: number
}

/**
 * Keys by which a receiver recognises a duplicate: a notification of which any key is known already. A
 * delivery that Agora retries has the same `noticeId`. With redundant notifications enabled, each event also comes with
 * a second `noticeId`, but the same sid, uid, event and sequence.
 *
 * A key is absent if the notification lacks one of its parts.
 *
 * @example
 * const payload = { cname: 'class42', uid: '900001', sid: 'sid1', sequence: 3, details: {} }
 * const notification = parseNotification({ noticeId: 'n1', eventType: 40, payload })
 * dedupeKeys(notification) // => ['["notice","n1"]', '["event","sid1","900001",40,3]']
 */
export const dedupeKeys = (notification: Notification): string[] => {
  const { noticeId, eventType } = notification
  const { sid, uid, sequence }: EventKey = notification.name === 'otherProduct' ? {} : notification.payload
  const isCounted = sid !== undefined && uid !== undefined && sequence !== undefined
  return [
    ...(noticeId === undefined ? [] : [JSON.stringify(['notice', noticeId])]),
    ...(isCounted ? [JSON.stringify(['event', sid, uid, eventType, sequence])] : []),
  ]
}
