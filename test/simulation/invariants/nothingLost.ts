import {
  candidateAttempt,
  findAttempt,
  isSupervised,
} from '../../../packages/reporter/src/supervisor/attempts.ts'
import type { Attempt, Recording } from '../../../packages/reporter/src/supervisor/recording.ts'
import { isRunning, type Task } from '../environment/task.ts'
import type { Commit } from '../reporter/process.ts'
import {
  type Invariant,
  type InvariantContext,
  isRecordingChannel,
  isWell,
  runningTask,
  storedRecording,
  trackConfirmations,
  wasWell,
} from './context.ts'
import { type PreventingFaults, trackPreventingFaults } from './preventingFaults.ts'
import { isLastStop, trackSessionEnds } from './sessionEvidence.ts'

/** From the end of a candidate in the last moments to the start of the next one's task, in milliseconds. */
const NEXT_CANDIDATE_MS = 3000
/** For this time after the hour limit the reporter still expects the end, in milliseconds. */
const MAX_END_LATENESS_MS = 60_000
const HOUR_MS = 3_600_000

/**
 * With `handOver: "overlap"` a page that is well loses not one second of recording, whatever happens to the reporter, its
 * way in or its notifications. Its task is stopped only when another task's page has loaded, and when Agora ends it at
 * `maxRecordingHour`, another task's page is well already. The same holds for a channel that Agora records, and for the
 * end of its resource. Agora's own faults are excepted.
 */
export const nothingLost: Invariant = (context) => {
  const confirmations = trackConfirmations()
  const sessionEnds = trackSessionEnds()
  const faults = trackPreventingFaults(context)
  /** Tasks that ended while their pages were well. */
  const endedWell = new Set<Task>()
  /** When a recording that had given up was supervised again. */
  const recoveredAt = new Map<string, number>()
  return {
    onAnswer: (...answered) => {
      confirmations.onAnswer(...answered)
      sessionEnds.onAnswer(...answered)
    },
    onFault: faults.onFault,
    onCommit: (commit) => {
      if (commit.timeline.some(({ code }) => code === 'recording.recovered')) {
        recoveredAt.set(commit.after.id, context.world.time.now())
      }
      sessionEnds.onCommit(commit)
      const isNeededLastStop = (attempt: Attempt): boolean =>
        isLastStop(commit, attempt) && mayLackAnother(context, commit, { attempt, faults })
      const isExplained = (attempt: Attempt): boolean =>
        sessionEnds.explains(commit, attempt) || isNeededLastStop(attempt)
      checkStops(context, commit, { isConfirmed: confirmations.has, isExplained })
    },
    // The task's page is still as it was when the task ended.
    onTask: (task, change) => {
      if (change !== 'ended' || task.channel) return
      if (!isWell(context.world.pages.of(task))) return
      endedWell.add(task)
      if (!isAtHourLimit(context, task)) return
      const policy = storedRecording(context, task.recordingId)?.policy
      const aheadMs = (policy?.rollOverAhead ?? 0) * 1000
      if (aheadMs === 0 || policy?.handOver !== 'overlap' || !isSupervisedTask(context, task)) return
      const since = context.world.time.now() - aheadMs
      if (policy.fence && faults.wasUnreachable(since)) return
      // One that has given up and recovered within `rollOverAhead` is rolled over when Agora ends it.
      const aheadSince = since - context.world.time.steppedForwardSince(task.startedAt)
      if (policy.restart.final && (recoveredAt.get(task.recordingId) ?? 0) > aheadSince) return
      if (faults.hasPreventedStart(task, since) || seemsOverdue(context, task)) return
      const others = otherTasks(context, task).filter(({ ended }) => (ended?.at ?? Infinity) > since)
      if (others.some((other) => isRunning(other) || !endedWell.has(other))) return
      if (others.some(({ ended }) => (ended?.at ?? 0) > context.world.time.now() - NEXT_CANDIDATE_MS)) return
      context.breach(
        `${task.recordingId}: ${task.sid} ended at maxRecordingHour, and no other task had started`,
      )
    },
  }
}

