import { CloudRecordingError, NotFoundError } from '@stillrolling/rest-core'
import type { QueryAnswer } from '../../supervisor/signal.ts'
import type { EffectContext, RunEffect } from './context.ts'
import { taskOf } from './task.ts'

/** Asks Agora what has become of an attempt. */
export const query: RunEffect = async (effect, context) => {
  const answer = await ask(effect.recordingId, effect.attempt, context)
  await context.engine.handle(
    effect.recordingId,
    { type: 'queried', attempt: effect.attempt, answer },
    { settles: effect.id },
  )
}

const ask = async (
  recordingId: string,
  attempt: number,
  { engine, agora }: EffectContext,
): Promise<QueryAnswer> => {
  const task = await taskOf(engine, recordingId, attempt)
  if (!task) return { kind: 'unknown', message: 'the attempt has no sid' }
  try {
    const { serverResponse } = await agora.query({ resourceId: task.resourceId, sid: task.sid, mode: 'web' })
    const files = serverResponse.extensionServiceState.flatMap(({ payload }) =>
      payload.fileList.map(({ fileName }) => fileName),
    )
    return { kind: 'status', status: serverResponse.status, files }
  } catch (error) {
    if (error instanceof NotFoundError) return { kind: 'notFound' }
    if (error instanceof CloudRecordingError) return { kind: 'unknown', message: error.message }
    throw error
  }
}
