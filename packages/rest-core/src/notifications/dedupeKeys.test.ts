import { expect, test } from 'vitest'
import { dedupeKeys } from './dedupeKeys.ts'
import { type Notification, parseNotification } from './notification.ts'

interface Change {
  noticeId?: string
  eventType?: number
  notifyMs?: number
  payload?: object
}

const notification = ({ payload, ...change }: Change = {}): Notification =>
  parseNotification({
    noticeId: 'notice1',
    eventType: 40,
    notifyMs: 1,
    ...change,
    payload: { cname: 'c', uid: '7', sid: 'sid1', sequence: 3, details: {}, ...payload },
  })

/** Whether a receiver that keeps the keys of the first takes the second for a duplicate. */
const isDuplicate = (first: Notification, second: Notification): boolean => {
  const known = new Set(dedupeKeys(first))
  return dedupeKeys(second).some((key) => known.has(key))
}

const same: [string, Change][] = [
  ['sent again, later', { notifyMs: 2 }],
  ['another notice of the same event', { noticeId: 'notice2' }],
  ['uid as a number', { noticeId: 'notice2', payload: { uid: 7 } }],
  ['the same notice, without a sequence', { payload: { sequence: undefined } }],
]
test.each(same)('a duplicate: %s', (_, change) => {
  expect(isDuplicate(notification(), notification(change))).toBe(true)
})

const other: [string, Change][] = [
  ['another sid', { payload: { sid: 'sid2' } }],
  ['another uid', { payload: { uid: '8' } }],
  ['another event', { eventType: 41 }],
  ['another sequence', { payload: { sequence: 4 } }],
  ['no sequence', { payload: { sequence: undefined } }],
  ['parts that are the same only when joined', { payload: { sid: 'sid1,7', uid: '7' } }],
]
test.each(other)('another notification: %s', (_, change) => {
  expect(isDuplicate(notification(), notification({ noticeId: 'notice2', ...change }))).toBe(false)
})

test('there are two keys, or one if a part is missing', () => {
  expect(dedupeKeys(notification())).toEqual(['["notice","notice1"]', '["event","sid1","7",40,3]'])
  expect(dedupeKeys(notification({ payload: { sequence: undefined } }))).toEqual(['["notice","notice1"]'])
})
