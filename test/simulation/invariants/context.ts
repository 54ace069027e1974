import { currentAttempt, withAttempts } from '../../../packages/reporter/src/supervisor/attempts.ts'
import type { Policy } from '../../../packages/reporter/src/supervisor/policy.ts'
import type { Attempt, Recording } from '../../../packages/reporter/src/supervisor/recording.ts'
import type { Page } from '../environment/page.ts'
import { isRunning, type Task } from '../environment/task.ts'
import type { Kit } from '../kit.ts'
import type { Observer } from '../observer.ts'
import type { Commit } from '../reporter/process.ts'
import type { World } from '../world.ts'

/** Observes a run, and reports a breach when the invariant does not hold. */
export type Invariant = (context: InvariantContext) => Partial<Observer> & {
  atEnd?(): void | Promise<void>
}

/** What an invariant can read, and how it reports a breach. */
export interface InvariantContext {
  readonly world: World
  readonly kit: Kit
  /** When a fault last began, occurred or ended. */
  readonly lastFaultAt: number
  /** When the reporter's last downtime ended: it was dead, suspended, or without its store. */
  readonly lastDowntimeAt: number
  /** The same, also of those that are so short that the reporter may not take them for a downtime. */
  readonly lastReturnAt: number
  readonly breach: (text: string) => void
}

/**
 * The time that passes for a recording, in milliseconds: the reporter takes a step of its clock forward for time that has
 * passed, and after a step back it moves all stored times by what it takes for the step.
 */
export const timeOf = ({ wallAt, after }: Pick<Commit, 'wallAt' | 'after'>): number =>
  wallAt + after.appliedDowntimes.clockStepBackMs

/** A recording as it is stored. */
export const storedRecording = ({ world }: InvariantContext, id: string): Recording | undefined =>
  world.memory.tables.recordings.get(id)?.recording

/** All attempts of a recording, as they are stored. */
export const storedAttempts = ({ world }: Pick<InvariantContext, 'world'>, id: string): Attempt[] => {
  const { recordings, settledAttempts } = world.memory.tables
  const recording = recordings.get(id)?.recording
  return recording ? withAttempts(recording, settledAttempts.get(id) ?? []).attempts : []
}

/** The running task of an attempt, if any. */
export const runningTask = ({ world }: InvariantContext, id: string, attempt: number): Task | undefined =>
  world.agora.tasks.findLast((task) => task.recordingId === id && task.attempt === attempt && isRunning(task))

export const isFaultFreeSince = ({ world, lastFaultAt }: InvariantContext, at: number): boolean =>
  world.isFaultFree() && lastFaultAt < at

/** The number of the attempt that counts as the recording. */
export const currentNumber = (recording: Recording | undefined): number | undefined =>
  recording && currentAttempt(recording)?.number

/** By this time after a task's end, event 71 or a query has reported it, in milliseconds. */
const END_NOTICED_MS = 180_000

/** The task reached `maxRecordingHour` a moment ago, which is no failure. */
export const isRollingOver = ({ world }: InvariantContext, { id, attempts, policy }: Recording): boolean => {
  const last = world.agora.tasks.findLast(({ recordingId }) => recordingId === id)
  if (last?.ended && last.ended.at > world.time.now() - END_NOTICED_MS) return true
  const [before, current] = attempts.slice(-2)
  const loadingSince = world.time.wallNow() - policy.loadTimeout * 1000
  return (
    before?.endReason?.code === 'max_recording_hour' &&
    current !== undefined &&
    current.createdAt > loadingSince
  )
}

/** Agora's statuses of a task that runs: 4 ready, 5 in progress. */
export const isRunningStatus = (status: number | undefined): boolean => status === 4 || status === 5

/** The sids that run according to Agora's last clear answer to a query. */
export const trackConfirmations = (): {
  has(sid: string): boolean
  /** Whether there has ever been such an answer. */
  hasEver(sid: string): boolean
  onAnswer: Observer['onAnswer']
} => {
  const confirmed = new Set<string>()
  const ever = new Set<string>()
  return {
    has: (sid) => confirmed.has(sid),
    hasEver: (sid) => ever.has(sid),
    onAnswer: (call, { sid = '' }, { status, state }) => {
      if (call !== 'query' || (status !== 200 && status !== 404)) return
      if (status === 200 && isRunningStatus(state)) {
        confirmed.add(sid)
        ever.add(sid)
      } else confirmed.delete(sid)
    },
  }
}

/** The page does what it should, whether or not the reporter knows. */
export const isWell = (page: Page | undefined): boolean =>
  page?.open === true && !page.frozen && page.loaded && page.checksPass

/** Whether the task has ever been well: a document of it has loaded, or Agora has begun to record the channel. */
export const wasWell = ({ world }: InvariantContext, task: Task): boolean =>
  task.channel
    ? world.time.now() - task.startedAt >= READY_MS
    : world.pages.allOf(task).some(({ loaded }) => loaded)

/** From the start of a task to status 4, in milliseconds. */
const READY_MS = 2000

/** Agora records the channel, and says so to whoever asks, whether or not the reporter knows. */
export const isRecordingChannel = ({ world }: InvariantContext, task: Task): boolean =>
  task.channel !== null &&
  isRunning(task) &&
  task.failingOverUntil === null &&
  task.unsettledStatus === null &&
  world.time.now() - task.startedAt >= READY_MS &&
  world.time.now() < task.expiresAt

/**
 * The page is healthy, the reporter has stored a report that says so, and since then the reporter has listened for less
 * than `heartbeatTimeout`. A step of the wall clock forward lengthens the silence by as much for the reporter.
 */
export const isHealthyAndReporting = (context: InvariantContext, page: Page, policy: Policy): boolean => {
  const { dismissed, lastStored } = page
  if (!isWell(page) || dismissed || !lastStored?.loaded || !lastStored.checksPass) return false
  const { world, lastDowntimeAt } = context
  const listeningSince = Math.max(lastStored.at, lastDowntimeAt)
  const listeningFor = world.time.now() - listeningSince + world.time.steppedForwardSince(listeningSince)
  return listeningFor < policy.heartbeatTimeout * 1000
}
