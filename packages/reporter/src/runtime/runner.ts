import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Store } from '../store/store.ts'
import type { StoredEffect } from '../store/types.ts'
import { type Every, every } from './clock.ts'
import type { EffectContext, RunEffect } from './effects/context.ts'
import { query, routineQuery } from './effects/query.ts'
import { start } from './effects/start.ts'
import { stop } from './effects/stop.ts'
import { update } from './effects/update.ts'

/** The one road out: claims stored effects and carries them out. */
export interface Runner {
  /** Effects may be waiting. */
  poke(): void
  start(): Promise<void>
  /**
   * Claims nothing more, and gives what is under way some time to end, 6 s by default. What has not ended then
   * stays in the store, and the next process takes it up as after a crash.
   */
  stop(patienceMs?: number): Promise<void>
  /** Resolves when nothing waits and nothing is under way. For tests. */
  idle(): Promise<void>
}

const RUN: Record<StoredEffect['kind'], RunEffect> = { query, routineQuery, start, stop, update }

/** Effects that wait for each other only: no queue of queries, however long, holds up a start or a stop. */
interface Lane {
  kinds: readonly StoredEffect['kind'][]
  /** So many are under way at once. */
  most: number
  running: Set<Promise<void>>
}

/** Together fewer than the sockets a small machine has; the quota has the last word on when each is sent. */
const lanesFor = (qps: number): Lane[] => [
  { kinds: ['start', 'stop', 'update'], most: 16, running: new Set() },
  { kinds: ['query'], most: 8, running: new Set() },
  // Those wait in the quota's queue before an urgent one that comes later: no more than can use up the quota when
  // Agora answers within half a second.
  { kinds: ['routineQuery'], most: Math.ceil(qps / 2), running: new Set() },
]

/**
 * In milliseconds: longer than the slowest start, in which every host hangs and every documented wait is waited. What
 * a process that died had claimed is not held up by it: the next one on the same SQLite file frees it.
 */
const LEASE_MS = 1_800_000
/** Before an effect that broke down is tried again, in milliseconds. */
const BREAKDOWN_MS = 5000
/** Looks for effects that were given back, in milliseconds. */
const POLL_MS = 1000
/** For what is under way at the end, in milliseconds: container platforms kill after 10 s. */
const STOP_PATIENCE_MS = 6000

export const createRunner = (
  store: Store,
  context: EffectContext,
  log: Logger,
  repeat: Every = every,
): Runner => {
  const lanes = lanesFor(context.config.agora.qps)
  /** Effects that broke down when the store did not answer: they are given back as soon as it does. */
  const stranded = new Set<number>()
  let accepting = false
  let claiming: Promise<void> | undefined
  let again = false
  let endPolling = (): void => {}

  const run = async (effect: StoredEffect): Promise<void> => {
    try {
      await RUN[effect.kind](effect, context)
    } catch (err) {
      const { recordingId, attempt, kind } = effect
      log.error({ err, recordingId, attempt, kind }, 'an effect broke down: it is tried again')
      stranded.add(effect.id)
      await giveBack()
    }
  }

  const giveBack = async (): Promise<void> => {
    for (const id of stranded) {
      await store.releaseEffect(id, context.clock.now() + BREAKDOWN_MS)
      stranded.delete(id)
    }
  }

  const launch = (effect: StoredEffect, { running }: Lane): void => {
    const done = run(effect)
      .catch((err: unknown) => log.error({ err }, 'an effect could not be given back: again in a moment'))
      .finally(() => {
        running.delete(done)
        poke()
      })
    running.add(done)
  }

  const claimFor = async (lane: Lane): Promise<void> => {
    const { kinds, most, running } = lane
    const limit = most - running.size
    if (!accepting || limit <= 0) return
    const claimed = await store.claimEffects(context.clock.now(), { kinds, limit, leaseMs: LEASE_MS })
    for (const effect of claimed) launch(effect, lane)
  }

  const claim = async (): Promise<void> => {
    do {
      again = false
      await giveBack()
      for (const lane of lanes) await claimFor(lane)
    } while (again)
  }

  const poke = (): void => {
    again = true
    claiming ??= claim()
      .catch((err: unknown) => log.error({ err }, 'effects could not be claimed: again in a moment'))
      .finally(() => {
        claiming = undefined
        // A poke that came after the last look, and before this moment, must not wait for the next poll.
        if (again && accepting) poke()
      })
  }

  const idle = async (): Promise<void> => {
    const underWay = (): Promise<void>[] => lanes.flatMap(({ running }) => [...running])
    while (claiming || underWay().length > 0) await Promise.all([claiming, ...underWay()])
  }

  return {
    poke,
    start: async () => {
      await store.releaseClaims()
      accepting = true
      endPolling = repeat(POLL_MS, poke)
      poke()
    },
    stop: async (patienceMs = STOP_PATIENCE_MS) => {
      accepting = false
      endPolling()
      const ended = new AbortController()
      const patience = sleep(patienceMs, undefined, { signal: ended.signal }).catch(() => {})
      await Promise.race([idle(), patience])
      ended.abort()
    },
    idle,
  }
}
