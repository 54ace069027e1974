import { randomBytes } from 'node:crypto'
import type { NotifiedEvent } from '../types.ts'

/** A notification without `notifyMs`, which each delivery adds. */
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

/** The task that a notification is about. */
export interface NotificationSubject {
  cname: string
  uid: string
  sid: string
}

export interface NotificationRequest {
  event: NotifiedEvent
  /** Counts the notifications of a task from 0. */
  sequence: number
  details: Record<string, unknown>
}

/**
 * `serviceType` of each event: 0 service, 1 recorder, 2 uploader, 6 web page recorder
 * (https://docs.agora.io/en/cloud-recording/reference/rest-api-overview).
 */
const SERVICE_TYPES: Record<NotifiedEvent, number> = {
  1: 2,
  11: 0,
  30: 2,
  31: 2,
  32: 2,
  33: 2,
  34: 2,
  40: 1,
  70: 6,
  71: 6,
  72: 6,
  73: 6,
}

/** @param now in ms since the epoch */
export const createNotification = (
  { cname, uid, sid }: NotificationSubject,
  { event, sequence, details }: NotificationRequest,
  now: number,
): AgoraNotification => ({
  noticeId: randomBytes(16).toString('hex'),
  productId: 3,
  eventType: event,
  payload: { cname, uid, sid, sequence, sendts: now, serviceType: SERVICE_TYPES[event], details },
})
