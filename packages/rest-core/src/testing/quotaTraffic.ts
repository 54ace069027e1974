import type { CallName } from '../call.ts'
import type { Quota, QuotaGrant } from '../quota/quotaTypes.ts'
import type { SteppedClock } from './steppedClock.ts'

/** One caller: requests at `atMs`. A successful acquire is followed by its start. */
export interface Arrival {
  atMs: number
  call: CallName
  /** Milliseconds until the request is answered. */
  answerMs: number
  /** Of an acquire: whether it succeeds, and the milliseconds that its caller waits before start. */
  succeeds: boolean
  startDelayMs: number
}

/** One request that was sent. */
export interface GrantedRequest {
  call: CallName
  requestedAt: number
  sentAt: number
  /** Order in which it was requested. */
  number: number
  /** Of a start after an acquire: when acquire was answered. */
  answeredAt?: number
}

/** Runs all callers until the last request has been sent. */
export const runTraffic = async (
  clock: SteppedClock,
  quota: Quota,
  arrivals: readonly Arrival[],
): Promise<GrantedRequest[]> => {
  const granted: GrantedRequest[] = []
  let requested = 0
  const send = async (call: CallName, resourceId?: string, answeredAt?: number): Promise<QuotaGrant> => {
    const number = requested++
    const requestedAt = clock.now()
    const grant = await quota.take({ appId: 'app1', call, resourceId })
    if (typeof grant === 'string') throw new Error(`a request without a limit was ${grant}`)
    granted.push({ call, requestedAt, sentAt: clock.now(), number, answeredAt })
    return grant
  }
  const runCaller = async (arrival: Arrival, index: number): Promise<void> => {
    await clock.sleep(arrival.atMs)
    const grant = await send(arrival.call)
    await clock.sleep(arrival.answerMs)
    const answeredAt = clock.now()
    const isPaired = arrival.call === 'acquire' && arrival.succeeds
    grant.release(isPaired ? `resource${index}` : undefined)
    if (!isPaired) return
    await clock.sleep(arrival.startDelayMs)
    const start = await send('start', `resource${index}`, answeredAt)
    start.release()
  }
  let done = 0
  const all = arrivals.map((arrival, index) => runCaller(arrival, index).finally(() => done++))
  while (done < all.length) await clock.advance(1000)
  await Promise.all(all)
  return granted
}
