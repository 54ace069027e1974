import { CloudRecordingError, NotFoundError } from '@stillrolling/rest-core'
import { isCurrent } from '../../supervisor/recording.ts'
import type { QueryAnswer } from '../../supervisor/signal.ts'
import type { EffectContext, RunEffect } from './context.ts'
import { taskOf, tryResources } from './task.ts'

/** Asks Agora what has become of an attempt. */
export const query: RunEffect = async (effect, context) => {
  const { recordingId, attempt, id } = effect
  const asked = await ask(recordingId, attempt, context)
  await context.engine.handle(recordingId, { type: 'queried', attempt, ...asked }, { completes: id })
}

/** Asks in turn, which may take a while: not any more when somebody else has asked meanwhile, or nobody wants to know. */
export const routineQuery: RunEffect = async (effect, context) => {
  const stored = await context.engine.load(effect.recordingId)
  const asking = stored?.recording.attempts[effect.attempt - 1]?.query.asking
  const wanted = stored !== undefined && isCurrent(stored.recording, effect.attempt)
  if (wanted && asking === 'routineQuery') return query(effect, context)
  await context.engine.handle(effect.recordingId, { type: 'due' }, { completes: effect.id })
}

const ask = async (
  recordingId: string,
  attempt: number,
  { engine, agora }: EffectContext,
): Promise<{ answer: QueryAnswer; resourceId?: string }> => {
  const task = await taskOf(engine, recordingId, attempt)
  if (!task) return { answer: { kind: 'unknown', message: 'the attempt has no sid' } }
  try {
    const { resourceId, answer } = await tryResources(task, (resourceId) =>
      agora.query({ resourceId, sid: task.sid, mode: 'web' }),
    )
    const { serverResponse } = answer
    const files = serverResponse.extensionServiceState.flatMap(({ payload }) =>
      payload.fileList.map(({ fileName }) => fileName),
    )
    const recorder = serverResponse.extensionServiceState.find(
      ({ serviceName }) => serviceName === 'web_recorder_service',
    )
    const onhold = recorder?.payload.onhold
    return { answer: { kind: 'status', status: serverResponse.status, files, onhold }, resourceId }
  } catch (error) {
    if (error instanceof NotFoundError) return { answer: { kind: 'notFound' } }
    if (error instanceof CloudRecordingError) return { answer: { kind: 'unknown', message: error.message } }
    throw error
  }
}
