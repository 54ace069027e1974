import type { StopCode } from '../../types.ts'
import { endFormerSession } from '../failover.ts'
import { extend, log, notify } from '../stepBuilder.ts'
import type { StepContext } from '../task.ts'
import { hasRecorded, webFiles } from './webFiles.ts'
import { hasFailed, unchanged, type WebStep, type WebTask } from './webTask.ts'
import { notifyWebUploadEnd } from './webUploads.ts'

/** `message` of event 71 (https://docs.agora.io/en/cloud-recording/reference/rest-api-overview). */
const STOP_MESSAGES: Record<StopCode, string> = {
  0: 'ok',
  1: 'max_recording_hour',
  2: 'capability_limit',
  3: 'start_engine_failed',
  4: 'page_load_timeout',
  5: 'access_url_failed',
  6: 'recorder_error',
}

export const announceStop = (step: WebStep, { now }: StepContext): WebStep =>
  notify(step, 71, { ...step.task.stop, fileList: webFiles(step.task, now) })

export const startExitTimer = (step: WebStep, { delays }: StepContext): WebStep =>
  extend(step, {}, { type: 'startTimer', timer: 'exit', delayMs: delays.exitDelayMs })

/**
 * The recorder stops: sends event 71 and starts the upload, which `finishExit` ends with event 31 or 32, and 11. A recorder
 * that writes files completes them before event 71, which lists them, and uploads the last ones after it. After a failure it
 * is killed.
 */
export const beginExit = (
  step: WebStep,
  context: StepContext,
  { code, details }: { code: StopCode; details: string },
): WebStep => {
  const message = STOP_MESSAGES[code]
  const { page, written, recordingAt } = step.task
  const exiting = extend(
    endFormerSession(step),
    {
      state: 'exiting',
      page: page === 'none' ? 'none' : 'closed',
      exitingAt: context.now,
      stop: { code, message, details },
    },
    { type: 'cancelTimers' },
    { type: 'closePage' },
  )
  const stopping = log(exiting, `stopping, code ${code} ${message}: ${details}`)
  if (written !== null && recordingAt !== null && !hasFailed(stopping.task)) {
    return extend(stopping, {}, { type: 'finishRecorder' })
  }
  const aborted = extend(stopping, {}, { type: 'abortRecorder' })
  return startExitTimer(announceStop(aborted, context), context)
}

/**
 * The recorder failed while it completed the files of a normal stop, before event 71: the stop becomes a failure. A recorder
 * that was killed has nothing more to report.
 */
export const failExit = (task: WebTask, details: string, context: StepContext): WebStep => {
  if (hasFailed(task)) return unchanged(task)
  const code = 6
  const message = STOP_MESSAGES[code]
  const failed = extend(unchanged(task), { stop: { code, message, details } })
  const logged = log(failed, `the files were not completed, code ${code} ${message}: ${details}`)
  return startExitTimer(announceStop(logged, context), context)
}

export const finishExit = (step: WebStep, now: number): WebStep => {
  const failed = hasFailed(step.task)
  const uploaded = failed || !hasRecorded(step.task) ? step : notifyWebUploadEnd(step)
  const exited = notify(uploaded, 11, { exitStatus: failed ? 1 : 0 })
  return log(extend(exited, { state: 'ended', endedAt: now }), 'ended')
}
