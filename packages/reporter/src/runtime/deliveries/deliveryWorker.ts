import type { Logger } from 'pino'
import type { Destination } from '../../destinations.ts'
import type { ClaimedDelivery, StoredDestination } from '../../store/deliveryOperations.ts'
import type { Store } from '../../store/store.ts'
import { createClaimLoop } from '../claimLoop.ts'
import type { Clock, Every } from '../clock.ts'
import { createGate, type Gate, type Slots } from './gate.ts'
import { type OutageAnnouncer, REPORTER } from './outageAnnouncer.ts'
import type { Outbox } from './outbox.ts'
import type { Send } from './send.ts'
import { createTries, type Tries } from './tries.ts'

/** Sends deliveries: at least once, and those of one recording to one destination in their order. */
export interface DeliveryWorker {
  /** To be called when there may be deliveries to send. */
  poke(): void
  /** To be called when a person asks for something to be sent to a destination now, even if it is down. */
  hasten(name: string): void
  start(): Promise<void>
  /**
   * Sends nothing more, and waits for the answers to what has been sent. What has no answer by then is sent again by the
   * next process.
   * @param timeoutMs 6000 by default
   */
  stop(timeoutMs?: number): Promise<void>
  /** Resolves when nothing is claimed or being sent. For tests. */
  idle(): Promise<void>
  /** Whether the destination with this name is being probed because it does not answer. */
  isDown(name: string): boolean
}

export interface DeliveryWorkerOptions {
  store: Store
  clock: Clock
  log: Logger
  destinations: readonly Destination[]
  /** The name of this reporter, for people who have several. */
  installation: string
  outbox: Outbox
  /** Whatever it announces is sent with the rest. */
  announcer?: OutageAnnouncer
  send: Send
  /** Uniform in [0, 1). */
  random?: () => number
  repeat?: Every
}

/** Longer than a try and the storing of its result. */
const LEASE_MS = 60_000

/** Destinations never wait for each other. */
interface Lane {
  destination: Destination
  gate: Gate
  tries: Tries
  /** By the id of the delivery. */
  running: Map<string, { delivery: ClaimedDelivery; done: Promise<void> }>
}

export const createDeliveryWorker = (options: DeliveryWorkerOptions): DeliveryWorker => {
  const { store, clock, log, destinations, send } = options
  const lanes = destinations.map((destination): Lane => {
    const gate = createGate()
    return { destination, gate, tries: createTries({ ...options, destination, gate }), running: new Map() }
  })

  const launch = ({ tries, running }: Lane, delivery: ClaimedDelivery): void => {
    const done = tries.run(delivery).finally(() => {
      running.delete(delivery.id)
      loop.poke()
    })
    running.set(delivery.id, { delivery, done })
  }

  const claimSome = async (
    lane: Lane,
    retrying: boolean,
    { limit, isProbe }: { limit: number; isProbe: boolean },
  ): Promise<number> => {
    if (limit <= 0) return 0
    const { name } = lane.destination
    const claimed = await store.claimDeliveries(clock.now(), {
      ...{ destination: name, retrying, limit, leaseMs: LEASE_MS },
      // The newest is the likeliest to be accepted if only some recordings are refused.
      newestFirst: isProbe && !retrying,
      evenIfNotDue: isProbe,
    })
    let launched = 0
    for (const delivery of claimed) {
      const running = lane.running.get(delivery.id)
      // A wall clock that steps forward ends the lease of a delivery that is still being sent: its result counts all the same.
      if (running) running.delivery.claimedUntil = delivery.claimedUntil
      else launch(lane, delivery)
      launched += running ? 0 : 1
    }
    return launched
  }

  const claimFor = async (lane: Lane): Promise<void> => {
    const { fresh, retries, isProbe } = slotsOf(lane, clock.elapsed())
    const claimed = await claimSome(lane, false, { limit: fresh, isProbe })
    if (isProbe && claimed > 0) return
    await claimSome(lane, true, { limit: retries, isProbe })
  }

  const loop = createClaimLoop({
    claim: async () => {
      await options.announcer?.check()
      const stored = await store.readDestinations()
      for (const lane of lanes) {
        if (loop.isAccepting() && !isPaused(stored, lane.destination)) await claimFor(lane)
      }
    },
    onError: (err) => log.error({ err }, 'deliveries could not be claimed, will retry'),
    running: () => lanes.flatMap((lane) => [...lane.running.values()].map(({ done }) => done)),
    repeat: options.repeat,
  })

  return {
    poke: loop.poke,
    hasten: (name) => {
      for (const { destination, gate } of lanes) if (destination.name === name) gate.hasten()
      loop.poke()
    },
    start: async () => {
      await warnOfOthers(options)
      await forgetCausesOfOthers(options)
      if (lanes.length === 0) return
      await store.releaseDeliveryClaims()
      loop.begin()
    },
    stop: async (timeoutMs) => {
      await loop.end(timeoutMs)
      send.close()
    },
    idle: loop.idle,
    isDown: (name) => lanes.some(({ destination, gate }) => destination.name === name && gate.isDown()),
  }
}

/** What waits for a destination that the configuration no longer has, or has under another name. */
const warnOfOthers = async ({ store, log, destinations }: DeliveryWorkerOptions): Promise<void> => {
  for (const { destination, pending } of await store.readBacklog()) {
    if (pending === 0 || destinations.some(({ name }) => name === destination)) continue
    const message = `${pending} deliveries wait for ${destination}, which DELIVERIES does not have: they are kept for RETENTION_DAYS`
    log.warn({ destination, pending }, message)
  }
}

/** The end of a cause is not announced to them. It would count as held when they are for people again. */
const forgetCausesOfOthers = ({ store, destinations }: DeliveryWorkerOptions): Promise<void> => {
  const forPeople = destinations.filter(({ preset }) => preset !== 'standard')
  return store.forgetCauses({ except: [REPORTER, ...forPeople.map(({ name }) => name)] })
}

const isPaused = (stored: readonly StoredDestination[], { name }: Destination): boolean =>
  stored.some((each) => each.name === name && each.pausedAt !== null)

const slotsOf = ({ gate, running }: Lane, elapsed: number): Slots => {
  const retries = [...running.values()].filter(({ delivery }) => delivery.tries > 0).length
  return gate.slots(elapsed, { fresh: running.size - retries, retries })
}
