import type { FaultRegistry } from '../faults/faultRegistry.ts'
import type { EmulatorClock, EmulatorLogEntry, NotificationTarget, NotifiedEvent } from '../types.ts'
import { deliver } from './deliver.ts'
import { type AgoraNotification, createNotification } from './notification.ts'

/** Waits before the second, third and fourth delivery. Agora says only that they grow. */
export const RETRY_DELAYS_MS: readonly number[] = [5_000, 15_000, 45_000]

/** A notification that is to be overtaken goes after the next one, or after this long if there is none. */
export const REORDER_LIMIT_MS = 5_000

export interface NotifierOptions {
  clock: EmulatorClock
  faults: FaultRegistry
  target: NotificationTarget | null
  log: (event: EmulatorLogEntry) => void
  closing: AbortSignal
}

type Outcome = Extract<EmulatorLogEntry, { type: 'notification' }>['outcome']

export interface Notifier {
  send(
    task: { cname: string; uid: string; sid: string },
    event: NotifiedEvent,
    sequence: number,
    details: Record<string, unknown>,
  ): void
  setTarget(target: NotificationTarget | null): void
}

/**
 * Sends notifications as Agora does: the first delivery of each in the order of the events of its recording, further
 * ones on their own at growing intervals, with the same `noticeId` and a new `notifyMs`.
 */
export const createNotifier = ({ clock, faults, target: first, log, closing }: NotifierOptions): Notifier => {
  let target = first
  /** The end of each recording's queue of first deliveries. */
  const queues = new Map<string, Promise<void>>()
  /** Those held back by a `reorder` fault, by recording. */
  const held = new Map<string, { notice: AgoraNotification; cancel: () => void }[]>()

  const tell = (notice: AgoraNotification, outcome: Outcome, detail?: string): void => {
    const { sid, cname } = notice.payload
    const { noticeId, eventType: event } = notice
    log({ type: 'notification', at: clock.now(), sid, cname, event, noticeId, outcome, detail })
  }

  const attempt = async (notice: AgoraNotification, tries: number): Promise<void> => {
    if (closing.aborted) return
    if (!target) return tell(notice, 'noReceiver')
    const failure = await deliver(notice, target, clock, closing)
    if (closing.aborted) return
    if (failure === null) return tell(notice, 'delivered', tries > 0 ? `at delivery ${tries + 1}` : undefined)
    const delayMs = RETRY_DELAYS_MS[tries]
    if (delayMs === undefined) return tell(notice, 'givenUp', failure)
    tell(notice, 'failed', `${failure}; again in ${delayMs / 1000} s`)
    later(delayMs, () => void attempt(notice, tries + 1))
  }

  const later = (delayMs: number, run: () => void): (() => void) => {
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

  const enqueue = (notice: AgoraNotification): void => {
    const { sid } = notice.payload
    const tail = (queues.get(sid) ?? Promise.resolve()).then(() => attempt(notice, 0))
    queues.set(sid, tail)
    void tail.then(() => {
      if (queues.get(sid) === tail) queues.delete(sid)
    })
  }

  const hold = (notice: AgoraNotification): void => {
    const { sid } = notice.payload
    const cancel = later(REORDER_LIMIT_MS, () => {
      const rest = (held.get(sid) ?? []).filter((entry) => entry.notice !== notice)
      if (rest.length > 0) held.set(sid, rest)
      else held.delete(sid)
      enqueue(notice)
    })
    held.set(sid, [...(held.get(sid) ?? []), { notice, cancel }])
  }

  const release = (sid: string): void => {
    const waiting = held.get(sid) ?? []
    held.delete(sid)
    for (const { notice, cancel } of waiting) {
      cancel()
      enqueue(notice)
    }
  }

  return {
    send: (task, event, sequence, details) => {
      const notice = createNotification(task, event, sequence, details, clock.now())
      if (!target) return tell(notice, 'noReceiver')
      const then = faults.takeForNotification(event, task)?.then
      if (then === 'drop') return tell(notice, 'dropped')
      if (then === 'reorder') {
        tell(notice, 'reordered', 'goes after the next one')
        return hold(notice)
      }
      if (typeof then === 'object') {
        tell(notice, 'delayed', `by ${then.delay} s`)
        later(then.delay * 1000, () => void attempt(notice, 0))
        return
      }
      enqueue(notice)
      if (then === 'double') {
        tell(notice, 'doubled')
        enqueue(notice)
      }
      release(task.sid)
    },
    setTarget: (next) => {
      target = next
    },
  }
}
