import { currentAttempt, findAttempt } from '../../../packages/reporter/src/supervisor/attempts.ts'
import type { Attempt, Reason, Recording } from '../../../packages/reporter/src/supervisor/recording.ts'
import { isFailure } from '../../../packages/reporter/src/supervisor/restart.ts'
import type { Page } from '../environment/page.ts'
import {
  type Invariant,
  isHealthyAndReporting,
  isRecordingChannel,
  runningTask,
  trackConfirmations,
} from './context.ts'
import { isLastStop, trackSessionEnds } from './sessionEvidence.ts'

/**
 * An attempt whose page is healthy and reporting is never given up, nor is another one started to replace it. Exceptions
 * are a stop or restart command, a planned roll-over, a task without files if the policy says so, a stranger's document that counts because it is the newest, and a task that Agora has denied for as long as the longest
 * failover: two failovers in a row look like that.
 *
 * The same holds for a task that records a channel, while Agora says so to whoever asks.
 */
export const healthyKept: Invariant = (context) => {
  /** Attempts with something held against them because of a stranger's document. */
  const blamed = new Set<string>()
  const deniedSince = new Map<string, number>()
  const { world, breach } = context
  const confirmations = trackConfirmations()
  const sessionEnds = trackSessionEnds()
  return {
    onAnswer: (call, request, answer) => {
      confirmations.onAnswer(call, request, answer)
      sessionEnds.onAnswer(call, request, answer)
      const { sid = '' } = request
      const { status } = answer
      if (call !== 'query') return
      if (status === 200) deniedSince.delete(sid)
      else if (status === 404 && !deniedSince.has(sid)) deniedSince.set(sid, world.time.now())
    },
    onCommit: (commit) => {
      const { at, before, after, signal } = commit
      sessionEnds.onCommit(commit)
      const attempt = currentAttempt(before)
      if (!attempt || attempt.sid === null || signal.type === 'stop' || signal.type === 'restart') return
      const key = `${before.id} ${attempt.number}`
      if (!isReplaced(before)) blamed.delete(key)
      const isKept = currentAttempt(after)?.number === attempt.number
      if (isKept && (isReplaced(before) || !isReplaced(after))) return
      const task = runningTask(context, before.id, attempt.number)
      if (before.kind === 'channel') {
        const isWell = task?.sid === attempt.sid && isRecordingChannel(context, task)
        if (!isWell || !confirmations.has(attempt.sid)) return
        if (sessionEnds.explains(commit, attempt) || isLastStop(commit, attempt)) return
        const why = findAttempt(after, attempt.number)?.endReason ?? after.replacing
        if (!isGroundForAnother(why, attempt, after)) {
          breach(`${before.id}: attempt ${attempt.number} records, and was given up: ${why?.message}`)
        }
        return
      }
      const page = task?.sid === attempt.sid ? world.pages.of(task) : undefined
      if (!page || !isHealthyAndReporting(context, page, before.policy)) return
      if (!isKept && before.replacing && !hasReportedWithin(page, at, before)) return
      // The newest document counts, and the reporter cannot know that Agora does not record it.
      if (world.strangers.has(attempt.page?.id)) blamed.add(key)
      if (blamed.has(key)) return
      const reason = findAttempt(after, attempt.number)?.endReason ?? after.replacing
      if (reason?.code === 'max_recording_hour' && currentAttempt(after)?.page?.loaded) return
      const isDenied = at - (deniedSince.get(attempt.sid) ?? at) >= before.policy.failoverWindow * 1000
      if (reason?.code === 'lost_at_agora' && isDenied) return
      if (reason?.code === 'no_files' && before.policy.onNoFiles === 'restart') return
      breach(
        `${before.id}: attempt ${attempt.number} is healthy and reporting, and was given up: ${reason?.message}`,
      )
    },
  }
}

/** What asks for another attempt although the current one records. */
const isGroundForAnother = (why: Reason | null, { haAt }: Attempt, recording: Recording): boolean => {
  const { policy } = recording
  if (why?.code === 'not_highly_available') return policy.requireHa && haAt === null
  if (why?.code === 'no_files') return policy.onNoFiles === 'restart'
  const isPlanned = why?.code === 'resource_expired_hour'
  return isPlanned && (policy.handOver === 'replace' || currentAttempt(recording)?.confirmedAt != null)
}

/** Something is held against the current attempt. */
const isReplaced = ({ replacing }: Recording): boolean => replacing !== null && isFailure(replacing)

/** A page that was silent before a downtime need not be waited for once the candidate has loaded. */
const hasReportedWithin = ({ lastStored }: Page, at: number, { policy }: Recording): boolean =>
  lastStored !== null && at - lastStored.at < policy.heartbeatTimeout * 1000
