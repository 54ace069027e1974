import type { Logger } from 'pino'
import type { Store } from '../store/store.ts'
import type { Signal } from '../supervisor/signal.ts'
import type { Clock } from './clock.ts'
import { createDowntimeDetector, type Downtime } from './downtimeDetector.ts'
import type { Engine } from './engine.ts'
import type { HeartbeatBuffer } from './heartbeatBuffer.ts'
import type { IngressWatch } from './ingressWatch.ts'

/** Handles passed deadlines, flushes heartbeats, and notices downtime. */
export interface Sweep {
  /** To be called after a start: signals to all live recordings how long no reporter ran. */
  resumeAfterDowntime(): Promise<void>
  /** One pass. @returns whether more recordings are due than one pass handles */
  runOnce(): Promise<boolean>
  start(): void
  /** Monotonic time of the last flush and tick; undefined before the first. */
  tickedAt(): number | undefined
  /** Ends after the pass in progress, with a last flush. */
  stop(): Promise<void>
}

export interface SweepOptions {
  store: Store
  clock: Clock
  engine: Engine
  heartbeats: HeartbeatBuffer
  ingress: IngressWatch
  log: Logger
}

/** Between two passes: the most that a deadline may be late. */
const INTERVAL_MS = 100
/** Between two flushes, each of which also writes the tick. */
const FLUSH_MS = 1000
/** A recording that cannot be handled is left out for this long, so that it does not hold up the others. */
const QUARANTINE_MS = 60_000
const BATCH_SIZE = 200

export const createSweep = (options: SweepOptions): Sweep => {
  const { clock, log } = options
  const pass = createPass(options)
  let timer: NodeJS.Timeout | undefined
  let current: Promise<void> = Promise.resolve()
  let running = false

  const runAndLog = async (): Promise<void> => {
    let more = false
    try {
      more = await pass.runOnce()
    } catch (err) {
      log.error({ err }, 'sweep failed, will retry')
    }
    if (running) schedule(more ? 0 : INTERVAL_MS)
  }

  const schedule = (delayMs = INTERVAL_MS): void => {
    timer = setTimeout(() => {
      current = runAndLog()
    }, delayMs)
  }

  return {
    resumeAfterDowntime: async () => {
      const lastTick = await options.store.readTick()
      const sinceTick = clock.now() - (lastTick ?? clock.now())
      const downtime = { downtimeMs: Math.max(0, sinceTick), clockStepBackMs: Math.max(0, -sinceTick) }
      await pass.begin(lastTick === undefined ? undefined : downtime)
    },
    runOnce: pass.runOnce,
    tickedAt: pass.tickedAt,
    start: () => {
      running = true
      schedule()
    },
    stop: async () => {
      running = false
      clearTimeout(timer)
      await current
      await pass.flush()
    },
  }
}

interface Pass extends Pick<Sweep, 'runOnce' | 'tickedAt'> {
  begin(downtime: Downtime | undefined): Promise<void>
  flush(): Promise<void>
}

const createPass = ({ store, clock, engine, heartbeats, ingress, log }: SweepOptions): Pass => {
  const detector = createDowntimeDetector(clock)
  /** Recordings that could not be handled, and until when they are left out. */
  const quarantined = new Map<string, number>()
  let lastFlush = Number.NEGATIVE_INFINITY
  let tickedAt: number | undefined

  const quarantinedIds = (now: number): string[] => {
    for (const [id, until] of quarantined) if (until <= now) quarantined.delete(id)
    return [...quarantined.keys()]
  }

  const handleOrQuarantine = async (recordingId: string, signal: Signal): Promise<void> => {
    try {
      await engine.handle(recordingId, signal)
    } catch (err) {
      quarantined.set(recordingId, clock.now() + QUARANTINE_MS)
      const seconds = QUARANTINE_MS / 1000
      log.error({ err, recordingId }, `recording could not be handled, will retry in ${seconds} s`)
    }
  }

  /** Concurrently, so that the store can write them together. */
  const handleAll = async (ids: readonly string[], signal: Signal): Promise<void> => {
    await Promise.all(ids.map((id) => handleOrQuarantine(id, signal)))
  }

  const signalDowntime = async ({ downtimeMs, clockStepBackMs }: Downtime): Promise<void> => {
    ingress.resumed(clock.now())
    const signal = {
      type: 'resumedAfterDowntime',
      downtimeSeconds: downtimeMs / 1000,
      clockStepBackSeconds: clockStepBackMs / 1000,
    } as const
    const ids = await store.liveRecordings()
    for (let next = 0; next < ids.length; next += BATCH_SIZE)
      await handleAll(ids.slice(next, next + BATCH_SIZE), signal)
  }

  /** During an ingress outage: a canary, or the replacement of a silent page. */
  const probeIngress = async (): Promise<void> => {
    const probe = ingress.nextProbe(clock.now())
    if (!probe) return
    const stored = await engine.handle(probe.recordingId, { type: probe.type })
    ingress.sent(probe, stored?.recording, clock.now())
  }

  const flush = async (): Promise<void> => {
    lastFlush = clock.elapsed()
    ingress.update(clock.now())
    await heartbeats.flush()
    await store.writeTick(clock.now())
    tickedAt = clock.elapsed()
  }

  return {
    begin: async (downtime) => {
      if (downtime) await signalDowntime(downtime)
      await flush()
      // The first pass may fail, and the first successful one may come much later.
      detector.mark()
    },
    runOnce: async () => {
      const [now, elapsed] = [clock.now(), clock.elapsed()]
      const downtime = detector.check({ now, elapsed })
      if (downtime) {
        log.warn(downtime, describe(downtime))
        await signalDowntime(downtime)
      }
      if (elapsed - lastFlush >= FLUSH_MS) {
        await flush()
        await probeIngress()
      }
      const due = await store.dueRecordings(now, { limit: BATCH_SIZE, except: quarantinedIds(now) })
      await handleAll(await engine.pushBackDueTimes(due), { type: 'due' })
      detector.mark()
      return due.length === BATCH_SIZE
    },
    tickedAt: () => tickedAt,
    flush,
  }
}

const describe = ({ clockStepBackMs }: Downtime): string =>
  clockStepBackMs > 0
    ? 'the wall clock stepped back: all stored times are shifted'
    : 'the reporter was stalled: all deadlines start anew'
