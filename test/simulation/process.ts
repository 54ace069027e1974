import type { CloudRecording } from '@stillrolling/rest-core'
import { createLog } from '../../packages/reporter/src/log.ts'
import { createBreaker } from '../../packages/reporter/src/runtime/breaker.ts'
import type { EffectContext } from '../../packages/reporter/src/runtime/effects/context.ts'
import { createEngine, type Engine } from '../../packages/reporter/src/runtime/engine.ts'
import { createHeartbeatBuffer } from '../../packages/reporter/src/runtime/heartbeatBuffer.ts'
import { createRunner } from '../../packages/reporter/src/runtime/runner.ts'
import { createSweep } from '../../packages/reporter/src/runtime/sweep.ts'
import type { Store, StoreOperations } from '../../packages/reporter/src/store/store.ts'
import type { Recording } from '../../packages/reporter/src/supervisor/recording.ts'
import type { Signal } from '../../packages/reporter/src/supervisor/signal.ts'
import type { TimelineEntry } from '../../packages/reporter/src/supervisor/timeline.ts'
import type { Memory } from '../../packages/reporter/src/testing/memoryStore.ts'
import { wrapOperations } from '../../packages/reporter/src/testing/wrapOperations.ts'
import { createSimulatedClient } from './client.ts'
import type { Kit } from './kit.ts'
import type { Random } from './random.ts'
import type { VirtualTime } from './virtualTime.ts'
import type { Wire } from './wire.ts'

/** A decision that was stored. */
export interface Commit {
  at: number
  before: Recording
  signal: Signal
  after: Recording
  timeline: TimelineEntry[]
}

export interface ProcessWorld {
  time: VirtualTime
  memory: Memory
  wire: Wire
  kit: Kit
  random: Random
  onCommit(commit: Commit): void
  /** It has died, by itself or not. */
  onDeath(): void
}

/** What answers requests. */
export interface Running {
  engine: Engine
  store: Store
}

/** One process of the reporter: the real parts, without sockets. */
export interface Process {
  /** @returns what the job answers; 'refused' at once, or 'lost' later, when there is nobody to answer */
  request<T>(job: (running: Running) => Promise<T>): Promise<T | 'refused' | 'lost' | 'failed'>
  kill(): void
  /** Dies at this step, counted from now; null: does not. A step is a verb of the store or a call, begun or ended. */
  killAt(step: number | null): void
  suspend(): void
  /** @returns for how many milliseconds it was suspended; 0: it was not */
  resume(): number
  /** The store rejects whatever it is asked. */
  breakStore(): void
  /** @returns for how many milliseconds it was broken; 0: it was not */
  mendStore(): number
  /** To be called after each event: sets the alarm for its next look. */
  arm(): void
}

/** What the sweep's own loop does every 100 ms is done here only when there is something to see. */
const LOOK_GRID_MS = 100
const FLUSH_MS = 1000
/** Far less than what the sweep takes for a process that stood still. */
const IDLE_MS = 4000
/** What a client waits for an answer, in milliseconds. */
const CLIENT_TIMEOUT_MS = 10_000

const log = createLog('silent')

const config: EffectContext['config'] = {
  secrets: ['secret'],
  storageProfiles: { default: { vendor: 1, region: 0, bucket: 'b', accessKey: 'k', secretKey: 's' } },
  agora: { qps: 10 },
}

const never = <T>(): Promise<T> => new Promise(() => {})

