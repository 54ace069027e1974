import { CloudRecordingError, NotFoundError, troubleOf } from '@stillrolling/rest-core'
import type { Evidence } from '../../supervisor/recording.ts'
import type { UpdateOutcome } from '../../supervisor/signal.ts'
import type { EffectContext, RunEffect } from './context.ts'
import { taskOf, tryResources } from './task.ts'

/** Makes Agora pause or resume writing, whichever the recording requires at the moment of sending. */
export const update: RunEffect = async ({ recordingId, attempt, id }, context) => {
  const stored = await context.engine.load(recordingId)
  const onhold = stored?.recording.paused ?? false
  const { outcome, evidence } = await sendUpdate({ recordingId, attempt, onhold }, context)
  await context.engine.handle(
    recordingId,
    { type: 'updateAnswered', attempt, sent: { onhold }, outcome, evidence },
    { completes: id },
  )
}

const sendUpdate = async (
  { recordingId, attempt, onhold }: { recordingId: string; attempt: number; onhold: boolean },
  { engine, agora, ending }: EffectContext,
): Promise<{ outcome: UpdateOutcome; evidence: Evidence }> => {
  const task = await taskOf(engine, recordingId, attempt)
  if (!task) return { outcome: 'unknown', evidence: { reason: 'the attempt has no sid' } }
  const { sid, cname, uid } = task
  try {
    const clientRequest = { webRecordingConfig: { onhold } }
    await tryResources(
      task,
      (resourceId) =>
        agora.update({ resourceId, sid, cname, uid, mode: 'web', clientRequest }, { drainSignal: ending }),
      ending,
    )
    return { outcome: 'done', evidence: { sid, onhold } }
  } catch (error) {
    if (!(error instanceof CloudRecordingError)) throw error
    const evidence = { sid, onhold, status: error.status, code: error.code, message: error.message }
    return { outcome: outcomeOf(error), evidence }
  }
}

/** Credentials can be corrected and quotas recover, but a request that Agora refuses stays refused. */
const outcomeOf = (error: CloudRecordingError): UpdateOutcome => {
  if (error instanceof NotFoundError) return 'notFound'
  return troubleOf(error) === 'request' ? 'refused' : 'unknown'
}
