import type { CallName } from '../call.ts'
import type { Clock } from '../clock.ts'
import { createPairs } from './pairs.ts'
import type { QuotaGrant, QuotaWish } from './quota.ts'
import { createSlidingWindow } from './slidingWindow.ts'
import { createSteadyTime } from './steadyTime.ts'

/** The quota of one App ID. */
export interface Gate {
  take(wish: Omit<QuotaWish, 'appId'>): Promise<QuotaGrant | 'expired' | 'aborted'>
}

/** A second, and 50 ms because requests that leave a second apart may arrive closer together. */
export const WINDOW_MS = 1050

/** Who leaves first: the lowest. `paired` is a start whose acquire has reserved its place. */
const RANKS = { paired: 0, stop: 1, start: 2, acquire: 3, query: 4, other: 5 } as const

type Rank = (typeof RANKS)[keyof typeof RANKS]

const RANK_OF: Readonly<Partial<Record<CallName, Rank>>> = {
  stop: RANKS.stop,
  start: RANKS.start,
  acquire: RANKS.acquire,
  query: RANKS.query,
}

interface Waiting {
  rank: Rank
  /** When it has waited long enough. */
  until: number
  end(outcome: QuotaGrant | 'expired' | 'aborted'): void
}

const granted: QuotaGrant = { settle: () => {} }

/**
 * One gate: whoever wants to pass waits in the queue of its rank. There is one alarm, set only while someone
 * waits, so an idle gate keeps no process alive.
 */
export const createGate = (perSecond: number, clock: Clock): Gate => {
  const time = createSteadyTime(clock)
  const sent = createSlidingWindow(perSecond, WINDOW_MS)
  const pairs = createPairs(perSecond)
  const queues: readonly Set<Waiting>[] = Object.values(RANKS).map(() => new Set())
  let alarm: { at: number; cancel: AbortController } | undefined
  // Not later than the first of all `until`.
  let nextExpiry = Number.POSITIVE_INFINITY

  const first = (): Waiting | undefined => {
    for (const [rank, queue] of queues.entries()) {
      if (queue.size > 0 && (rank !== RANKS.acquire || pairs.vacant())) return queue.values().next().value
    }
    return undefined
  }

  const leave = (waiting: Waiting, outcome: QuotaGrant | 'expired' | 'aborted'): void => {
    queues[waiting.rank]?.delete(waiting)
    if (waiting.rank === RANKS.paired) pairs.close()
    waiting.end(outcome)
  }

  const expire = (now: number): void => {
    nextExpiry = Number.POSITIVE_INFINITY
    for (const waiting of queues.flatMap((queue) => [...queue])) {
      if (waiting.until <= now) leave(waiting, 'expired')
      else nextExpiry = Math.min(nextExpiry, waiting.until)
    }
  }

  const grant = (waiting: Waiting, now: number): void => {
    sent.charge(now)
    leave(waiting, waiting.rank === RANKS.acquire ? openPair() : granted)
  }

  const openPair = (): QuotaGrant => {
    pairs.open()
    let settled = false
    const settle = (resourceId?: string): void => {
      if (settled) return
      settled = true
      const answeredAt = time.now()
      pairs.answered(resourceId, answeredAt)
      pump(answeredAt)
    }
    return { settle }
  }

  /** Lets through who may pass now, and sets the alarm for the others. */
  const pump = (now: number): void => {
    const lapse = pairs.lapseAt(now)
    while (sent.freeAt() <= now) {
      const next = first()
      if (next === undefined) break
      grant(next, now)
    }
    if (now >= nextExpiry) expire(now)
    // If nobody is first, only acquires wait, and not for a place in the window but for a pair to end.
    const passAt = first() === undefined ? (lapse ?? Number.POSITIVE_INFINITY) : sent.freeAt()
    if (queues.every((queue) => queue.size === 0)) setAlarm(Number.POSITIVE_INFINITY)
    else setAlarm(Math.min(passAt, nextExpiry), now)
  }

  const setAlarm = (at: number, now = at): void => {
    if (alarm?.at === at) return
    alarm?.cancel.abort()
    alarm = undefined
    if (at === Number.POSITIVE_INFINITY) return
    const mine = { at, cancel: new AbortController() }
    alarm = mine
    const ring = (): void => {
      if (alarm !== mine) return
      alarm = undefined
      pump(time.reached(at))
    }
    // A sleep ends early only by `cancel`, and then the alarm is another one.
    clock.sleep(Math.ceil(at - now), mine.cancel.signal).then(ring, ring)
  }

  const take: Gate['take'] = ({ call, resourceId, signal, maxWaitMs = Number.POSITIVE_INFINITY }) => {
    if (signal?.aborted) return Promise.resolve('aborted')
    const now = time.now()
    const paired = call === 'start' && pairs.claim(resourceId, now)
    const rank = paired ? RANKS.paired : (RANK_OF[call] ?? RANKS.other)
    return new Promise((resolve) => {
      const onAbort = (): void => {
        leave(waiting, 'aborted')
        pump(time.now())
      }
      const end: Waiting['end'] = (outcome) => {
        signal?.removeEventListener('abort', onAbort)
        resolve(outcome)
      }
      const waiting: Waiting = { rank, until: now + maxWaitMs, end }
      signal?.addEventListener('abort', onAbort)
      queues[rank]?.add(waiting)
      nextExpiry = Math.min(nextExpiry, waiting.until)
      pump(now)
    })
  }

  return { take }
}
