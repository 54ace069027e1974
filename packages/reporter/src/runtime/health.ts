import type { Store } from '../store/store.ts'
import type { Breaker } from './breaker.ts'
import type { Clock } from './clock.ts'
import type { Sweep } from './sweep.ts'

/** Whether the reporter does its work, for load balancers, alarms and people. */
export interface Health {
  check(): Promise<Readiness>
  /** From now on it is not ready: it is about to end. */
  drain(): void
}

/**
 * `degraded` still serves: the pages' reports must go on coming in, or nobody would notice that they do again.
 * `unavailable` does not.
 */
export type ReadinessStatus = 'ok' | 'degraded' | 'unavailable'

export interface Readiness {
  status: ReadinessStatus
  checks: Record<'database' | 'supervisor' | 'reports' | 'process', Check>
}

interface Check {
  ok: boolean
  detail: string
}

/** Deadlines are judged ten times a second and the tick is written once a second. In milliseconds. */
const OLD_TICK_MS = 30_000

export const createHealth = (parts: {
  store: Store
  clock: Clock
  sweep: Pick<Sweep, 'tickedAt'>
  breaker: Pick<Breaker, 'outageSince'>
}): Health => {
  const { store, clock, sweep, breaker } = parts
  let draining = false

  const database = async (): Promise<Check> => {
    try {
      await store.readTick()
      return { ok: true, detail: 'answers' }
    } catch {
      return { ok: false, detail: 'cannot be read; the log says why' }
    }
  }

  const supervisor = (): Check => {
    const tickedAt = sweep.tickedAt()
    if (tickedAt === undefined) return { ok: false, detail: 'has not begun' }
    const age = clock.elapsed() - tickedAt
    return {
      ok: age < OLD_TICK_MS,
      detail: `judged deadlines and wrote its tick ${(age / 1000).toFixed(1)} s ago`,
    }
  }

  const reports = (): Check => {
    const since = breaker.outageSince()
    return since === null
      ? { ok: true, detail: 'are coming in' }
      : {
          ok: false,
          detail: `most pages have been silent since ${new Date(since).toISOString()}: silence restarts nothing for up to 5 minutes`,
        }
  }

  return {
    check: async () => {
      const checks = {
        database: await database(),
        supervisor: supervisor(),
        reports: reports(),
        process: draining ? { ok: false, detail: 'is ending' } : { ok: true, detail: 'serves' },
      }
      const serves = checks.database.ok && checks.supervisor.ok && checks.process.ok
      return { status: serves ? (checks.reports.ok ? 'ok' : 'degraded') : 'unavailable', checks }
    },
    drain: () => {
      draining = true
    },
  }
}
