import type { Logger } from 'pino'
import type { Store } from '../store/store.ts'
import type { Clock } from './clock.ts'
import type { Engine } from './engine.ts'
import type { Pulse } from './pulse.ts'

/** Looks for deadlines that have passed, flushes the pulse, and notices when no reporter ran. */
export interface Sweep {
  /** After a start: tells every live recording how long nobody watched it. */
  returnFromAbsence(): Promise<void>
  /** One look. */
  once(): Promise<void>
  start(): void
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
const BATCH = 200

export const createSweep = (options: {
  store: Store
  clock: Clock
  engine: Engine
  pulse: Pulse
  log: Logger
}): Sweep => {
  const { store, clock, engine, pulse, log } = options
  /** When the last look ended: one that takes long is not a process that stood still. */
  let lastLook: number | undefined
  /** Recordings that could not be judged, and until when they rest. */
  const resting = new Map<string, number>()
  let lastFlush = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> = Promise.resolve()
  let running = false

  const tellAbsence = async (awayMs: number): Promise<void> => {
    for (const id of await store.liveRecordings()) {
      await guarded(id, () => engine.handle(id, { type: 'returned', awaySeconds: awayMs / 1000 }))
    }
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
    lastFlush = clock.now()
    await pulse.flush()
    await store.writeTick(clock.now())
  }

  const once = async (): Promise<void> => {
    const now = clock.now()
    if (lastLook !== undefined && now - lastLook > STALL_MS) {
      log.warn({ awayMs: now - lastLook }, 'the reporter stood still')
      await tellAbsence(now - lastLook)
    }
    if (now - lastFlush >= FLUSH_MS) await flush()
    for (const id of await store.dueRecordings(now, { limit: BATCH, except: restingNow(now) })) {
      await guarded(id, () => engine.handle(id, { type: 'due' }))
    }
    lastLook = clock.now()
  }

  const loop = async (): Promise<void> => {
    try {
      await once()
    } catch (err) {
      log.error({ err }, 'the sweep failed: again in a moment')
    }
    if (running) schedule()
  }

  const schedule = (): void => {
    timer = setTimeout(() => {
      looking = loop()
    }, INTERVAL_MS)
  }

  return {
    returnFromAbsence: async () => {
      const last = await store.readTick()
      if (last !== undefined) await tellAbsence(Math.max(0, clock.now() - last))
      await flush()
    },
    once,
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
