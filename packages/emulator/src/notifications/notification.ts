import { randomBytes } from 'node:crypto'
import type { ServiceScene } from '../types.ts'
import { serviceTypeOf } from './events.ts'

/** A notification without `notifyMs`, which each delivery adds. */
export interface AgoraNotification {
  noticeId: string
  productId: 3
  eventType: number
  payload: {
    cname: string
    uid: string
    sid: string
    sequence: number
    sendts: number
    serviceType: number
    serviceScene: ServiceScene
    details: Record<string, unknown>
  }
}

/** The task that a notification is about. */
export interface NotificationSubject {
  cname: string
  uid: string
  sid: string
  serviceScene: ServiceScene
}

export interface NotificationRequest {
  event: number
  /** Counts the notifications of a task from 0. */
  sequence: number
  details: Record<string, unknown>
  /** The uid of the server that it comes from: another one than the task's after a failover. */
  uid: string
  /** Sent a second time with another `noticeId`, as with redundant notifications enabled. */
  redundant: boolean
}

const newNoticeId = (): string => randomBytes(16).toString('hex')

/** @param now in ms since the epoch */
export const createNotification = (
  { cname, sid, serviceScene }: NotificationSubject,
  { event, sequence, details, uid }: NotificationRequest,
  now: number,
): AgoraNotification => ({
  noticeId: newNoticeId(),
  productId: 3,
  eventType: event,
  payload: {
    cname,
    uid,
    sid,
    sequence,
    sendts: now,
    serviceType: serviceTypeOf(event, details),
    serviceScene,
    details,
  },
})

/** The second notification of the same event, with redundant notifications enabled. */
export const createRedundant = (notification: AgoraNotification): AgoraNotification => ({
  ...notification,
  noticeId: newNoticeId(),
})
