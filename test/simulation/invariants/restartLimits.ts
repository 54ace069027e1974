import { liveAttempt, type Reason } from '../../../packages/reporter/src/supervisor/recording.ts'
import type { Commit } from '../reporter/process.ts'
import type { Invariant, InvariantContext } from './context.ts'

/** What the invariant counts for itself, from the stored decisions. */
interface Count {
  /** When attempts failed, within the policy's window. */
  failures: number[]
  neverLoaded: number
  rollingSince: number | null
}

/** A recording gives up when the limits of its policy are reached, neither before nor after. */
export const restartLimits: Invariant = (context) => {
  const { breach } = context
  const counts = new Map<string, Count>()
  return {
    onCommit: (commit) => {
      const { before, after, signal } = commit
      const { id, policy } = after
      const count = counts.get(id) ?? { failures: [], neverLoaded: 0, rollingSince: null }
      counts.set(id, count)
      if (signal.type === 'restart') Object.assign(count, { failures: [], neverLoaded: 0 })
      const isCounted = hasFailed(commit) && !wasNotStarted(context, commit)
      if (isCounted) countFailure(count, commit)
      updateStability(count, commit)
      const { maxFailures, maxNeverLoaded } = policy.restart
      const isReached = count.failures.length > maxFailures || count.neverLoaded >= maxNeverLoaded
      const counted = `${count.failures.length} failures, ${count.neverLoaded} attempts never loaded`
      if (isCounted && isReached && !after.gaveUp) breach(`${id}: continues after ${counted}`)
      if (after.gaveUp && !before.gaveUp && !isReached && !isHopeless(commit, after.gaveUp)) {
        breach(`${id}: gave up after ${counted}`)
      }
    },
  }
}

const countFailure = (count: Count, { at, before, after }: Commit): void => {
  const { within, stableAfter } = after.policy.restart
  if (count.rollingSince !== null && at - count.rollingSince >= stableAfter * 1000) count.failures = []
  count.failures = [...count.failures.filter((when) => at - when < within * 1000), at]
  if (liveAttempt(before)?.loadedAt == null) count.neverLoaded += 1
}

/** A recording that has rolled for `stableAfter`, or whose page has loaded, starts to count anew. */
const updateStability = (count: Count, { at, before, after }: Commit): void => {
  if (after.state === 'rolling') count.rollingSince ??= at
  else {
    const { stableAfter } = after.policy.restart
    if (count.rollingSince !== null && at - count.rollingSince >= stableAfter * 1000) {
      count.failures = count.failures.filter((when) => when === at)
    }
    count.rollingSince = null
  }
  if (liveAttempt(after)?.page?.loaded && !liveAttempt(before)?.page?.loaded) count.neverLoaded = 0
}

/** The current attempt ended for a reason that counts as a failure of the recording. */
const hasFailed = ({ before, after, timeline, signal }: Commit): boolean => {
  const current = liveAttempt(before)
  if (!current || before.gaveUp || signal.type === 'restart') return false
  const entry = timeline.find(({ code, attempt }) => code === 'attempt.failed' && attempt === current.number)
  if (!entry || after.desired === 'stopped') return false
  return entry.evidence.code !== 1 || after.policy.onStopCode[1] !== 'rollOver'
}

/** Agora did not take the start and runs nothing, for lack of quota or capacity, or because it was unreachable. */
const wasNotStarted = ({ world }: InvariantContext, { before, signal }: Commit): boolean =>
  signal.type === 'startFailed' &&
  !world.agora.tasks.some(({ cname, attempt }) => cname === before.id && attempt === signal.attempt)

/** Another attempt would end in the same way. */
const isHopeless = ({ signal, after: { policy, attempts } }: Commit, reason: Reason): boolean => {
  if (signal.type === 'startFailed') return signal.failure === 'permanent'
  if (signal.type !== 'notification') return false
  const code = reason.evidence.code
  if (code === 2) return attempts.filter(({ endReason }) => endReason?.code === 'capability_limit').length > 1
  return (
    typeof code === 'number' &&
    Object.entries(policy.onStopCode).some(([each, action]) => Number(each) === code && action === 'giveUp')
  )
}
