import { describe, expect, test } from 'vitest'
import { type Notification, parseNotification } from './notification.ts'
import { dedupeKeys, sessionOf } from './sameness.ts'

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

/** As a receiver would: remembers the keys of the first and looks the second's up. */
const repeats = (first: Notification, second: Notification): boolean => {
  const seen = new Set(dedupeKeys(first))
  return dedupeKeys(second).some((key) => seen.has(key))
}

describe('dedupeKeys', () => {
  const same: [string, Change][] = [
    ['sent again, later', { notifyMs: 2 }],
    ['another notice of the same event', { noticeId: 'notice2' }],
    ['uid as a number', { noticeId: 'notice2', payload: { uid: 7 } }],
    ['the same notice, without a sequence', { payload: { sequence: undefined } }],
  ]
  test.each(same)('a repetition: %s', (_, change) => {
    expect(repeats(notification(), notification(change))).toBe(true)
  })

  const other: [string, Change][] = [
    ['sid', { payload: { sid: 'sid2' } }],
    ['uid', { payload: { uid: '8' } }],
    ['event', { eventType: 41 }],
    ['sequence', { payload: { sequence: 4 } }],
    ['no sequence', { payload: { sequence: undefined } }],
    ['parts that only look alike when joined', { payload: { sid: 'sid1,7', uid: '7' } }],
  ]
  test.each(other)('another notification: %s', (_, change) => {
    expect(repeats(notification(), notification({ noticeId: 'notice2', ...change }))).toBe(false)
  })

  test('two keys, or one if a part is missing', () => {
    expect(dedupeKeys(notification())).toEqual(['["notice","notice1"]', '["event","sid1","7",40,3]'])
    expect(dedupeKeys(notification({ payload: { sequence: undefined } }))).toEqual(['["notice","notice1"]'])
  })
})

describe('sessionOf', () => {
  const recording = { sid: 'sid1', uid: '7' }

  test('the uid that was started, and the one that event 12 told', () => {
    const moved = notification({ eventType: 12, payload: { details: { newUid: 4_000_000_001 } } })
    if (moved.name !== 'session_failover') throw new Error('it is event 12')
    expect(sessionOf(moved, recording)).toBe('original')
    const { newUid } = moved.payload.details
    expect(sessionOf(notification({ eventType: 40, payload: { uid: newUid } }), recording)).toBe('failover')
    expect(
      sessionOf(notification({ eventType: 11, payload: { details: { exitStatus: 1 } } }), recording),
    ).toBe('original')
  })

  test('another recording', () => {
    expect(sessionOf(notification({ payload: { sid: 'sid2' } }), recording)).toBeUndefined()
  })
})
