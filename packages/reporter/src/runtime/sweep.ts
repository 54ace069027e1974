import type { Logger } from 'pino'
import type { Store } from '../store/store.ts'
import type { Recording } from '../supervisor/recording.ts'
import type { Signal } from '../supervisor/signal.ts'
import type { Clock } from './clock.ts'
import { createDowntimeDetector, type Downtime } from './downtimeDetector.ts'
import { createDowntimeQueue, type Failure, throwIfAny } from './downtimeQueue.ts'
import type { Engine } from './engine.ts'
import type { HeartbeatBuffer } from './heartbeatBuffer.ts'
import type { IngressWatch } from './ingressWatch.ts'
import { createQuarantine, QUARANTINE_SECONDS } from './quarantine.ts'

/** Handles passed deadlines, flushes heartbeats, and notices downtime. */
export interface Sweep {
  /** To be called after a start: signals to all live recordings how long no reporter ran. */
  resumeAfterDowntime(): Promise<void>
  /** One pass. @returns whether more recordings are due than one pass handles */
  runOnce(): Promise<boolean>
  start(): void
  /**
   * Monotonic time of the last pass that read the due recordings, handled all of them and flushed the heartbeats when it
   * had to; undefined before the first.
   */
  passedAt(): number | undefined
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
const BATCH_SIZE = 200
/** A store that failed for less than this time refused no more than one heartbeat of a page. */
const MIN_OUTAGE_MS = 5000
/** Between two log lines about failing passes, of which there are ten a second. */
const LOG_INTERVAL_MS = 10_000

export const createSweep = (options: SweepOptions): Sweep => {
  const { clock, log } = options
  const pass = createPass(options)
  let timer: NodeJS.Timeout | undefined
  let current: Promise<void> = Promise.resolve()
  let running = false
  let loggedAt = Number.NEGATIVE_INFINITY

  const logFailure = (err: unknown): void => {
    if (clock.elapsed() - loggedAt < LOG_INTERVAL_MS) return
    loggedAt = clock.elapsed()
    log.error({ err }, 'sweep failed, is retried ten times a second')
  }

  const runAndLog = async (): Promise<void> => {
    let more = false
    try {
      more = await pass.runOnce()
    } catch (err) {
      logFailure(err)
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
    passedAt: pass.passedAt,
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

interface Pass extends Pick<Sweep, 'runOnce' | 'passedAt'> {
  begin(downtime: Downtime | undefined): Promise<void>
  flush(): Promise<void>
}

const createPass = ({ store, clock, engine, heartbeats, ingress, log }: SweepOptions): Pass => {
  const detector = createDowntimeDetector(clock)
  const quarantine = createQuarantine(clock)
  let lastFlush = Number.NEGATIVE_INFINITY
  let passedAt: number | undefined
  /** Monotonic time of the first of the passes that have failed since. */
  let failingSince: number | null = null

  const handleOne = async (id: string, signal: Signal): Promise<Failure[]> => {
    try {
      await engine.handle(id, signal)
      return []
    } catch (error) {
      if (!quarantine.add(id, error)) return [{ id, error }]
      const message = `recording could not be handled, will retry in ${QUARANTINE_SECONDS} s`
      log.error({ err: error, recordingId: id }, message)
      return []
    }
  }

  /**
   * Concurrently, so that the store can write them together.
   * @returns what the store failed to handle
   */
  const handleAll = async (ids: readonly string[], signal: Signal): Promise<Failure[]> =>
    (await Promise.all(ids.map((id) => handleOne(id, signal)))).flat()

  const downtimes = createDowntimeQueue({ store, signalBatch: handleAll, batchSize: BATCH_SIZE })

  const addDowntime = (downtime: Downtime): void => {
    ingress.resumed(clock.now(), downtime.clockStepBackMs)
    downtimes.add(downtime)
  }

  /** During an ingress outage: a canary, or the replacement of a silent page. */
  const probeIngress = async (): Promise<void> => {
    const probe = ingress.nextProbe(clock.now())
    if (!probe) return
    let recording: Recording | undefined
    try {
      recording = (await engine.handle(probe.recordingId, { type: probe.type }))?.recording
    } finally {
      ingress.sent(probe, recording, clock.now())
    }
  }

  const flush = async (): Promise<void> => {
    lastFlush = clock.elapsed()
    ingress.update(clock.now())
    await heartbeats.flush()
    await store.writeTick(clock.now())
  }

  /** @returns whether more recordings are due */
  const handleDue = async (): Promise<boolean> => {
    const due = await store.dueRecordings(clock.now(), { limit: BATCH_SIZE, except: quarantine.ids() })
    const failed = await handleAll(await engine.pushBackDueTimes(due), { type: 'due' })
    throwIfAny(failed)
    return due.length === BATCH_SIZE
  }

  /** While the store failed, reports were refused: for the pages this was a downtime, however many passes there were. */
  const endStoreOutage = async (): Promise<void> => {
    if (failingSince === null) return
    await store.readTick()
    const downtimeMs = clock.elapsed() - failingSince
    failingSince = null
    if (downtimeMs >= MIN_OUTAGE_MS) addDowntime({ downtimeMs, clockStepBackMs: 0 })
  }

  const pass = async (): Promise<boolean> => {
    await endStoreOutage()
    await downtimes.signalAll()
    if (clock.elapsed() - lastFlush >= FLUSH_MS) {
      await flush()
      await probeIngress()
    }
    const more = await handleDue()
    passedAt = clock.elapsed()
    return more
  }

  return {
    begin: async (downtime) => {
      if (downtime) addDowntime(downtime)
      await downtimes.signalAll()
      await flush()
      detector.mark()
    },
    runOnce: async () => {
      const downtime = detector.check({ now: clock.now(), elapsed: clock.elapsed() })
      if (downtime) {
        log.warn(downtime, describe(downtime))
        addDowntime(downtime)
        failingSince = null
      }
      try {
        return await pass()
      } catch (error) {
        failingSince ??= clock.elapsed()
        throw error
      } finally {
        // A failed pass ran as well: what it could not do is retried, and is no downtime.
        detector.mark()
      }
    },
    passedAt: () => passedAt,
    flush,
  }
}

const describe = ({ clockStepBackMs }: Downtime): string =>
  clockStepBackMs > 0
    ? 'the wall clock stepped back: all stored times are shifted'
    : 'the reporter was stalled: all deadlines start anew'
