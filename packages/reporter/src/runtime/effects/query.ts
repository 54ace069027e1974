import {
  type QueryAnswer as AgoraAnswer,
  CloudRecordingError,
  filesOf,
  NotFoundError,
} from '@stillrolling/rest-core'
import { findAttempt, isSupervised } from '../../supervisor/attempts.ts'
import type { QueryAnswer } from '../../supervisor/signal.ts'
import type { EffectContext, RunEffect } from './context.ts'
import { taskOf, tryResources } from './task.ts'

/** Queries the state of an attempt's task at Agora. */
export const query: RunEffect = async (effect, context) => {
  const { recordingId, attempt, id } = effect
  const result = await sendQuery(recordingId, attempt, context)
  await context.engine.handle(recordingId, { type: 'queried', attempt, ...result }, { completes: id })
}

/**
 * A query may wait in the quota's queue for a while. It is skipped if another query has replaced it, or if the attempt is
 * no longer current.
 */
export const routineQuery: RunEffect = async (effect, context) => {
  const stored = await context.engine.load(effect.recordingId)
  const asking = findAttempt(stored?.recording, effect.attempt)?.query.asking
  const current = stored !== undefined && isSupervised(stored.recording, effect.attempt)
  if (current && asking === 'routineQuery') return query(effect, context)
  await context.engine.handle(effect.recordingId, { type: 'due' }, { completes: effect.id })
}

const sendQuery = async (
  recordingId: string,
  attempt: number,
  { engine, agora, ending }: EffectContext,
): Promise<{ answer: QueryAnswer; resourceId?: string }> => {
  const task = await taskOf(engine, recordingId, attempt)
  if (!task) return { answer: { kind: 'unknown', message: 'the attempt has no sid' } }
  try {
    const { resourceId, answer } = await tryResources(
      task,
      (resourceId) => agora.query({ resourceId, sid: task.sid, mode: task.mode }, { drainSignal: ending }),
      ending,
    )
    return { answer: statusOf(answer), resourceId }
  } catch (error) {
    if (error instanceof NotFoundError) return { answer: { kind: 'notFound' } }
    if (error instanceof CloudRecordingError) return { answer: { kind: 'unknown', message: error.message } }
    throw error
  }
}

/** Only a page's answer says whether Agora writes nothing. */
const statusOf = (answer: AgoraAnswer): QueryAnswer => {
  const { status, extensionServiceState } = answer.serverResponse
  const files = filesOf(answer).map(({ fileName }) => fileName)
  const recorder = extensionServiceState.find(({ serviceName }) => serviceName === 'web_recorder_service')
  return { kind: 'status', status, files, onhold: recorder?.payload.onhold }
}
