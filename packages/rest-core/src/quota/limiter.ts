import type { CallName } from '../call.ts'
import type { Clock } from '../clock.ts'
import { onAbort } from '../onAbort.ts'
import { createMonotonicTime } from './monotonicTime.ts'
import { createPairs } from './pairs.ts'
import { createPriorityQueue } from './priorityQueue.ts'
import type { QuotaGrant, QuotaRequest } from './quotaTypes.ts'
import { createSlidingWindow } from './slidingWindow.ts'
import { createWakeUp } from './wakeUp.ts'

/** The quota of one App ID. */
export interface Limiter {
  take(request: Omit<QuotaRequest, 'appId'>): Promise<QuotaGrant | 'expired' | 'aborted'>
}

/** Agora counts per second. The 50 ms are added because requests sent a second apart may arrive closer together. */
export const WINDOW_MS = 1050

/** The lowest number is sent first. `paired` is a start whose acquire has reserved a slot for it. */
const PRIORITIES = { paired: 0, stop: 1, update: 2, start: 3, acquire: 4, query: 5, other: 6 } as const

type Priority = (typeof PRIORITIES)[keyof typeof PRIORITIES]

const PRIORITY_OF: Readonly<Partial<Record<CallName, Priority>>> = {
  stop: PRIORITIES.stop,
  update: PRIORITIES.update,
  updateLayout: PRIORITIES.update,
  start: PRIORITIES.start,
  acquire: PRIORITIES.acquire,
  query: PRIORITIES.query,
}

interface QueuedRequest {
  priority: Priority
  /** When the request gives up waiting, in milliseconds. */
  expiresAt: number
  resolve(result: QuotaGrant | 'expired' | 'aborted'): void
}

const GRANTED: QuotaGrant = { release: () => {} }

/** Sends requests in priority order. Its one timer runs only while a request waits, so it keeps no process alive. */
export const createLimiter = (perSecond: number, clock: Clock): Limiter => {
  const time = createMonotonicTime(clock)
  const window = createSlidingWindow(perSecond, WINDOW_MS)
  const pairs = createPairs(Math.max(1, perSecond - 1))
  const queue = createPriorityQueue<QueuedRequest>(Object.values(PRIORITIES))
  const wakeUp = createWakeUp(clock, (at) => dispatch(time.reached(at)))

  const next = (): QueuedRequest | undefined =>
    queue.first(pairs.hasCapacity() ? undefined : PRIORITIES.acquire)

  const finish = (queued: QueuedRequest, result: QuotaGrant | 'expired' | 'aborted'): void => {
    queue.delete(queued)
    if (queued.priority === PRIORITIES.paired) pairs.startDone()
    queued.resolve(result)
  }

  const acquireGrant = (): QuotaGrant => {
    pairs.acquireSent()
    let released = false
    return {
      release: (resourceId) => {
        if (released) return
        released = true
        const answeredAt = time.now()
        pairs.acquireAnswered(resourceId, answeredAt)
        dispatch(answeredAt)
      },
    }
  }

  /** Grants what may be sent now, and sets the timer for the rest. */
  const dispatch = (now: number): void => {
    const pairExpiry = pairs.nextExpiry(now)
    for (let queued = next(); queued !== undefined && window.freeAt() <= now; queued = next()) {
      window.charge(now)
      finish(queued, queued.priority === PRIORITIES.acquire ? acquireGrant() : GRANTED)
    }
    for (const queued of queue.expired(now)) finish(queued, 'expired')
    // If next() is empty, only acquires are queued, and they wait for a pair to end, not for the window.
    const sendableAt = next() === undefined ? (pairExpiry ?? Number.POSITIVE_INFINITY) : window.freeAt()
    if (queue.isEmpty()) wakeUp.cancel()
    else wakeUp.setFor(Math.min(sendableAt, queue.nextExpiry()), now)
  }

  const take: Limiter['take'] = ({ call, resourceId, signal, maxWaitMs = Number.POSITIVE_INFINITY }) => {
    if (signal?.aborted) return Promise.resolve('aborted')
    const now = time.now()
    const isPaired = call === 'start' && pairs.claimStart(resourceId, now)
    const priority = isPaired ? PRIORITIES.paired : (PRIORITY_OF[call] ?? PRIORITIES.other)
    return new Promise((resolve) => {
      const queued: QueuedRequest = {
        priority,
        expiresAt: now + maxWaitMs,
        resolve: (result) => {
          forget?.()
          resolve(result)
        },
      }
      const forget =
        signal &&
        onAbort(signal, () => {
          finish(queued, 'aborted')
          dispatch(time.now())
        })
      queue.add(queued)
      dispatch(now)
    })
  }

  return { take }
}