export const startProcess = (world: ProcessWorld): Process => {
  const { time, memory, wire, kit, random } = world
  let alive = true
  let suspended = false
  let listening = false
  let broken = false
  let suspendedAt = 0
  let brokenAt = 0
  let stepsLeft: number | null = null
  let held: (() => void)[] = []
  const flights = new Set<(value: 'lost') => void>()

  const deliver = (run: () => void): void => {
    if (!alive) return
    if (suspended) held.push(run)
    else run()
  }
  const from = {
    now: time.now,
    isAlive: () => alive,
    after: (delayMs: number, run: () => void) => time.after(delayMs, () => deliver(run)),
  }

  const kill = (): void => {
    if (!alive) return
    alive = false
    connection.disconnect()
    for (const end of flights) end('lost')
    world.onDeath()
  }
  const step = (): Promise<void> | undefined => {
    if (stepsLeft === null) return undefined
    if (stepsLeft-- > 0) return undefined
    kill()
    return never()
  }
  const around: Around = (_what, job) => (stepsLeft === null && !broken ? job() : carefully(job))
  const carefully = async <T>(job: () => Promise<T>): Promise<T> => {
    await step()
    if (broken) throw new Error('the database is locked')
    const value = await job()
    await step()
    return value
  }

  const connection = memory.connect()
  const pending = new Map<string, Commit>()
  const store = watchedStore(connection, around, kit, (id) => {
    const commit = pending.get(id)
    if (commit) world.onCommit(commit)
  })
  const clock = { now: time.now, elapsed: time.now }
  const pulse = createHeartbeatBuffer(store)
  const breaker = createBreaker(pulse.expectedPages, log)
  const engine = createEngine({
    ...{ store, clock, heartbeats: pulse, log },
    random: random.next,
    isIngressSuspect: () => breaker.outageSince() !== null,
    onEffects: () => runner.poke(),
    decide: (before, signal, moment) => {
      const decision = kit.decide(before, signal, moment)
      const { recording: after, timeline } = decision
      pending.set(before.id, { at: time.now(), before, signal, after, timeline })
      return decision
    },
  })
  const agora: CloudRecording = createSimulatedClient(wire, from, { createQuota: kit.quota, step })
  let poll = (): void => {}
  const runner = createRunner(store, { engine, agora, clock, config }, log, (_ms, job) => {
    poll = job
    return () => {}
  })
  const sweep = createSweep({ store, clock, engine, pulse, breaker, log })

  let lastLook = time.now()
  let heard = false
  let failed = false
  let looking = true
  let alarm: { at: number; cancel: () => void } | undefined

  const look = async (): Promise<void> => {
    alarm = undefined
    looking = true
    heard = false
    try {
      await sweep.runOnce()
      failed = false
    } catch {
      // As the sweep's own loop: again in a moment.
      failed = true
    }
    if (memory.tables.effects.size > 0) poll()
    lastLook = time.now()
    looking = false
  }

  const arm = (): void => {
    if (!alive || looking || suspended) return
    const wanted = broken || failed ? lastLook : heard ? lastLook + FLUSH_MS : lastLook + IDLE_MS
    const at = Math.max(lastLook + LOOK_GRID_MS, Math.min(wanted, onGrid(nextDue(memory))))
    if (alarm && alarm.at <= at) return
    alarm?.cancel()
    alarm = { at, cancel: from.after(at - time.now(), () => void look()) }
  }

  const boot = async (): Promise<void> => {
    try {
      await pulse.restore()
      await sweep.resumeAfterDowntime()
      await runner.start()
      listening = true
      looking = false
    } catch {
      kill()
    }
  }
  void boot()

  return {
    kill,
    arm,
    killAt: (steps) => {
      stepsLeft = steps
    },
    suspend: () => {
      if (!suspended) suspendedAt = time.now()
      suspended = true
    },
    resume: () => {
      const lasted = suspended && alive ? time.now() - suspendedAt : 0
      suspended = false
      const jobs = held
      held = []
      for (const job of jobs) deliver(job)
      return lasted
    },
    breakStore: () => {
      if (!broken) brokenAt = time.now()
      broken = true
    },
    mendStore: () => {
      const lasted = broken && alive ? time.now() - brokenAt : 0
      broken = false
      return lasted
    },
    request: <T>(job: (running: Running) => Promise<T>) => {
      if (!alive || !listening) return Promise.resolve('refused')
      return new Promise<T | 'lost' | 'failed'>((resolve) => {
        const end = (value: T | 'lost' | 'failed'): void => {
          flights.delete(end)
          resolve(value)
        }
        flights.add(end)
        if (suspended) time.after(CLIENT_TIMEOUT_MS, () => end('lost'))
        heard = true
        deliver(() => void job({ engine, store }).then(end, () => end('failed')))
      })
    },
  }
}

const onGrid = (at: number): number => Math.ceil(at / LOOK_GRID_MS) * LOOK_GRID_MS

/** When there is something to do that the store knows of. */
const nextDue = ({ tables }: Memory): number => {
  let next = Number.POSITIVE_INFINITY
  for (const { dueAt } of tables.recordings.values()) if (dueAt !== null && dueAt < next) next = dueAt
  for (const { claimedUntil } of tables.effects.values()) if (claimedUntil < next) next = claimedUntil
  return next
}

type Around = <T>(what: unknown, job: () => Promise<T>) => Promise<T>

/** The store with a step around each verb and each transaction; tells which recording a transaction has saved. */
const watchedStore = (store: Store, around: Around, kit: Kit, onSaved: (id: string) => void): Store => ({
  ...kit.verbs(wrapOperations(store, around)),
  transaction: (work) =>
    around('transaction', async () => {
      let saved: string | undefined
      const noting = (verbs: StoreOperations): StoreOperations => ({
        ...verbs,
        insertRecording: async (request, recording, now) => {
          await verbs.insertRecording(request, recording, now)
          saved = recording.id
        },
        saveRecording: async (stored, recording, now) => {
          await verbs.saveRecording(stored, recording, now)
          saved = recording.id
        },
      })
      const value = await store.transaction((verbs) => work(noting(kit.verbs(wrapOperations(verbs, around)))))
      if (saved !== undefined) onSaved(saved)
      return value
    }),
})
