import {
  AlreadyStoppingError,
  CloudRecordingError,
  filesOf,
  NoRecordedDataError,
  NotFoundError,
  type StopAnswer,
  UploadUnfinishedError,
} from '@stillrolling/rest-core'
import { UPLOADING_STATUSES, type UploadingStatus } from '../../supervisor/recording.ts'
import type { Signal } from '../../supervisor/signal.ts'
import type { EffectContext, RunEffect } from './context.ts'
import { taskOf, tryResources } from './task.ts'

type StopSignal = Extract<Signal, { type: 'stopAnswered' }>

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
  { engine, agora, ending }: EffectContext,
): Promise<Omit<StopSignal, 'type' | 'attempt'>> => {
  const task = await taskOf(engine, recordingId, attempt)
  if (!task) return { outcome: 'unknown', evidence: { reason: 'the attempt has no sid' } }
  const { sid, cname, uid, mode } = task
  try {
    // The upload may take longer than the 20 s that Agora waits. A notification reports its end.
    const request = { sid, cname, uid, mode, clientRequest: { async_stop: true } }
    const { resourceId, answer } = await tryResources(
      task,
      (resourceId) => agora.stop({ ...request, resourceId }, { drainSignal: ending }),
      ending,
    )
    const uploadingStatus = uploadingStatusOf(answer)
    const files = filesOf(answer).map(({ fileName }) => fileName)
    const evidence = { sid, ...(uploadingStatus && { uploadingStatus }) }
    return { sid, outcome: 'stopped', evidence, resourceId, uploadingStatus, files }
  } catch (error) {
    if (!(error instanceof CloudRecordingError)) throw error
    const evidence = { sid, status: error.status, code: error.code, message: error.message }
    return { sid, outcome: outcomeOf(error), evidence }
  }
}

/** Undefined if the answer has none. A value that Agora has not documented says nothing. */
const uploadingStatusOf = ({ serverResponse }: StopAnswer): UploadingStatus | undefined => {
  const { uploadingStatus, extensionServiceState } = serverResponse
  const ofServices = extensionServiceState.map(({ payload }) => payload.uploadingStatus)
  const stated = [uploadingStatus, ...ofServices].find((status) => status !== undefined)
  if (stated === undefined) return undefined
  return UPLOADING_STATUSES.find((status) => status === stated) ?? 'unknown'
}

/** According to Agora's table of answers to stop, these mean that the task stops, or that it had ended before. */
const outcomeOf = (error: CloudRecordingError): StopSignal['outcome'] => {
  const stopped = [AlreadyStoppingError, NoRecordedDataError, UploadUnfinishedError]
  if (stopped.some((kind) => error instanceof kind)) return 'stopped'
  return error instanceof NotFoundError ? 'notFound' : 'unknown'
}
