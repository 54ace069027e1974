import type { RecorderSignal } from '../../recorder/recorder.ts'
import type { StopCode } from '../../types.ts'
import { beginFailover, endFormerSession, takeOver } from '../failover.ts'
import { extend, log, notify, notifyFrom } from '../stepBuilder.ts'
import { isRunning, type StepContext } from '../task.ts'
import { announceStop, beginExit, failExit, finishExit, startExitTimer } from './webExit.ts'
import { webFiles } from './webFiles.ts'
import { unchanged, type WebInput, type WebStep, type WebTask, type WebTimer } from './webTask.ts'
import {
  changeWebUploads,
  handleUploadFailed,
  handleUploadProgress,
  handleUploadRecovered,
  handleUploadStarted,
} from './webUploads.ts'

/** The page is open and, if it has to, has called `notifyReady`: the recorder starts, paused if `onhold` is true. */
const beginRecording = (step: WebStep, now: number): WebStep => {
  const { onhold, maxRecordingMs } = step.task
  const maxRecordingAt = step.task.maxRecordingAt ?? now + maxRecordingMs
  const started = extend(
    step,
    { state: onhold ? 'paused' : 'recording', recordingAt: onhold ? null : now, maxRecordingAt },
    { type: 'startTimer', timer: 'maxRecording', delayMs: Math.max(0, maxRecordingAt - now) },
    ...(onhold ? [] : [{ type: 'startRecorder' } as const]),
  )
  return log(notify(started, 70, { recorderStartTime: now }), onhold ? 'paused' : 'recording')
}

/**
 * The page did not call `navigator.notifyReady()` in time: the first time it is reloaded, the second time the task
 * stops (https://docs.agora.io/en/cloud-recording/develop/webpage-load-timeout).
 */
const handleReadyTimeout = (task: WebTask, context: StepContext): WebStep => {
  if (task.ready) return unchanged(task)
  if (task.reloads > 0) {
    const seconds = task.readyTimeoutMs / 1000
    const details = `the page did not call navigator.notifyReady() within ${seconds} s, twice`
    return beginExit(unchanged(task), context, { code: 4, details })
  }
  const change = { reloads: 1, page: 'none', openedAt: null } as const
  const reloaded = extend(unchanged(task), change, { type: 'loadPage' })
  return log(notify(reloaded, 73, { reason: 'page_load_timeout' }), 'page not ready in time, reloading it')
}

const openPage = (step: WebStep): WebStep => {
  const opening = extend(step, { state: 'opening' }, { type: 'loadPage' })
  return log(notify(opening, 40, { status: 0 }), 'opening the page')
}

/** The page goes with its server. What that has recorded so far remains. */
const failOver = (
  task: WebTask,
  input: Extract<WebInput, { type: 'failoverRequested' }>,
  now: number,
): WebStep => {
  const failing = beginFailover(endFormerSession(unchanged(task)), { ...input, now })
  const without = {
    state: 'starting',
    page: 'none',
    ready: false,
    reloads: 0,
    openedAt: null,
    recordingAt: null,
    formerFiles: webFiles(task, now),
  } as const
  return extend(failing, without, { type: 'closePage' })
}

/** The next server opens the page anew. */
const resumeElsewhere = (task: WebTask, { delays }: StepContext): WebStep =>
  openPage(notify(takeOver(unchanged(task), delays.exitDelayMs), 13, {}))

const handleTimer = (task: WebTask, timer: WebTimer, context: StepContext): WebStep => {
  switch (timer) {
    case 'open':
      return openPage(unchanged(task))
    case 'ready':
      return handleReadyTimeout(task, context)
    case 'maxRecording': {
      const details = `max recording hour is ${task.maxRecordingHour}`
      return beginExit(unchanged(task), context, { code: 1, details })
    }
    case 'exit':
      return finishExit(unchanged(task), context.now)
    case 'takeOver':
      return resumeElsewhere(task, context)
    case 'formerEnd':
      return endFormerSession(unchanged(task))
  }
}

/** Starts the ready timer here, not at `loadPage`: until now the task may have waited for the browser to launch. */
const handlePageLoading = (task: WebTask): WebStep => {
  if (task.state !== 'opening' || task.readyTimeoutMs === 0) return unchanged(task)
  return extend(unchanged(task), {}, { type: 'startTimer', timer: 'ready', delayMs: task.readyTimeoutMs })
}

const handlePageOpened = (task: WebTask, now: number): WebStep => {
  const opened = log(extend(unchanged(task), { page: 'open', openedAt: now }), 'page opened')
  const mayRecord = task.readyTimeoutMs === 0 || task.ready
  return task.state === 'opening' && mayRecord ? beginRecording(opened, now) : opened
}

const handleNotifyReady = (task: WebTask, now: number): WebStep => {
  if (task.ready) return unchanged(task)
  const ready = log(extend(unchanged(task), { ready: true }), 'page called navigator.notifyReady()')
  const waited = task.state === 'opening' && task.readyTimeoutMs > 0 && task.openedAt !== null
  return waited ? beginRecording(ready, now) : ready
}

/** A crash is reported twice: by the browser, and by the command `killPage`. */
const handlePageCrashed = (task: WebTask): WebStep => {
  if (task.page === 'crashed') return unchanged(task)
  return log(
    extend(unchanged(task), { page: 'crashed' }),
    'page crashed; the task continues and sends no notification',
  )
}

