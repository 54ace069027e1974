import { createLog } from '../../../packages/reporter/src/log.ts'
import { createDowntimeWatch } from '../../../packages/reporter/src/runtime/downtimeWatch.ts'
import type { EffectContext } from '../../../packages/reporter/src/runtime/effects/context.ts'
import { createEngine, type Engine } from '../../../packages/reporter/src/runtime/engine.ts'
import { createHeartbeatBuffer } from '../../../packages/reporter/src/runtime/heartbeatBuffer.ts'
import { createIngressWatch } from '../../../packages/reporter/src/runtime/ingressWatch.ts'
import { createRunner } from '../../../packages/reporter/src/runtime/runner.ts'
import { createSweep } from '../../../packages/reporter/src/runtime/sweep.ts'
import type { Store } from '../../../packages/reporter/src/store/store.ts'
import type { Cutoffs } from '../../../packages/reporter/src/store/types.ts'
import { withAttempts } from '../../../packages/reporter/src/supervisor/attempts.ts'
import type { Recording } from '../../../packages/reporter/src/supervisor/recording.ts'
import type { Signal } from '../../../packages/reporter/src/supervisor/signal.ts'
import type { TimelineEntry } from '../../../packages/reporter/src/supervisor/timeline.ts'
import type { Memory } from '../../../packages/reporter/src/testing/memoryStore.ts'
import type { Network } from '../environment/network.ts'
import type { Kit } from '../kit.ts'
import type { Random } from '../random.ts'
import type { VirtualTime } from '../virtualTime.ts'
import { createSimulatedClient } from './client.ts'
import { createInbox, type NoAnswer } from './inbox.ts'
import { createLifecycle } from './lifecycle.ts'
import { createProcessStore } from './processStore.ts'
import { createSweepTimer } from './sweepTimer.ts'

/** A decision that was stored. */
export interface Commit {
  at: number
  /** By the reporter's clock, as the times in a recording are. */
  wallAt: number
  before: Recording
  signal: Signal
  /** With the attempts that settled by this decision. */
  after: Recording
  timeline: TimelineEntry[]
}

export interface ProcessWorld {
  time: VirtualTime
  /** The store's contents, which outlive the process. */
  memory: Memory
  network: Network
  kit: Kit
  random: Random
  onCommit(commit: Commit): void
  /** Removes what is older than this every ten minutes, in milliseconds; null: keeps everything. */
  retentionMs: number | null
  /** The process has died: it was killed, or could not start. */
  onDeath(): void
}

/** The parts of a process that answer requests. */
export interface Running {
  engine: Engine
  store: Store
}

/** One process of the reporter: its real parts, without sockets. */
export interface Process {
  request<T>(job: (running: Running) => Promise<T>): Promise<T | NoAnswer>
  /** Dies at this step, counted from now; null cancels that. A step is the beginning or end of a store verb or request. */
  killAt(step: number | null): void
  suspend(): void
  /** @returns how many milliseconds the process was suspended; 0 if it was not */
  resume(): number
  /** The store rejects every call, or every write of a recording, until `repairStore`. */
  breakStore(how: 'locked' | 'conflict'): void
  /** @returns for how many milliseconds the store rejected every call; 0 if it did not */
  repairStore(): number
  /** Sets the timer of the next sweep. To be called after each event. */
  scheduleSweep(): void
}

const LOG = createLog('silent')
/** The interval and the batch of `runtime/retention.ts`. */
const PRUNE_INTERVAL_MS = 600_000
const PRUNE_BATCH = 500

const CONFIG: EffectContext['config'] = {
  secrets: ['secret'],
  agora: { qps: 10 },
}

const CREDENTIALS: EffectContext['credentials'] = {
  storageOf: async () => ({ vendor: 1, region: 0, bucket: 'b', accessKey: 'k', secretKey: 's' }),
}

/** Of channels: they are joined without a token. */
const TOKENS: EffectContext['tokens'] = { accessFor: async () => ({}) }