interface Evidence {
  /** Agora's last answer was that the task runs. */
  isConfirmed(sid: string): boolean
  isExplained(attempt: Attempt): boolean
}

/** No task whose page has reported and is well is stopped while no other one has loaded. */
const checkStops = (
  context: InvariantContext,
  commit: Commit,
  { isConfirmed, isExplained }: Evidence,
): void => {
  const { before, after, signal } = commit
  const isRequested = signal.type === 'restart' || after.desired === 'stopped'
  if (isRequested || after.policy.handOver === 'replace') return
  for (const attempt of after.attempts) {
    const { number, sid, state, endReason } = attempt
    // A candidate that the policy does not take.
    const isRefused = isCandidate(before, number) && endReason?.code === 'not_highly_available'
    if (isRefused || isExplained(attempt)) continue
    if (state !== 'superseded' || !isSupervised(before, number)) continue
    const task = runningTask(context, after.id, number)
    if (!task || task.sid !== sid || !isKnownToBeWell(context, task)) continue
    const isCovered = otherTasks(context, task).some(
      (other) => isRunning(other) && wasWell(context, other) && isSupervised(after, other.attempt),
    )
    // Agora has denied the task: it fails over.
    if (isCovered || !isConfirmed(task.sid)) continue
    context.breach(`${after.id}: ${sid} is stopped while it is well, and no other task is proven`)
  }
}

const isCandidate = (recording: Recording, number: number): boolean =>
  candidateAttempt(recording)?.number === number

/** The least time before a channel's resource expires at which a candidate starts, in milliseconds. */
const MIN_AHEAD_MS = 60_000

/** A task is stopped in the last moment, and no candidate has taken over: faults, the policy or slow retries prevented that. */
const mayLackAnother = (
  context: InvariantContext,
  { before, after }: Commit,
  { attempt, faults }: { attempt: Attempt; faults: PreventingFaults },
): boolean => {
  const { time } = context.world
  const task = runningTask(context, after.id, attempt.number)
  if (!task || before.gaveUp || before.slowRetries > 0 || after.policy.requireHa) return true
  // The reporter takes a step of its clock forward for time that has passed, in which it could not start a candidate.
  if (time.steppedForwardSince(task.startedAt) > 0) return true
  const aheadMs = Math.max(after.policy.rollOverAhead * 1000, MIN_AHEAD_MS)
  return faults.hasPreventedStart(task, time.now() - aheadMs)
}

const isKnownToBeWell = (context: InvariantContext, task: Task): boolean => {
  if (task.channel) return isRecordingChannel(context, task)
  const { pages } = context.world
  return isWell(pages.of(task)) && pages.allOf(task).some(({ lastStored }) => lastStored?.loaded)
}

const otherTasks = ({ world }: InvariantContext, task: Task): Task[] =>
  world.agora.tasks.filter((other) => other.recordingId === task.recordingId && other !== task)

const isAtHourLimit = ({ world }: InvariantContext, { startedAt, maxRecordingHour }: Task): boolean =>
  world.time.now() - startedAt >= maxRecordingHour * HOUR_MS

/**
 * The reporter takes a step of its clock forward for time that has passed: for it Agora runs the task beyond its hour limit,
 * and nothing tells when that ends it.
 */
const seemsOverdue = ({ world }: InvariantContext, { startedAt }: Task): boolean =>
  world.time.steppedForwardSince(startedAt) > MAX_END_LATENESS_MS

const isSupervisedTask = (context: InvariantContext, { recordingId, attempt, sid }: Task): boolean => {
  const recording = storedRecording(context, recordingId)
  if (!recording || recording.gaveUp || findAttempt(recording, attempt)?.sid !== sid) return false
  return isSupervised(recording, attempt)
}
