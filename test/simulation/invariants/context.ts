import type { Policy } from '../../../packages/reporter/src/supervisor/policy.ts'
import { liveAttempt, type Recording } from '../../../packages/reporter/src/supervisor/recording.ts'
import { isRunning, type Task } from '../environment/agora.ts'
import type { Page } from '../environment/page.ts'
import type { Kit } from '../kit.ts'
import type { Observer } from '../observer.ts'
import type { World } from '../world.ts'

/** Observes a run, and reports a breach when the invariant does not hold. */
export type Invariant = (context: InvariantContext) => Partial<Observer> & { atEnd?(): void }

/** What an invariant can read, and how it reports a breach. */
export interface InvariantContext {
  readonly world: World
  readonly kit: Kit
  /** When a fault last began, occurred or ended. */
  readonly lastFaultAt: number
  /** When the reporter's last downtime ended: it was dead, suspended, or without its store. */
  readonly lastDowntimeAt: number
  readonly breach: (text: string) => void
}

/** A recording as it is stored. */
export const storedRecording = ({ world }: InvariantContext, id: string): Recording | undefined =>
  world.memory.tables.recordings.get(id)?.recording

/** The running task of an attempt, if any. */
export const runningTask = ({ world }: InvariantContext, id: string, attempt: number): Task | undefined =>
  world.agora.tasks.findLast((task) => task.cname === id && task.attempt === attempt && isRunning(task))

export const isFaultFreeSince = ({ world, lastFaultAt }: InvariantContext, at: number): boolean =>
  world.isFaultFree() && lastFaultAt < at

/** The number of the attempt whose signals count. */
export const currentNumber = (recording: Recording | undefined): number | undefined =>
  recording && liveAttempt(recording)?.number

/**
 * The page is healthy, the reporter has stored a report that says so, and since then the reporter has listened for less
 * than `heartbeatTimeout`.
 */
export const isHealthyAndReporting = (context: InvariantContext, page: Page, policy: Policy): boolean => {
  const { open, frozen, loaded, checksPass, dismissed, lastStored } = page
  const isHealthy = open && !frozen && loaded && checksPass && !dismissed
  if (!isHealthy || !lastStored?.loaded || !lastStored.checksPass) return false
  const { world, lastDowntimeAt } = context
  return world.time.now() - Math.max(lastStored.at, lastDowntimeAt) < policy.heartbeatTimeout * 1000
}
