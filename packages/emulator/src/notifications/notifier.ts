import type { FaultRegistry } from '../faults/faultRegistry.ts'
import type { EmulatorClock, EmulatorLogEntry, NotificationTarget } from '../types.ts'
import { deliver } from './deliver.ts'
import {
  type AgoraNotification,
  createNotification,
  createRedundant,
  type NotificationRequest,
  type NotificationSubject,
} from './notification.ts'

/**
 * Delays before the second, third and fourth delivery. Agora documents only that the intervals grow
 * (https://docs.agora.io/en/cloud-recording/develop/receive-notifications).
 */
export const RETRY_DELAYS_MS: readonly number[] = [5_000, 15_000, 45_000]

/** Longest time that a `reorder` fault holds back a notification while no other one follows. */
export const MAX_REORDER_DELAY_MS = 5_000

export interface NotifierOptions {
  clock: EmulatorClock
  faults: FaultRegistry
  target: NotificationTarget | null
  log: (entry: EmulatorLogEntry) => void
  /** Aborted when the emulator closes: nothing is sent or logged afterwards. */
  closing: AbortSignal
}

type Outcome = Extract<EmulatorLogEntry, { type: 'notification' }>['outcome']

export interface Notifier {
  send(task: NotificationSubject, request: NotificationRequest): void
  setTarget(target: NotificationTarget | null): void
}

type Schedule = (delayMs: number, run: () => void) => () => void

/** `clock.after` that is cancelled when `closing` aborts. */
const createSchedule =
  (clock: EmulatorClock, closing: AbortSignal): Schedule =>
  (delayMs, run) => {
    const cancel = clock.after(delayMs, () => {
      closing.removeEventListener('abort', cancel)
      run()
    })
    closing.addEventListener('abort', cancel, { once: true })
    return () => {
      closing.removeEventListener('abort', cancel)
      cancel()
    }
  }

/** Runs the jobs of one recording one after the other. */
const createQueues = () => {
  const tails = new Map<string, Promise<void>>()
  return (sid: string, job: () => Promise<void>): void => {
    const tail = (tails.get(sid) ?? Promise.resolve()).then(job)
    tails.set(sid, tail)
    void tail.then(() => {
      if (tails.get(sid) === tail) tails.delete(sid)
    })
  }
}

/** Holds notifications back until the next one of their recording is sent, or until the longest delay has passed. */
const createReorderBuffer = (schedule: Schedule, send: (notification: AgoraNotification) => void) => {
  const buffered = new Map<string, { notification: AgoraNotification; cancel: () => void }[]>()

  const add = (notification: AgoraNotification): void => {
    const { sid } = notification.payload
    const cancel = schedule(MAX_REORDER_DELAY_MS, () => {
      const rest = (buffered.get(sid) ?? []).filter((entry) => entry.notification !== notification)
      if (rest.length > 0) buffered.set(sid, rest)
      else buffered.delete(sid)
      send(notification)
    })
    buffered.set(sid, [...(buffered.get(sid) ?? []), { notification, cancel }])
  }

  const release = (sid: string): void => {
    const entries = buffered.get(sid) ?? []
    buffered.delete(sid)
    for (const { notification, cancel } of entries) {
      cancel()
      send(notification)
    }
  }

  return { add, release }
}

/**
 * Sends notifications as Agora does: the first deliveries of a recording in the order of its events, retries
 * independently at growing intervals, with the same `noticeId` and a new `notifyMs`.
 */
export const createNotifier = (options: NotifierOptions): Notifier => {
  const { clock, faults, log, closing } = options
  let { target } = options
  const schedule = createSchedule(clock, closing)
  const runInOrder = createQueues()

  const logOutcome = (notification: AgoraNotification, outcome: Outcome, detail?: string): void => {
    const { sid, cname } = notification.payload
    const { noticeId, eventType: event } = notification
    log({ type: 'notification', at: clock.now(), sid, cname, event, noticeId, outcome, detail })
  }

  const attempt = async (notification: AgoraNotification, retries: number): Promise<void> => {
    if (closing.aborted) return
    if (!target) return logOutcome(notification, 'noReceiver')
    const failure = await deliver(notification, { target, clock, closing })
    if (closing.aborted) return
    if (failure === null) {
      return logOutcome(notification, 'delivered', retries > 0 ? `on delivery ${retries + 1}` : undefined)
    }
    const delayMs = RETRY_DELAYS_MS[retries]
    if (delayMs === undefined) return logOutcome(notification, 'givenUp', failure)
    logOutcome(notification, 'failed', `${failure}; retry in ${delayMs / 1000} s`)
    schedule(delayMs, () => void attempt(notification, retries + 1))
  }

  const enqueue = (notification: AgoraNotification): void =>
    runInOrder(notification.payload.sid, () => attempt(notification, 0))
  const reorderBuffer = createReorderBuffer(schedule, enqueue)

  return {
    send: (task, request) => {
      const notification = createNotification(task, request, clock.now())
      if (!target) return logOutcome(notification, 'noReceiver')
      const then = faults.takeForNotification(request.event, task)?.then
      if (then === 'drop') return logOutcome(notification, 'dropped')
      if (then === 'reorder') {
        logOutcome(notification, 'reordered', 'will be sent after the next one')
        return reorderBuffer.add(notification)
      }
      if (typeof then === 'object') {
        logOutcome(notification, 'delayed', `by ${then.delay} s`)
        schedule(then.delay * 1000, () => void attempt(notification, 0))
        return
      }
      enqueue(notification)
      if (then === 'double') {
        logOutcome(notification, 'doubled')
        enqueue(notification)
      }
      if (then === 'redundant' || request.redundant) {
        logOutcome(notification, 'doubled', 'with another noticeId')
        enqueue(createRedundant(notification))
      }
      reorderBuffer.release(task.sid)
    },
    setTarget: (next) => {
      target = next
    },
  }
}