const setOnhold = (task: WebTask, onhold: boolean, now: number): WebStep => {
  const step = extend(unchanged(task), { onhold })
  if (task.state === 'paused' && !onhold) {
    const change = { state: 'recording', recordingAt: task.recordingAt ?? now } as const
    return log(extend(step, change, { type: 'startRecorder' }), 'recording')
  }
  if (task.state === 'recording' && onhold) {
    return log(extend(step, { state: 'paused' }, { type: 'pauseRecorder' }), 'paused')
  }
  return step
}

/** `details.details` of event 71 after the command `stop`; code 0 is that of a stop request as well. */
const STOP_DETAILS: Record<StopCode, string> = {
  0: 'stopped by the user',
  1: 'stopped by command, as if maxRecordingHour had been reached',
  2: 'stopped by command, as if the page had used an unsupported feature',
  3: 'stopped by command, as if the engine had not started',
  4: 'stopped by command, as if the page had not loaded in time',
  5: 'stopped by command, as if the page had been unreachable',
  6: 'stopped by command, as if the recorder had failed',
}

const handleRecorderSignal = (task: WebTask, signal: RecorderSignal, context: StepContext): WebStep => {
  const current = unchanged(task)
  switch (signal.type) {
    case 'fileWritten': {
      const { file } = signal
      return log(extend(current, { written: [...(task.written ?? []), file] }), `file ${file.filename}`)
    }
    case 'recorderFailed':
      if (task.state === 'exiting') return failExit(task, signal.detail, context)
      return beginExit(current, context, { code: 6, details: signal.detail })
    case 'recorderFinished':
      return extend(announceStop(current, context), {}, { type: 'finishUpload' })
    case 'uploadStarted':
      return handleUploadStarted(task)
    case 'uploadProgress':
      return handleUploadProgress(task, signal.progress)
    case 'uploadFailed':
      return handleUploadFailed(task, signal.errorCode, signal.detail)
    case 'uploadRecovered':
      return handleUploadRecovered(task)
    case 'uploadEnded':
      return startExitTimer(current, context)
  }
}

const handleInput = (task: WebTask, input: WebInput, context: StepContext): WebStep => {
  const { now, delays } = context
  const current = unchanged(task)
  switch (input.type) {
    case 'started':
      return extend(current, {}, { type: 'startTimer', timer: 'open', delayMs: delays.openDelayMs })
    case 'timerFired':
      return handleTimer(task, input.timer, context)
    case 'pageLoading':
      return handlePageLoading(task)
    case 'pageOpened':
      return handlePageOpened(task, now)
    case 'notifyReady':
      return handleNotifyReady(task, now)
    case 'accessFailed':
      return beginExit(current, context, { code: 5, details: input.detail })
    case 'engineFailed':
      return beginExit(current, context, { code: 3, details: input.detail })
    case 'pageCrashed':
      return handlePageCrashed(task)
    case 'pageFrozen':
      return log(extend(current, { page: 'frozen' }), 'page frozen')
    case 'pageCutOff':
      return log(current, 'page cut off from the network')
    case 'browserDied':
      return beginExit(current, context, { code: 6, details: 'the browser process exited' })
    case 'onholdRequested':
      return setOnhold(task, input.onhold, now)
    case 'rtmpRequested':
      return extend(current, { rtmpUrls: input.urls })
    case 'limitExceeded': {
      const notified = notify(current, 72, { limitType: input.limitType })
      return beginExit(notified, context, { code: 2, details: `limit: ${input.limitType}` })
    }
    case 'stopRequested':
      return beginExit(current, context, { code: input.code, details: STOP_DETAILS[input.code] })
    case 'notFoundRequested':
      return extend(current, { notFoundUntil: input.until })
    case 'failoverRequested':
      return failOver(task, input, now)
    case 'notifyRequested':
      return notifyFrom(current, input.notification)
    case 'uploadsChanged':
      return changeWebUploads(task, input.uploads)
    case 'fileWritten':
    case 'recorderFailed':
    case 'recorderFinished':
    case 'uploadStarted':
    case 'uploadProgress':
    case 'uploadFailed':
    case 'uploadRecovered':
    case 'uploadEnded':
      return handleRecorderSignal(task, input, context)
  }
}

/** The inputs that still apply to a task that is exiting, beside its exit timer. */
const APPLIES_WHILE_EXITING: ReadonlySet<WebInput['type']> = new Set([
  'notFoundRequested',
  'notifyRequested',
  'fileWritten',
  'recorderFailed',
  'recorderFinished',
  'uploadStarted',
  'uploadProgress',
  'uploadFailed',
  'uploadRecovered',
  'uploadEnded',
])

const applies = ({ state }: WebTask, input: WebInput): boolean => {
  if (isRunning({ state })) return true
  if (state === 'ended') return input.type === 'notifyRequested'
  const exitTimerFired = input.type === 'timerFired' && input.timer === 'exit'
  return exitTimerFired || APPLIES_WHILE_EXITING.has(input.type)
}

/**
 * Applies an input to a task. Pure, and the only place where a task changes. An input that comes too late, such as a
 * page that opens after the task was stopped, changes nothing.
 */
export const webStep = (task: WebTask, input: WebInput, context: StepContext): WebStep =>
  applies(task, input) ? handleInput(task, input, context) : unchanged(task)
