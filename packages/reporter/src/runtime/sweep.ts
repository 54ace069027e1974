import type { Logger } from 'pino'
import type { Store } from '../store/store.ts'
import type { Recording, Time } from '../supervisor/recording.ts'
import type { Signal } from '../supervisor/signal.ts'
import type { Clock } from './clock.ts'
import type { DowntimeWatch } from './downtimeWatch.ts'
import type { Engine } from './engine.ts'
import type { HeartbeatBuffer } from './heartbeatBuffer.ts'
import type { IngressWatch } from './ingressWatch.ts'
import { createQuarantine, QUARANTINE_SECONDS } from './quarantine.ts'

/** Handles passed deadlines, and flushes heartbeats. */
export interface Sweep {
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
  downtimes: DowntimeWatch
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
      await pass.end()
    },
  }
}

interface Pass extends Pick<Sweep, 'runOnce' | 'passedAt'> {
  /** The last flush. */
  end(): Promise<void>
}

/** A recording that the store failed to handle. */
interface Failure {
  id: string
  error: unknown
}

/** @throws an error that names the first failure as its cause */
const throwIfAny = (failures: readonly Failure[]): void => {
  const [first] = failures
  if (!first) return
  throw new Error(`${failures.length} recordings could not be handled, first ${first.id}`, {
    cause: first.error,
  })
}

const createPass = ({ store, clock, engine, heartbeats, downtimes, ingress, log }: SweepOptions): Pass => {
  const quarantine = createQuarantine(clock)
  let lastFlush = Number.NEGATIVE_INFINITY
  let passedAt: number | undefined
  /** Monotonic time of the first of the passes that have failed since. */
  let failingSince: number | null = null
  /** Since when more recordings have been due than one batch holds. */
  let backlogSince: Time | undefined

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

  /** During an ingress outage: a canary, or the replacement of a silent page. */
  const takeIngressStep = async (): Promise<void> => {
    const step = ingress.nextStep(clock.now())
    if (!step) return
    let recording: Recording | undefined
    try {
      recording = (await engine.handle(step.recordingId, { type: step.type }))?.recording
    } finally {
      ingress.taken(step, recording, clock.now())
    }
  }

  const flush = async (): Promise<void> => {
    ingress.update(clock.now())
    await heartbeats.flush()
    await store.writeTick(clock.now())
    lastFlush = clock.elapsed()
  }

  const handleBatch = async (after?: Time): Promise<{ isFull: boolean; failures: Failure[] }> => {
    const due = await store.dueRecordings(clock.now(), {
      limit: BATCH_SIZE,
      except: quarantine.ids(),
      ...(after !== undefined && { after }),
    })
    const undecided = await engine.pushBackDueTimes(due)
    // Concurrently, so that the store can write them together.
    const failures = await Promise.all(undecided.map((id) => handleOne(id, { type: 'due' })))
    return { isFull: due.length === BATCH_SIZE, failures: failures.flat() }
  }

  const trackBacklog = (isFull: boolean, now: Time): void => {
    if (isFull && backlogSince === undefined) {
      log.info(`more recordings are due than ${BATCH_SIZE}: they are handled in the order of their deadlines`)
    }
    if (!isFull && backlogSince !== undefined) log.info('all due recordings have been handled')
    backlogSince = isFull ? (backlogSince ?? now) : undefined
  }

  /**
   * After a downtime nearly all recordings are due together. That backlog is worked off in the order of the due times, one
   * batch per pass, and does not delay those that have become due since.
   * @returns whether more recordings are due
   */
  const handleDue = async (): Promise<boolean> => {
    const now = clock.now()
    const latest = backlogSince === undefined ? undefined : await handleBatch(backlogSince)
    const oldest = await handleBatch()
    trackBacklog(oldest.isFull, now)
    throwIfAny([...(latest?.failures ?? []), ...oldest.failures])
    return oldest.isFull
  }

  /** @throws if the store cannot write. The tick keeps its time: if the process dies now, its successor adds the downtime. */
  const tryWrites = async (): Promise<void> => {
    await heartbeats.flush()
    const tick = await store.readTick()
    if (tick !== undefined) await store.writeTick(tick)
  }

  /** While the store failed, reports were refused: for the pages this was a downtime, however many passes there were. */
  const endStoreOutage = async (): Promise<void> => {
    if (failingSince === null) return
    await tryWrites()
    const downtimeMs = clock.elapsed() - Math.max(failingSince, downtimes.noticedAt())
    failingSince = null
    if (downtimeMs >= MIN_OUTAGE_MS) downtimes.add({ downtimeMs, clockStepBackMs: 0 })
  }

  const settleDowntimes = async (): Promise<void> => {
    downtimes.check()
    await endStoreOutage()
    await downtimes.settle()
  }

  const pass = async (): Promise<boolean> => {
    await settleDowntimes()
    if (clock.elapsed() - lastFlush >= FLUSH_MS) {
      await flush()
      await takeIngressStep()
    }
    const more = await handleDue()
    passedAt = clock.elapsed()
    return more
  }

  return {
    runOnce: async () => {
      try {
        return await pass()
      } catch (error) {
        failingSince ??= clock.elapsed()
        throw error
      }
    },
    passedAt: () => passedAt,
    end: async () => {
      await settleDowntimes()
      await flush()
    },
  }
}