export const startProcess = (world: ProcessWorld): Process => {
  const { time, memory, kit } = world
  const connection = memory.connect()
  const lifecycle = createLifecycle(time, () => {
    connection.disconnect()
    inbox.abort()
    world.onDeath()
  })
  /** By the recording that is saved. */
  const decided = new WeakMap<Recording, Commit>()
  const processStore = createProcessStore({
    ...{ connection, lifecycle, kit },
    onSaved: (recording) => {
      const commit = decided.get(recording)
      if (commit) world.onCommit(commit)
    },
  })
  const { store } = processStore
  const onDecision = (recording: Recording, commit: Commit): void => {
    decided.set(recording, commit)
  }
  const { engine, downtimes, runner, sweep, pollEffects } = assemble(world, {
    lifecycle,
    store,
    onDecision,
  })
  const sweepTimer = createSweepTimer({
    ...{ memory, time, lifecycle, pollEffects },
    sweepOnce: () => sweep.runOnce(),
    isStoreBroken: processStore.isBroken,
  })
  const inbox = createInbox(time, lifecycle, sweepTimer.onRequest)

  /** `runtime/retention.ts` without its pauses, which are real time. */
  const pruneRegularly = (): void => {
    const { retentionMs } = world
    if (retentionMs === null) return
    lifecycle.after(PRUNE_INTERVAL_MS, async () => {
      const now = time.wallNow()
      const before = now - retentionMs
      await pruneAll(store, { now, before, deliveriesBefore: before, notificationsBefore: before }).catch(
        () => {},
      )
      pruneRegularly()
    })
  }
  const boot = async (): Promise<void> => {
    try {
      await downtimes.begin()
      await runner.start()
      inbox.listen()
      sweepTimer.start()
      pruneRegularly()
    } catch {
      lifecycle.kill()
    }
  }
  void boot()

  return {
    request: (job) => inbox.request(() => job({ engine, store })),
    killAt: lifecycle.killAt,
    suspend: lifecycle.suspend,
    resume: lifecycle.resume,
    breakStore: processStore.break,
    repairStore: processStore.repair,
    scheduleSweep: sweepTimer.schedule,
  }
}

/** Until no old row is left. */
const pruneAll = async (store: Store, cutoffs: Cutoffs): Promise<void> => {
  while ((await store.prune(cutoffs, PRUNE_BATCH)) > 0);
}

/** Joins the reporter's parts as `src/assemble.ts` does, with a client that calls the model of Agora. */
const assemble = (
  { time, network, kit, random }: ProcessWorld,
  process: {
    lifecycle: ReturnType<typeof createLifecycle>
    store: Store
    onDecision: (recording: Recording, commit: Commit) => void
  },
) => {
  const { lifecycle, store, onDecision } = process
  const clock = { now: time.wallNow, elapsed: time.now }
  const heartbeats = createHeartbeatBuffer(store)
  const ingress = createIngressWatch(heartbeats.expectedPages, LOG)
  const downtimes = createDowntimeWatch({
    ...{ store, clock, log: LOG },
    onStored: ({ count, endedAt }, added) => {
      heartbeats.resumed(count)
      if (added) ingress.resumed(endedAt, added.clockStepBackMs)
    },
  })
  const engine = createEngine({
    ...{ store, clock, heartbeats, downtimes, log: LOG },
    random: random.next,
    isIngressSuspect: () => ingress.outageSince() !== null,
    onDecision: ingress.observe,
    onEffects: () => runner.poke(),
    decide: (before, signal, moment) => {
      const decision = kit.decide(before, signal, moment)
      const { recording, settled, timeline } = decision
      const after = withAttempts(recording, settled)
      onDecision(recording, { at: time.now(), wallAt: time.wallNow(), before, signal, after, timeline })
      return decision
    },
  })
  const agora = kit.client(createSimulatedClient(network, lifecycle, { createQuota: kit.quota }))
  let pollEffects = (): void => {}
  const runner = createRunner({
    ...{ store, context: { engine, agora, clock, credentials: CREDENTIALS, tokens: TOKENS, config: CONFIG } },
    log: LOG,
    repeat: (_ms, job) => {
      pollEffects = job
      return () => {}
    },
  })
  const sweep = createSweep({ store, clock, engine, heartbeats, downtimes, ingress, log: LOG })
  return { engine, heartbeats, downtimes, runner, sweep, pollEffects: () => pollEffects() }
}
