import {
  AlreadyStoppingError,
  CloudRecordingError,
  NoRecordedDataError,
  NotFoundError,
  UploadUnfinishedError,
} from '@stillrolling/rest-core'
import type { Evidence } from '../../supervisor/recording.ts'
import type { StopOutcome } from '../../supervisor/signal.ts'
import type { EffectContext, RunEffect } from './context.ts'
import { taskOf, tryResources } from './task.ts'

/** Stops an attempt's task at Agora. */
export const stop: RunEffect = async (effect, context) => {
  const answer = await sendStop(effect.recordingId, effect.attempt, context)
  await context.engine.handle(
    effect.recordingId,
    { type: 'stopAnswered', attempt: effect.attempt, ...answer },
    { completes: effect.id },
  )
}

const sendStop = async (
  recordingId: string,
  attempt: number,
  { engine, agora }: EffectContext,
): Promise<{ sid?: string; outcome: StopOutcome; evidence: Evidence; resourceId?: string }> => {
  const task = await taskOf(engine, recordingId, attempt)
  if (!task) return { outcome: 'unknown', evidence: { reason: 'the attempt has no sid' } }
  const { sid, cname, uid } = task
  try {
    // The upload may take longer than the 20 s that Agora waits. A notification reports its end.
    const { resourceId } = await tryResources(task, (resourceId) =>
      agora.stop({ resourceId, sid, cname, uid, mode: 'web', clientRequest: { async_stop: true } }),
    )
    return { sid, outcome: 'stopped', evidence: { sid }, resourceId }
  } catch (error) {
    if (!(error instanceof CloudRecordingError)) throw error
    const evidence = { sid, status: error.status, code: error.code, message: error.message }
    return { sid, outcome: outcomeOf(error), evidence }
  }
}

/** According to Agora's table of answers to stop, these mean that the task stops, or that it had ended before. */
const outcomeOf = (error: CloudRecordingError): StopOutcome => {
  const stopped = [AlreadyStoppingError, NoRecordedDataError, UploadUnfinishedError]
  if (stopped.some((kind) => error instanceof kind)) return 'stopped'
  return error instanceof NotFoundError ? 'notFound' : 'unknown'
}
