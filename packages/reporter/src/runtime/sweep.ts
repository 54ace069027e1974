import type { Logger } from 'pino'
import type { Store } from '../store/store.ts'
import type { Signal } from '../supervisor/signal.ts'
import type { Breaker } from './breaker.ts'
import type { Clock } from './clock.ts'
import type { Engine } from './engine.ts'
import type { HeartbeatBuffer } from './heartbeatBuffer.ts'

/** Looks for deadlines that have passed, flushes the pulse, and notices when no reporter ran. */
export interface Sweep {
  /** After a start: tells every live recording how long nobody watched it. */
  resumeAfterDowntime(): Promise<void>
  /** One look. @returns whether there is more to be looked at than one look takes */
  runOnce(): Promise<boolean>
  start(): void
  /** When it last flushed and wrote the tick, by the clock that only goes forward; undefined: not yet. */
  tickedAt(): number | undefined
  /** Ends after the look that is under way, with a last flush. */
  stop(): Promise<void>
}

/** Between two looks, in milliseconds: what a deadline may be late. */
const INTERVAL_MS = 100
/** Between two flushes, in milliseconds; each writes the tick too. */
const FLUSH_MS = 1000
/** A recording that cannot be judged is left alone for so long, in milliseconds: it keeps no other from being judged. */
const REST_MS = 60_000
/** A look that comes so much too late means that the process stood still (suspended, starved), in milliseconds. */
const STALL_MS = 5000
/** The wall clock is corrected by less than this all the time, in milliseconds. */
const TURNED_BACK_MS = 1000
const BATCH = 200

/** By the wall clock, and by the one that only goes forward. */
interface Instant {
  now: number
  elapsed: number
}

interface Absence {
  awayMs: number
  /** How far the wall clock went back; 0: it did not. */
  backMs: number
}

export const createSweep = (options: {
  store: Store
  clock: Clock
  engine: Engine
  pulse: HeartbeatBuffer
  breaker: Breaker
  log: Logger
}): Sweep => {
  const { store, clock, engine, pulse, breaker, log } = options
  /** When the last look ended: one that takes long is not a process that stood still. */
  let lastLook: Instant | undefined
  /** Recordings that could not be judged, and until when they rest. */
  const resting = new Map<string, number>()
  let lastFlush = Number.NEGATIVE_INFINITY
  let tickedAt: number | undefined
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> = Promise.resolve()
  let running = false

  const instant = (): Instant => ({ now: clock.now(), elapsed: clock.elapsed() })

  const tellAbsence = async ({ awayMs, backMs }: Absence): Promise<void> => {
    breaker.resumed(clock.now())
    const signal = {
      type: 'resumedAfterDowntime',
      downtimeSeconds: awayMs / 1000,
      clockStepBackSeconds: backMs / 1000,
    } as const
    const ids = await store.liveRecordings()
    for (let next = 0; next < ids.length; next += BATCH)
      await handleAll(ids.slice(next, next + BATCH), signal)
  }

  /** At once, so that the store can write them together. */
  const handleAll = async (ids: readonly string[], signal: Signal): Promise<void> => {
    await Promise.all(ids.map((id) => guarded(id, () => engine.handle(id, signal))))
  }

  const guarded = async (recordingId: string, job: () => Promise<unknown>): Promise<void> => {
    try {
      await job()
    } catch (err) {
      resting.set(recordingId, clock.now() + REST_MS)
      log.error({ err, recordingId }, `a recording could not be judged: again in ${REST_MS / 1000} s`)
    }
  }

  const restingNow = (now: number): string[] => {
    for (const [id, until] of resting) if (until <= now) resting.delete(id)
    return [...resting.keys()]
  }

  const flush = async (): Promise<void> => {
    lastFlush = clock.elapsed()
    breaker.update(clock.now())
    await pulse.flush()
    await store.writeTick(clock.now())
    tickedAt = clock.elapsed()
  }

  const once = async (): Promise<boolean> => {
    const { now, elapsed } = instant()
    const absence = lastLook && absenceBetween(lastLook, { now, elapsed })
    if (absence) {
      log.warn(absence, absence.backMs > 0 ? 'the clock was turned back' : 'the reporter stood still')
      await tellAbsence(absence)
    }
    if (elapsed - lastFlush >= FLUSH_MS) await flush()
    const due = await store.dueRecordings(now, { limit: BATCH, except: restingNow(now) })
    await handleAll(await engine.pushBackDueTimes(due), { type: 'due' })
    lastLook = instant()
    return due.length === BATCH
  }

  const loop = async (): Promise<void> => {
    let more = false
    try {
      more = await once()
    } catch (err) {
      log.error({ err }, 'the sweep failed: again in a moment')
    }
    if (running) schedule(more ? 0 : INTERVAL_MS)
  }

  const schedule = (delayMs = INTERVAL_MS): void => {
    timer = setTimeout(() => {
      looking = loop()
    }, delayMs)
  }

  return {
    resumeAfterDowntime: async () => {
      const last = await store.readTick()
      const away = clock.now() - (last ?? clock.now())
      if (last !== undefined) await tellAbsence({ awayMs: Math.max(0, away), backMs: Math.max(0, -away) })
      await flush()
      // From here on: the first look may fail, and the one that does not come much later.
      lastLook = instant()
    },
    runOnce: once,
    tickedAt: () => tickedAt,
    start: () => {
      running = true
      schedule()
    },
    stop: async () => {
      running = false
      clearTimeout(timer)
      await looking
      await flush()
    },
  }
}

/**
 * What happened between two looks. The wall clock alone would take a correction for an absence, or miss an hour that it
 * was turned back; the other one alone stands still while the machine is suspended.
 */
const absenceBetween = (last: Instant, { now, elapsed }: Instant): Absence | undefined => {
  const passed = now - last.now
  const ran = elapsed - last.elapsed
  const backMs = ran - passed
  if (backMs > TURNED_BACK_MS) return { awayMs: ran, backMs }
  const awayMs = Math.max(passed, ran)
  return awayMs > STALL_MS ? { awayMs, backMs: 0 } : undefined
}
