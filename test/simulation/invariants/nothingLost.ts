import { findAttempt, isSupervised } from '../../../packages/reporter/src/supervisor/attempts.ts'
import { isRunning, type Task } from '../environment/agora.ts'
import type { FaultEvent } from '../observer.ts'
import type { Commit } from '../reporter/process.ts'
import {
  hasLoaded,
  type Invariant,
  type InvariantContext,
  isWell,
  runningTask,
  storedRecording,
  trackConfirmations,
} from './context.ts'

/** From a candidate's request to its page's `loaded`, in milliseconds: a slow page takes longest. */
const CANDIDATE_MS = 90_000
/** From the end of a candidate in the last moments to the start of the next one's task, in milliseconds. */
const NEXT_CANDIDATE_MS = 3000
/** For this time after the hour limit the reporter still expects the end, in milliseconds. */
const MAX_END_LATENESS_MS = 60_000
const HOUR_MS = 3_600_000
/** Between two times that the reporter stores, in milliseconds, with the pass of the sweep that does it. */
const TICK_MS = 1200

/**
 * With `handOver: "overlap"` a page that is well loses not one second of recording, whatever happens to the reporter, its
 * way in or its notifications. Its task is stopped only when another task's page has loaded, and when Agora ends it at
 * `maxRecordingHour`, another task's page is well already. Agora's own faults are excepted.
 */
export const nothingLost: Invariant = (context) => {
  const confirmations = trackConfirmations()
  const faults = trackFaults(context)
  /** Tasks that ended while their pages were well. */
  const endedWell = new Set<Task>()
  /** When a recording that had given up was supervised again. */
  const recoveredAt = new Map<string, number>()
  return {
    onAnswer: confirmations.onAnswer,
    onFault: faults.onFault,
    onCommit: (commit) => {
      if (commit.timeline.some(({ code }) => code === 'recording.recovered')) {
        recoveredAt.set(commit.after.id, context.world.time.now())
      }
      checkStops(context, commit, confirmations.has)
    },
    // The task's page is still as it was when the task ended.
    onTask: (task, change) => {
      if (change !== 'ended') return
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
      if (faults.hasPreventedStart(task.recordingId, since) || seemsOverdue(context, task)) return
      const others = otherTasks(context, task).filter(({ ended }) => (ended?.at ?? Infinity) > since)
      if (others.some((other) => isRunning(other) || !endedWell.has(other))) return
      if (others.some(({ ended }) => (ended?.at ?? 0) > context.world.time.now() - NEXT_CANDIDATE_MS)) return
      context.breach(
        `${task.recordingId}: ${task.sid} ended at maxRecordingHour, and no other task had started`,
      )
    },
  }
}

/** No task whose page has reported and is well is stopped while no other one has loaded. */
const checkStops = (
  context: InvariantContext,
  { before, after, signal }: Commit,
  isConfirmed: (sid: string) => boolean,
): void => {
  const isRequested = signal.type === 'restart' || after.desired === 'stopped'
  if (isRequested || after.policy.handOver === 'replace') return
  for (const { number, sid, state } of after.attempts) {
    if (state !== 'superseded' || !isSupervised(before, number)) continue
    const task = runningTask(context, after.id, number)
    if (!task || task.sid !== sid || !isWell(context.world.pages.of(task)) || !wasHeard(context, task))
      continue
    const isCovered = otherTasks(context, task).some(
      (other) => isRunning(other) && hasLoaded(context, other) && isSupervised(after, other.attempt),
    )
    // Agora has denied the task: it fails over.
    if (isCovered || !isConfirmed(task.sid)) continue
    context.breach(`${after.id}: ${sid} is stopped while its page is well and no other page has loaded`)
  }
}

const wasHeard = ({ world }: InvariantContext, task: Task): boolean =>
  world.pages.allOf(task).some(({ lastStored }) => lastStored?.loaded)

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

/** What may keep a candidate from starting: the reporter does not run, Agora is unreachable or ends the task, or no page loads. */
const PREVENTING: ReadonlySet<string> = new Set([
  ...['crash', 'suspension', 'store', 'egress', 'answer', 'task', 'pageServer'],
])

const trackFaults = ({ world }: InvariantContext) => {
  const lasting = new Map<string, number>()
  const lastAt = new Map<string, number>()
  const lasts = (kind: FaultEvent['kind']): boolean => (lasting.get(kind) ?? 0) > 0
  /** Since when a process can store a time, and has not done so since a step; null if none is to be stored. */
  let unstoredStep: { runningSince: number } | null = null
  let hasUnknownStep = false
  /** No clock says by how much the wall clock stepped if no process ran then, or one that ended before it stored the time. */
  const trackSteps = ({ kind, phase }: FaultEvent): void => {
    const now = world.time.now()
    const isPrevented = lasts('suspension') || lasts('store')
    if (unstoredStep && !isPrevented && now - unstoredStep.runningSince > TICK_MS) unstoredStep = null
    const canStoreAgain = phase === 'ended' && (kind === 'suspension' || kind === 'store')
    if (kind === 'clockStep' || (unstoredStep && canStoreAgain)) unstoredStep = { runningSince: now }
    const isDown = lasts('crash') || (kind === 'crash' && phase === 'began')
    if (unstoredStep && isDown) hasUnknownStep = true
  }
  return {
    onFault: (event: FaultEvent): void => {
      trackSteps(event)
      const { kind, phase, detail } = event
      if (!PREVENTING.has(kind) && kind !== 'ingress') return
      const key = kind === 'task' ? (detail?.split(' ')[0] ?? kind) : kind
      const change = phase === 'began' ? 1 : phase === 'ended' ? -1 : 0
      lasting.set(key, (lasting.get(key) ?? 0) + change)
      lastAt.set(key, world.time.now())
    },
    /** Whether the reporter could not be reached: a page behind the fence waits for it, and Agora ends its task. */
    wasUnreachable: (since: number): boolean => lasts('ingress') || (lastAt.get('ingress') ?? 0) > since,
    /** Whether a fault was there from `since` on, or shortly before, that may have delayed the start of a candidate. */
    hasPreventedStart: (id: string, since: number): boolean =>
      hasUnknownStep ||
      [...PREVENTING, id].some(
        (key) => (lasting.get(key) ?? 0) > 0 || (lastAt.get(key) ?? 0) > since - CANDIDATE_MS,
      ),
  }
}
