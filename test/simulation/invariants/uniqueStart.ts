import { findAttempt } from '../../../packages/reporter/src/supervisor/attempts.ts'
import { isRunning, type Request, type Task } from '../environment/task.ts'
import { type Invariant, type InvariantContext, runningTask, storedRecording } from './context.ts'

/**
 * In a channel, a uid belongs to one attempt of one recording, until retention has removed the recording and no task has the
 * uid any more. No second start is in flight for the same uid. No start with another resource is sent for an attempt whose
 * sid is stored.
 */
export const uniqueStart: Invariant = (context) => {
  /** By channel and uid: the recording and the attempt. */
  const owners = new Map<string, string>()
  const inFlight = new Map<string, string>()
  return {
    onSend: (call, { cname, recordingId = '', uid, attempt = 0, resourceId = '' }) => {
      if (call !== 'start') return
      const name = `${cname}/${uid}`
      const user = `${recordingId} ${attempt}`
      const owner = (isStored(context, owners.get(name)) && owners.get(name)) || user
      owners.set(name, owner)
      if (owner !== user) context.breach(`${name} is used by the attempts ${owner} and ${user}`)
      const former = runningUnder(context, { cname, uid })
      if (former && (former.recordingId !== recordingId || former.attempt !== attempt)) {
        context.breach(`${name} is started for ${user} while ${former.sid} runs under it`)
      }
      const other = inFlight.get(name)
      if (other !== undefined) {
        context.breach(`${name} is started with ${resourceId} while a start with ${other} is in flight`)
      }
      inFlight.set(name, resourceId)
      const known = findAttempt(storedRecording(context, recordingId), attempt)
      const task = runningTask(context, recordingId, attempt)
      if (known && known.sid !== null && task && task.resourceId !== resourceId) {
        context.breach(`${name} runs as ${known.sid}, and is started again with ${resourceId}`)
      }
    },
    onAnswer: (call, { cname, uid }) => {
      if (call === 'start') inFlight.delete(`${cname}/${uid}`)
    },
    // A process that died receives no more answers.
    onFault: ({ kind, phase }) => {
      if (kind === 'crash' && phase === 'began') inFlight.clear()
    },
  }
}

/** Retention forgets tasks that must have ended, and the reporter takes a step of its clock forward for time that has passed. */
const runningUnder = ({ world }: InvariantContext, { cname, uid }: Request): Task | undefined =>
  world.agora.tasks.find(
    (task) =>
      task.cname === cname &&
      task.uid === uid &&
      isRunning(task) &&
      world.time.steppedForwardSince(task.startedAt) === 0,
  )

/** When retention has removed a recording, its uids are free. */
const isStored = (context: InvariantContext, owner: string | undefined): boolean =>
  owner !== undefined && storedRecording(context, owner.split(' ')[0] ?? '') !== undefined
