import { supervisedAttempts } from '../../../packages/reporter/src/supervisor/attempts.ts'
import type { Attempt, Recording, Revisions } from '../../../packages/reporter/src/supervisor/recording.ts'
import { type Invariant, type InvariantContext, runningTask } from './context.ts'

const CHANGES = ['layout', 'subscription'] as const satisfies (keyof Revisions)[]
/** From the confirmation of a change to the end of the run, in milliseconds: the next update may be on its way. */
const SENT_MS = 70_000

/**
 * A change of a channel reaches every task that records it: with its start, or by an update that Agora carries out. Agora's
 * confirmation counts only for what it has confirmed, and attention says so while Agora has refused a change.
 */
export const changesConfirmed: Invariant = (context) => {
  const { world, breach } = context
  /** By recording, change and number: when the user made the change. */
  const changedAt = new Map<string, number>()
  const keyOf = ({ id }: Recording, change: keyof Revisions, revision: number): string =>
    `${id} ${change} ${revision}`
  const check = (recording: Recording): void => {
    const { id, desired, gaveUp, attention } = recording
    if (recording.kind !== 'channel' || desired === 'stopped' || gaveUp) return
    const isRefused = supervisedAttempts(recording).some(
      (attempt) => refusedOf(recording, attempt).length > 0,
    )
    if (isRefused !== attention.some(({ code }) => code === 'change_refused')) {
      breach(`${id}: a change is ${isRefused ? '' : 'not '}refused, and attention says otherwise`)
    }
  }
  return {
    onCommit: ({ at, before, after, signal }) => {
      if (after.kind !== 'channel') return
      check(after)
      for (const change of signal.type === 'changed' ? signal.changes : []) {
        changedAt.set(keyOf(after, change, after.revisions[change]), at)
      }
      for (const attempt of supervisedAttempts(after)) {
        for (const change of CHANGES) {
          const earlier = before.attempts.find(({ number }) => number === attempt.number)
          // A start that is sent again brings the newest values.
          const isUnchanged = earlier?.applied[change] === attempt.applied[change]
          if (!earlier || isUnchanged || attempt.sid === null) continue
          const since = changedAt.get(keyOf(after, change, attempt.applied[change])) ?? 0
          if (!hasUpdate(context, { recording: after, attempt, change, since })) {
            breach(
              `${after.id}: attempt ${attempt.number} counts as changed, and Agora has no such ${change}`,
            )
          }
        }
      }
    },
    atEnd: () => {
      for (const { recording } of world.memory.tables.recordings.values()) {
        if (recording.kind !== 'channel' || recording.desired === 'stopped') continue
        for (const attempt of supervisedAttempts(recording)) {
          const isNew = world.time.wallNow() - (attempt.startedAt ?? Number.POSITIVE_INFINITY) < SENT_MS
          if (attempt.sid === null || isNew) continue
          for (const change of CHANGES) {
            const task = runningTask(context, recording.id, attempt.number)
            if (!task || refusedOf(recording, attempt).includes(change)) continue
            if (attempt.applied[change] < recording.revisions[change]) {
              breach(`${recording.id}: attempt ${attempt.number} never got the ${change}`)
            }
          }
        }
      }
    },
  }
}

const refusedOf = ({ revisions }: Recording, { refused, applied }: Attempt): (keyof Revisions)[] =>
  CHANGES.filter((change) => refused[change] >= revisions[change] && applied[change] < revisions[change])

/** Agora has carried out such an update of the attempt's task since the user made the change. */
const hasUpdate = (
  { world }: InvariantContext,
  found: { recording: Recording; attempt: Attempt; change: keyof Revisions; since: number },
): boolean => {
  const { recording, attempt, change, since } = found
  return world.agora.tasks.some(
    (task) =>
      task.recordingId === recording.id &&
      task.attempt === attempt.number &&
      task.channel?.updates.some((update) => update.change === change && update.at >= since),
  )
}
