import { currentAttempt } from '../../../packages/reporter/src/supervisor/attempts.ts'
import type { Recording } from '../../../packages/reporter/src/supervisor/recording.ts'
import type { Task } from '../environment/task.ts'
import type { Commit } from '../reporter/process.ts'
import {
  type Invariant,
  type InvariantContext,
  isRecordingChannel,
  isRollingOver,
  isWell,
  runningTask,
} from './context.ts'

/**
 * A recording that should run is recorded whenever the world lets it: it is given up only if its request was refused, its
 * policy says `final`, or an `onStopCode` says so, and once the faults have ended, it rolls within the longest delay of the
 * slow retries.
 */
export const neverAbandoned: Invariant = (context) => {
  /** Recordings of which Agora has refused a request. */
  const refused = new Set<string>()
  return {
    onAnswer: (call, { recordingId = '' }, { status, code }) => {
      if ((call === 'start' || call === 'acquire') && isRefusal(status, code)) refused.add(recordingId)
    },
    onCommit: (commit) => {
      const { before, after, signal } = commit
      if (before.gaveUp || !after.gaveUp || after.policy.restart.final) return
      const isAllowed = signal.type === 'startFailed' ? refused.has(after.id) : isHopeless(commit)
      if (!isAllowed) context.breach(`${after.id}: gives up: ${after.gaveUp.message}`)
    },
    atEnd: () => {
      for (const { recording } of context.world.memory.tables.recordings.values()) {
        const { desired, gaveUp, awaitsStart } = recording
        // `onSchedule` judges whether it should have begun.
        if (desired === 'stopped' || gaveUp || awaitsStart || isRollingOver(context, recording)) continue
        const problem = problemOf(context, recording)
        if (problem) context.breach(`${recording.id}: state ${recording.state}, ${problem}`)
      }
    },
  }
}

/** Agora's service says that the request itself is wrong. */
const isRefusal = (status: number | undefined, code: number | undefined): boolean =>
  status === 400 && code === 2

const problemOf = (context: InvariantContext, recording: Recording): string | undefined => {
  const attempt = currentAttempt(recording)
  const task = attempt && runningTask(context, recording.id, attempt.number)
  if (recording.kind === 'channel') return channelProblemOf(context, recording, task)
  if (!task) return 'and nothing is recorded'
  // While the recording is paused, a page that is not healthy costs nothing.
  if (recording.paused) return undefined
  if (!isWell(context.world.pages.of(task))) return 'and its page is not well'
  return recording.state === 'rolling' ? undefined : `although its page is well: ${recording.reason?.message}`
}

/** `channelRecorded` judges whether something must be recorded. */
const channelProblemOf = (
  context: InvariantContext,
  { state, reason }: Recording,
  task: Task | undefined,
): string | undefined => {
  if (!task || context.world.time.now() - task.startedAt < CONFIRMED_MS) return undefined
  if (!isRecordingChannel(context, task)) return 'and its task does not record'
  return state === 'rolling' ? undefined : `although its task records: ${reason?.message}`
}

/** From the start of a task to the answer that confirms it, in milliseconds. */
const CONFIRMED_MS = 10_000

/** Another attempt would end in the same way. */
export const isHopeless = ({ signal, after: { gaveUp, policy, attempts } }: Commit): boolean => {
  if (signal.type === 'startFailed') return signal.failure === 'permanent'
  if (signal.type !== 'notification') return false
  const code = gaveUp?.evidence.code
  if (code === 2) return attempts.filter(({ endReason }) => endReason?.code === 'capability_limit').length > 1
  return (
    typeof code === 'number' &&
    Object.entries(policy.onStopCode).some(([each, action]) => Number(each) === code && action === 'giveUp')
  )
}
