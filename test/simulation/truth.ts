import type { Policy } from '../../packages/reporter/src/supervisor/policy.ts'
import { liveAttempt, type Recording } from '../../packages/reporter/src/supervisor/recording.ts'
import { runs, type Task } from './agora.ts'
import type { Kit } from './kit.ts'
import type { Page } from './page.ts'
import type { World } from './world.ts'

/** What an invariant may look at, and how it says that it is broken. */
export interface Truth {
  readonly world: World
  readonly kit: Kit
  /** When something was wrong last, of itself. */
  readonly troubledAt: number
  /** When the reporter was away last: dead, suspended, or without its store. */
  readonly awayAt: number
  readonly breach: (text: string) => void
}

/** A recording as it is stored. */
export const stored = ({ world }: Truth, id: string): Recording | undefined =>
  world.memory.tables.recordings.get(id)?.recording

/** Its attempt's task that runs, if any. */
export const taskOf = ({ world }: Truth, id: string, attempt: number): Task | undefined =>
  world.agora.tasks.findLast((task) => task.cname === id && task.attempt === attempt && runs(task))

/** Nothing has been wrong since then, and nothing is. */
export const calmSince = ({ world, troubledAt }: Truth, at: number): boolean =>
  world.calm() && troubledAt < at

/** The number of the attempt whose signals count. */
export const liveNumber = (recording: Recording | undefined): number | undefined =>
  recording && liveAttempt(recording)?.number

/** The page is well, the reporter knows it, and has listened for less than the time that it gives a page since then. */
export const isWellAndHeard = ({ world, awayAt }: Truth, page: Page, policy: Policy): boolean => {
  const { open, frozen, loaded, ok, silenced, heard } = page
  const well = open && !frozen && loaded && ok && !silenced
  if (!well || !heard?.loaded || !heard.ok) return false
  return world.time.now() - Math.max(heard.at, awayAt) < policy.heartbeatTimeout * 1000
}
