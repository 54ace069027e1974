import { CloudRecordingError, NotFoundError, troubleOf } from '@stillrolling/rest-core'
import { findAttempt } from '../../supervisor/attempts.ts'
import type { Evidence } from '../../supervisor/recording.ts'
import type { SentUpdate, UpdateOutcome } from '../../supervisor/signal.ts'
import { kindOf } from '../kinds/kindOf.ts'
import type { TaskUpdate } from '../kinds/taskKind.ts'
import type { EffectContext, RunEffect } from './context.ts'
import { type Task, taskOfAttempt, tryResources } from './task.ts'

interface Answer {
  sent: SentUpdate
  outcome: UpdateOutcome
  evidence: Evidence
}

/** Brings to Agora what the recording requires of the attempt at the moment of sending. */
export const update: RunEffect = async ({ recordingId, attempt: number, id }, context) => {
  const stored = await context.engine.load(recordingId, number)
  const attempt = findAttempt(stored?.recording, number)
  // What is sent and its number were stored together, and so they are read.
  const change = stored && attempt && kindOf(stored.request).updateOf(stored, attempt)
  const task = stored && attempt && taskOfAttempt(stored, attempt)
  const answer = await answerTo(change, task, context)
  await context.engine.handle(
    recordingId,
    { type: 'updateAnswered', attempt: number, ...answer },
    { completes: id },
  )
}

const answerTo = async (
  change: TaskUpdate | undefined,
  task: Task | undefined,
  context: EffectContext,
): Promise<Answer> => {
  if (!change) return { sent: {}, outcome: 'done', evidence: { reason: 'there is nothing to update' } }
  const { sent } = change
  if (!task) return { sent, outcome: 'unknown', evidence: { reason: 'the attempt has no sid' } }
  return { sent, ...(await sendUpdate(change, task, context)) }
}

const sendUpdate = async (
  { evidence: requested, send }: TaskUpdate,
  task: Task,
  { agora, ending }: EffectContext,
): Promise<Omit<Answer, 'sent'>> => {
  const { sid, cname, uid } = task
  try {
    await tryResources(
      task,
      (resourceId) => send(agora, { resourceId, sid, cname, uid, drainSignal: ending }),
      ending,
    )
    return { outcome: 'done', evidence: { sid, ...requested } }
  } catch (error) {
    if (!(error instanceof CloudRecordingError)) throw error
    const { status, code, message } = error
    return { outcome: outcomeOf(error), evidence: { sid, ...requested, status, code, message } }
  }
}

/** Credentials can be corrected and quotas recover, but a request that Agora refuses stays refused. */
const outcomeOf = (error: CloudRecordingError): UpdateOutcome => {
  if (error instanceof NotFoundError) return 'notFound'
  return troubleOf(error) === 'request' ? 'refused' : 'unknown'
}
