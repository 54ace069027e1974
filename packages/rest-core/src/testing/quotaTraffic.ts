import type { CallName } from '../call.ts'
import type { Quota, QuotaGrant } from '../quota/quota.ts'
import type { SteppedClock } from './steppedClock.ts'

/** One caller: asks at a moment; an acquire is answered after a while and followed by its start. */
export interface Arrival {
  atMs: number
  call: CallName
  /** How long the request takes. */
  answerMs: number
  /** acquire: whether it succeeds, and how long its caller thinks before start. */
  succeeds: boolean
  thinkMs: number
}

/** One request that left. */
export interface Departure {
  call: CallName
  askedAt: number
  leftAt: number
  /** Order of asking. */
  number: number
  /** start after an acquire: when that was answered. */
  answeredAt?: number
}

/** Lets all of them ask, each at its time, until the last has left. */
export const runTraffic = async (
  clock: SteppedClock,
  quota: Quota,
  arrivals: readonly Arrival[],
): Promise<Departure[]> => {
  const departures: Departure[] = []
  let asked = 0
  const leave = async (call: CallName, resourceId?: string, answeredAt?: number): Promise<QuotaGrant> => {
    const number = asked++
    const askedAt = clock.now()
    const grant = await quota.take({ appId: 'app1', call, resourceId })
    if (typeof grant === 'string') throw new Error(`a wish without a limit was ${grant}`)
    departures.push({ call, askedAt, leftAt: clock.now(), number, answeredAt })
    return grant
  }
  const one = async (arrival: Arrival, index: number): Promise<void> => {
    await clock.sleep(arrival.atMs)
    const grant = await leave(arrival.call)
    await clock.sleep(arrival.answerMs)
    const answeredAt = clock.now()
    const paired = arrival.call === 'acquire' && arrival.succeeds
    grant.settle(paired ? `resource${index}` : undefined)
    if (!paired) return
    await clock.sleep(arrival.thinkMs)
    const start = await leave('start', `resource${index}`, answeredAt)
    start.settle()
  }
  let ended = 0
  const all = arrivals.map((arrival, index) => one(arrival, index).finally(() => ended++))
  while (ended < all.length) await clock.advance(1000)
  await Promise.all(all)
  return departures
}
