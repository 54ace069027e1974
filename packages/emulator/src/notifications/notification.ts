import { randomBytes } from 'node:crypto'
import type { NotifiedEvent } from '../types.ts'

/** What a notification says, before it is stamped with the time of a delivery. */
export interface AgoraNotification {
  noticeId: string
  productId: 3
  eventType: NotifiedEvent
  payload: {
    cname: string
    uid: string
    sid: string
    sequence: number
    sendts: number
    serviceType: number
    details: Record<string, unknown>
  }
}

/** `serviceType`: 0 service, 1 recorder, 2 uploader, 6 web page recorder. */
const SERVICE_TYPES: Record<NotifiedEvent, number> = { 11: 0, 31: 2, 40: 1, 70: 6, 71: 6, 72: 6, 73: 6 }

export const createNotification = (
  task: { cname: string; uid: string; sid: string },
  eventType: NotifiedEvent,
  sequence: number,
  details: Record<string, unknown>,
  now: number,
): AgoraNotification => ({
  noticeId: randomBytes(16).toString('hex'),
  productId: 3,
  eventType,
  payload: {
    cname: task.cname,
    uid: task.uid,
    sid: task.sid,
    sequence,
    sendts: now,
    serviceType: SERVICE_TYPES[eventType],
    details,
  },
})
