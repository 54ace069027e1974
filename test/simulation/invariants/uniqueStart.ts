import { findAttempt } from '../../../packages/reporter/src/supervisor/attempts.ts'
import { type Invariant, runningTask, storedRecording } from './context.ts'

/**
 * A uid belongs to one attempt. No second start is in flight for the same uid. No start with another resource is sent
 * for an attempt whose sid is stored.
 */
export const uniqueStart: Invariant = (context) => {
  const owners = new Map<string, number>()
  const inFlight = new Map<string, string>()
  return {
    onSend: (call, { cname = '', uid, attempt = 0, resourceId = '' }) => {
      if (call !== 'start') return
      const name = `${cname}/${uid}`
      const owner = owners.get(name) ?? attempt
      owners.set(name, owner)
      if (owner !== attempt) context.breach(`${name} is used by the attempts ${owner} and ${attempt}`)
      const other = inFlight.get(name)
      if (other !== undefined) {
        context.breach(`${name} is started with ${resourceId} while a start with ${other} is in flight`)
      }
      inFlight.set(name, resourceId)
      const known = findAttempt(storedRecording(context, cname), attempt)
      const task = runningTask(context, cname, attempt)
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
