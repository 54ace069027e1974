import { liveAttempt, type Reason } from '../../../packages/reporter/src/supervisor/recording.ts'
import type { Invariant } from '../invariants.ts'
import type { Commit } from '../process.ts'
import type { Truth } from '../truth.ts'

/** What this invariant counts by itself, from what is decided. */
interface Count {
  failures: number[]
  neverLoaded: number
  rollingSince: number | null
}

/** A recording is given up when its policy's limit is reached, neither before nor after. */
export const limits: Invariant = (truth) => {
  const { breach } = truth
  const counts = new Map<string, Count>()
  return {
    onCommit: (commit) => {
      const { at, before, after, signal } = commit
      const { id, policy } = after
      const count = counts.get(id) ?? { failures: [], neverLoaded: 0, rollingSince: null }
      counts.set(id, count)
      if (signal.type === 'restart') Object.assign(count, { failures: [], neverLoaded: 0 })
      const { maxFailures, maxNeverLoaded, within, stableAfter } = policy.restart
      const counted = failed(commit) && !isInnocent(truth, commit)
      if (counted) {
        if (count.rollingSince !== null && at - count.rollingSince >= stableAfter * 1000) count.failures = []
        count.failures = [...count.failures.filter((when) => at - when < within * 1000), at]
        count.neverLoaded = liveAttempt(before)?.loadedAt == null ? count.neverLoaded + 1 : count.neverLoaded
      }
      note(count, commit)
      const reached = count.failures.length > maxFailures || count.neverLoaded >= maxNeverLoaded
      if (counted && reached && !after.gaveUp) {
        breach(`${id}: goes on after ${count.failures.length} failures, ${count.neverLoaded} never loaded`)
      }
      if (after.gaveUp && !before.gaveUp && !reached && !isHopeless(commit, after.gaveUp)) {
        breach(`${id}: gave up after ${count.failures.length} failures, ${count.neverLoaded} never loaded`)
      }
    },
  }
}

const note = (count: Count, { at, before, after }: Commit): void => {
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

/** The attempt that counted was left, for a reason that is held against the recording. */
const failed = ({ before, after, timeline, signal }: Commit): boolean => {
  const live = liveAttempt(before)
  if (!live || before.gaveUp || signal.type === 'restart') return false
  const line = timeline.find(({ code, attempt }) => code === 'attempt.failed' && attempt === live.number)
  if (!line || after.desired === 'stopped') return false
  return line.evidence.code !== 1 || after.policy.onStopCode[1] !== 'rollOver'
}

/** Agora did not take the start, and runs nothing: quota, capacity, or the way to it. */
const isInnocent = ({ world }: Truth, { before, signal }: Commit): boolean =>
  signal.type === 'startFailed' &&
  !world.agora.tasks.some(({ cname, attempt }) => cname === before.id && attempt === signal.attempt)

/** Ends that no number of attempts would change. */
const isHopeless = ({ signal, after: { policy, attempts } }: Commit, why: Reason): boolean => {
  if (signal.type === 'startFailed') return signal.failure === 'permanent'
  if (signal.type !== 'notification') return false
  const code = why.evidence.code
  if (code === 2) return attempts.filter(({ endReason }) => endReason?.code === 'capability_limit').length > 1
  return (
    typeof code === 'number' &&
    Object.entries(policy.onStopCode).some(([each, action]) => Number(each) === code && action === 'giveUp')
  )
}
