import { expect, test } from 'vitest'
import { type Notification, parseNotification } from './notification.ts'
import { sessionOf } from './sessionOf.ts'

const recording = { sid: 'sid1', uid: '7' }

const notification = (eventType: number, payload: object = {}): Notification =>
  parseNotification({
    noticeId: 'notice1',
    eventType,
    payload: { cname: 'c', uid: '7', sid: 'sid1', details: {}, ...payload },
  })

test('the original uid is of the original session, the newUid of event 12 of a failover', () => {
  const moved = notification(12, { details: { newUid: 4_000_000_001 } })
  if (moved.name !== 'session_failover') throw new Error('it is event 12')
  expect(sessionOf(moved, recording)).toBe('original')
  const { newUid } = moved.payload.details
  expect(sessionOf(notification(40, { uid: newUid }), recording)).toBe('failover')
  expect(sessionOf(notification(11, { details: { exitStatus: 1 } }), recording)).toBe('original')
})

test('another sid is of another recording', () => {
  expect(sessionOf(notification(40, { sid: 'sid2' }), recording)).toBeUndefined()
})
