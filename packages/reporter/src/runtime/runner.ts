import type { Logger } from 'pino'
import type { Store } from '../store/store.ts'
import type { StoredEffect } from '../store/types.ts'
import { createClaimLoop } from './claimLoop.ts'
import type { Every } from './clock.ts'
import { type EffectContext, InterruptedError, type RunEffect } from './effects/context.ts'
import { query, routineQuery } from './effects/query.ts'
import { start } from './effects/start.ts'
import { stop } from './effects/stop.ts'
import { update } from './effects/update.ts'
import { createTurns } from './serial.ts'

/** The only way out: claims stored effects and carries them out. */
export interface Runner {
  /** To be called when there may be effects to claim. */
  poke(): void
  start(): Promise<void>
  /**
   * Claims no more effects, ends those that wait for a retry or for the quota, and waits for the answers to the requests
   * that have been sent. Effects that have not ended by then stay in the store, and the next process carries them out as
   * after a crash.
   * @param timeoutMs 6000 by default
   */
  stop(timeoutMs?: number): Promise<void>
  /** Resolves when no effect is claimed or running. For tests. */
  idle(): Promise<void>
}

export interface RunnerOptions {
  store: Store
  context: Omit<EffectContext, 'ending' | 'takeTurn'>
  log: Logger
  repeat?: Every
}

const RUN: Record<StoredEffect['kind'], RunEffect> = { query, routineQuery, start, stop, update }

/** Effects in different lanes never wait for each other, so no queue of starts or queries delays a stop. */
interface Lane {
  kinds: readonly StoredEffect['kind'][]
  maxRunning: number
  running: Set<Promise<void>>
}

/**
 * In total fewer than the sockets of a small machine. The quota decides when each request is sent: it prefers stops and
 * updates, but can do so only if they are in its queue, so starts must not hold them up here.
 *
 * An effect tries each of Agora's hosts once, with 1, 3 and 6 s between them, when a gateway or a proxy answers in Agora's
 * place or no answer comes. Then it holds its place for up to 10 s and the tries' timeouts, and so would every other effect of the
 * lane. What Agora's service answers, and a 2xx that is not of its form, ends the effect; the supervisor retries later.
 */
const lanesFor = (qps: number): Lane[] => [
  { kinds: ['stop'], maxRunning: 16, running: new Set() },
  { kinds: ['update'], maxRunning: 8, running: new Set() },
  { kinds: ['start'], maxRunning: 16, running: new Set() },
  { kinds: ['query'], maxRunning: 8, running: new Set() },
  // A routine query in the quota's queue delays urgent ones that come later. This many use up the quota if Agora answers
  // within half a second.
  { kinds: ['routineQuery'], maxRunning: Math.ceil(qps / 2), running: new Set() },
]

/**
 * Longer than the slowest start, in which every host hangs and every documented wait is used up. The claims of a process
 * that died do not last this long: the next process on the same SQLite file releases them.
 */
const LEASE_MS = 1_800_000
/** Before a failed effect is retried. */
const RETRY_DELAY_MS = 5000

export const createRunner = ({ store, context, log, repeat }: RunnerOptions): Runner => {
  const lanes = lanesFor(context.config.agora.qps)
  const end = new AbortController()
  const effectContext = { ...context, takeTurn: createTurns(), ending: end.signal }
  const effectRunner = createEffectRunner({ store, context: effectContext, log })

  /** A wall clock that steps forward ends the lease of an effect that still runs, and it is claimed again. */
  const runningIds = new Set<number>()

  const launch = (effect: StoredEffect, { running }: Lane): void => {
    runningIds.add(effect.id)
    const done = effectRunner.run(effect).finally(() => {
      running.delete(done)
      runningIds.delete(effect.id)
      loop.poke()
    })
    running.add(done)
  }

  const claimFor = async (lane: Lane): Promise<void> => {
    const { kinds, maxRunning, running } = lane
    const limit = maxRunning - running.size
    if (limit <= 0) return
    const claimed = await store.claimEffects(context.clock.now(), { kinds, limit, leaseMs: LEASE_MS })
    for (const effect of claimed) if (!runningIds.has(effect.id)) launch(effect, lane)
  }

  const loop = createClaimLoop({
    claim: async () => {
      await effectRunner.releaseFailed()
      for (const lane of lanes) if (loop.isAccepting()) await claimFor(lane)
    },
    onError: (err) => log.error({ err }, 'effects could not be claimed, will retry'),
    running: () => lanes.flatMap((lane) => [...lane.running]),
    repeat,
  })

  return {
    poke: loop.poke,
    start: async () => {
      await store.releaseClaims()
      loop.begin()
    },
    stop: (timeoutMs) => {
      end.abort()
      return loop.end(timeoutMs)
    },
    idle: loop.idle,
  }
}

interface EffectRunner {
  /** Never rejects. A failed effect is logged, and released to be retried. */
  run(effect: StoredEffect): Promise<void>
  /** Releases the failed effects that the store could not release before. */
  releaseFailed(): Promise<void>
}

const createEffectRunner = ({
  store,
  context,
  log,
}: Pick<RunnerOptions, 'store' | 'log'> & { context: EffectContext }): EffectRunner => {
  /** Ids of failed effects that have not been released, because the store failed as well. */
  const pendingReleases = new Set<number>()

  const releaseFailed = async (): Promise<void> => {
    for (const id of pendingReleases) {
      await store.releaseEffect(id, context.clock.now() + RETRY_DELAY_MS)
      pendingReleases.delete(id)
    }
  }

  return {
    run: async (effect) => {
      try {
        await RUN[effect.kind](effect, context)
      } catch (err) {
        // Its claim ends with the process.
        if (err instanceof InterruptedError) return
        const { recordingId, attempt, kind } = effect
        log.error({ err, recordingId, attempt, kind }, 'effect failed, will retry')
        pendingReleases.add(effect.id)
        await releaseFailed().catch((error: unknown) =>
          log.error({ err: error }, 'failed effects could not be released, will retry'),
        )
      }
    },
    releaseFailed,
  }
}
