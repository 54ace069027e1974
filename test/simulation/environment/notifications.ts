import type { Random } from '../random.ts'
import type { DeliveryFault } from '../scenario/scenario.ts'
import type { VirtualTime } from '../virtualTime.ts'
import type { AgoraEvent, Task } from './task.ts'

/** A notification as Agora posts it. */
export interface Notification extends AgoraEvent {
  noticeId: string
  sid: string
  cname: string
  /** No part of what Agora posts: for invariants and the trace. */
  recordingId: string
  uid: string
  sequence: number
}

/** The event of a channel that somebody has joined. */
export interface Joined {
  noticeId: string
  channel: string
  uid: string
}

type Unsent<Event> = Event extends unknown ? Omit<Event, 'noticeId'> : never

/** Agora's webhook. It mostly posts once and soon; the injected faults are those that Agora's reference warns of. */
export interface Notifications {
  send(task: Task, event: AgoraEvent): void
  sendJoined(joined: Unsent<Joined>): void
  /** @returns a function that ends the fault */
  injectFault(fault: NotificationFault): () => void
}

interface NotificationFault {
  delivery: DeliveryFault
  /** The share of notifications that it affects, 0…1. */
  share: number
}

/** Delays after an answer other than 200, in milliseconds. After the last one Agora gives up. */
const REDELIVERY_DELAYS_MS = [5000, 15_000, 45_000]

export const createNotifications = (
  time: VirtualTime,
  random: Random,
  /** @returns whether the reporter answered 200 */
  deliver: (notification: Notification | Joined) => Promise<boolean>,
): Notifications => {
  const faults: NotificationFault[] = []
  let count = 0

  const post = (notification: Notification | Joined, delayMs: number, tries = 0): void => {
    time.after(delayMs, async () => {
      if (await deliver(notification)) return
      const wait = REDELIVERY_DELAYS_MS[tries]
      if (wait !== undefined) post(notification, wait, tries + 1)
    })
  }

  const sendWithFaults = (event: Unsent<Notification | Joined>): void => {
    const notification = { ...event, noticeId: `notice${++count}` }
    const delivery = faults.find(({ share }) => random.chance(share))?.delivery
    if (delivery === 'dropped') return
    post(notification, delivery === 'delayed' ? random.integer(1000, 300_000) : random.integer(100, 1500))
    if (delivery === 'duplicated') post(notification, random.integer(100, 60_000))
    if (delivery === 'redelivered') {
      post({ ...notification, noticeId: `notice${++count}` }, random.integer(100, 60_000))
    }
  }

  return {
    send: (task, event) => {
      const { sid, cname, recordingId, notifiedUid: uid } = task
      sendWithFaults({ ...event, sid, cname, recordingId, uid, sequence: task.sequence++ })
    },
    sendJoined: sendWithFaults,
    injectFault: (fault) => {
      const injected = { ...fault }
      faults.push(injected)
      return () => {
        faults.splice(faults.indexOf(injected), 1)
      }
    },
  }
}
