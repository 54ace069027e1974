import { currentAttempt, supervisedAttempts } from '../../../packages/reporter/src/supervisor/attempts.ts'
import type { Attempt, Recording, Revisions } from '../../../packages/reporter/src/supervisor/recording.ts'
import type { Task } from '../environment/task.ts'
import { type Invariant, type InvariantContext, runningTask } from './context.ts'

type Change = keyof Revisions

const CHANGES: readonly Change[] = ['layout', 'subscription']
/** From the start of a task to the end of the run, in milliseconds: the next update may be on its way. */
const SENT_MS = 70_000

/**
 * A change of a channel reaches every task that records it, with its start or by an update, and at the end each has the newest
 * values. It counts as confirmed only when Agora has them. Attention says so while Agora has refused a change.
 */
export const changesConfirmed: Invariant = (context) => {
  const { world, breach } = context
  /** By recording, change and number: what the user has changed it to. */
  const values = new Map<string, string>()
  /** The changes that Agora has refused. */
  const refused = new Set<string>()
  const keyOf = ({ id }: Recording, change: Change, revision: number): string => `${id} ${change} ${revision}`

  /** Agora has refused the newest change, and the attempt lacks it. */
  const lacks = (recording: Recording, attempt: Attempt | undefined, change: Change): boolean => {
    const revision = recording.revisions[change]
    return refused.has(keyOf(recording, change, revision)) && (attempt?.applied[change] ?? 0) < revision
  }
  const checkAttention = (recording: Recording): void => {
    const { id, desired, attention } = recording
    const current = currentAttempt(recording)
    const isLacking = desired === 'running' && CHANGES.some((change) => lacks(recording, current, change))
    if (isLacking !== attention.some(({ code }) => code === 'change_refused')) {
      breach(`${id}: a change is ${isLacking ? '' : 'not '}refused, and attention says otherwise`)
    }
  }
  const checkConfirmed = (before: Recording, after: Recording): void => {
    for (const attempt of supervisedAttempts(after)) {
      const earlier = before.attempts.find(({ number }) => number === attempt.number)
      for (const change of CHANGES) {
        // A start that is sent again brings the newest values.
        if (!earlier || earlier.applied[change] === attempt.applied[change] || attempt.sid === null) continue
        const value = values.get(keyOf(after, change, attempt.applied[change]))
        const tasks = world.agora.tasks.filter((task) => isOf(task, after, attempt))
        if (value !== undefined && tasks.some((task) => valuesOf(task, change).includes(value))) continue
        breach(`${after.id}: attempt ${attempt.number} counts as changed, and Agora has no such ${change}`)
      }
    }
  }
  return {
    onCommit: ({ before, after, signal }) => {
      if (after.kind !== 'channel') return
      for (const change of signal.type === 'changed' ? signal.changes : []) {
        values.set(keyOf(after, change, after.revisions[change]), requestedValue(context, after.id, change))
      }
      if (signal.type === 'updateAnswered' && signal.outcome === 'refused') {
        for (const change of CHANGES) {
          const revision = 'onhold' in signal.sent ? undefined : signal.sent[change]
          if (revision !== undefined) refused.add(keyOf(after, change, revision))
        }
      }
      checkAttention(after)
      checkConfirmed(before, after)
    },
    atEnd: () => {
      for (const { recording } of world.memory.tables.recordings.values()) {
        if (recording.kind !== 'channel' || recording.desired === 'stopped') continue
        for (const attempt of supervisedAttempts(recording)) {
          const task = runningTask(context, recording.id, attempt.number)
          if (!task || attempt.sid !== task.sid || world.time.now() - task.startedAt < SENT_MS) continue
          for (const change of CHANGES) {
            const newest = values.get(keyOf(recording, change, recording.revisions[change]))
            if (valuesOf(task, change).at(-1) === newest || lacks(recording, attempt, change)) continue
            breach(`${recording.id}: attempt ${attempt.number} does not have the newest ${change}`)
          }
        }
      }
    },
  }
}

const isOf = (task: Task, { id }: Recording, { number }: Attempt): boolean =>
  task.recordingId === id && task.attempt === number

const valuesOf = ({ channel }: Task, change: Change): readonly string[] =>
  (change === 'layout' ? channel?.layouts : channel?.subscriptions) ?? []

/** In the scenarios the color, or the first uid, tells one value from another. */
const requestedValue = ({ world }: InvariantContext, id: string, change: Change): string => {
  const request = world.memory.tables.recordings.get(id)?.request
  const changes = request?.kind === 'channel' ? request.changes : undefined
  const value =
    change === 'layout'
      ? changes?.layout?.backgroundColor
      : changes?.subscription?.audioUidList?.subscribeAudioUids?.[0]
  return value ?? ''
}
