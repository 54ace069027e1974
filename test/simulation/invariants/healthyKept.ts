import { liveAttempt } from '../../../packages/reporter/src/supervisor/recording.ts'
import { type Invariant, isHealthyAndReporting, runningTask } from './context.ts'

/**
 * An attempt whose page is healthy and reporting is never given up. Exceptions are a stop or restart command, and a
 * task that Agora has denied for as long as the longest failover: two failovers in a row look like that.
 */
export const healthyKept: Invariant = (context) => {
  const deniedSince = new Map<string, number>()
  const { world, breach } = context
  return {
    onAnswer: (call, { sid = '' }, { status }) => {
      if (call !== 'query') return
      if (status === 200) deniedSince.delete(sid)
      else if (status === 404 && !deniedSince.has(sid)) deniedSince.set(sid, world.time.now())
    },
    onCommit: ({ at, before, after, signal }) => {
      const attempt = liveAttempt(before)
      if (!attempt || attempt.sid === null || signal.type === 'stop' || signal.type === 'restart') return
      if (liveAttempt(after)?.number === attempt.number) return
      const task = runningTask(context, before.id, attempt.number)
      const page = task?.sid === attempt.sid ? world.pages.of(task) : undefined
      if (!page || !isHealthyAndReporting(context, page, before.policy)) return
      const reason = after.attempts[attempt.number - 1]?.endReason
      const isDenied = at - (deniedSince.get(attempt.sid) ?? at) >= before.policy.failoverWindow * 1000
      if (reason?.code === 'lost_at_agora' && isDenied) return
      breach(
        `${before.id}: attempt ${attempt.number} is healthy and reporting, and was given up: ${reason?.message}`,
      )
    },
  }
}
