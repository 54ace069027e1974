import type { Notification } from './notification.ts'

/**
 * Keys by which a receiver recognises a duplicate: a notification of which any key is known already. A
 * delivery that Agora retries has the same `noticeId`. With redundant notifications enabled, each event also comes with
 * a second `noticeId`, but the same sid, uid, event and sequence.
 *
 * The second key is absent if the notification lacks one of its parts.
 *
 * @example
 * const payload = { cname: 'class42', uid: '900001', sid: 'sid1', sequence: 3, details: {} }
 * const notification = parseNotification({ noticeId: 'n1', eventType: 40, payload })
 * dedupeKeys(notification) // => ['["notice","n1"]', '["event","sid1","900001",40,3]']
 */
export const dedupeKeys = ({ noticeId, eventType, payload }: Notification): string[] => {
  const { sid, uid, sequence } = payload
  const notice = JSON.stringify(['notice', noticeId])
  if (sid === undefined || uid === undefined || sequence === undefined) return [notice]
  return [notice, JSON.stringify(['event', sid, uid, eventType, sequence])]
}
