import type { NotifiedEvent, StopCode, Uploads } from '../types.ts'
import type { Action, Delays, Task, TaskInput, Timer } from './task.ts'
import { taskFiles } from './taskFiles.ts'

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

/** The task after an input, and the actions to carry out. */
export interface Step {
  task: Task
  actions: Action[]
}

export interface StepContext {
  /** Milliseconds since the epoch. */
  now: number
  delays: Delays
}

/**
 * `details.msgName` of a notification (https://docs.agora.io/en/cloud-recording/reference/rest-api-overview, which has none
 * for event 34).
 */
const MSG_NAMES: Record<NotifiedEvent, string> = {
  1: 'cloud_recording_error',
  11: 'session_exit',
  31: 'uploaded',
  32: 'backuped',
  33: 'uploading_progress',
  34: 'sts_token_expired',
  40: 'recorder_started',
  70: 'web_recorder_started',
  71: 'web_recorder_stopped',
  72: 'web_recorder_capability_limit',
  73: 'web_recorder_reload',
}

const unchanged = (task: Task): Step => ({ task, actions: [] })

const extend = (step: Step, change: Partial<Task>, ...actions: Action[]): Step => ({
  task: { ...step.task, ...change },
  actions: [...step.actions, ...actions],
})

const log = (step: Step, message: string): Step => extend(step, {}, { type: 'log', message })

const notify = (step: Step, event: NotifiedEvent, details: Record<string, unknown>): Step => {
  const { sequence } = step.task
  return extend(
    step,
    { sequence: sequence + 1 },
    { type: 'notify', event, sequence, details: { msgName: MSG_NAMES[event], ...details } },
  )
}

/** The recorder stops: sends event 71 and starts the upload, which `finishExit` ends with event 31 or 32, and 11. */
const beginExit = (
  step: Step,
  { now, delays }: StepContext,
  { code, details }: { code: StopCode; details: string },
): Step => {
  const message = STOP_MESSAGES[code]
  const exiting = extend(
    step,
    {
      state: 'exiting',
      page: step.task.page === 'none' ? 'none' : 'closed',
      exitingAt: now,
      stop: { code, message },
    },
    { type: 'cancelTimers' },
    { type: 'closePage' },
    { type: 'startTimer', timer: 'exit', delayMs: delays.exitDelayMs },
  )
  const notified = notify(exiting, 71, { code, message, details, fileList: taskFiles(exiting.task, now) })
  return log(notified, `stopping, code ${code} ${message}: ${details}`)
}

/** What the uploader sends when it has ended. `status` other than 0: files are missing in the bucket. */
const UPLOAD_ENDS: Record<Uploads, { event: 31 | 32; status: number } | null> = {
  ok: { event: 31, status: 0 },
  noFiles: null,
  failing: { event: 31, status: 3 },
  backedUp: { event: 32, status: 0 },
  credentialsExpired: { event: 31, status: 3 },
}

/** Codes 0 and 1 are normal ends; every other code is a failure, after which nothing is uploaded. */
const finishExit = (step: Step, now: number): Step => {
  const { stop, recordingAt, uploads } = step.task
  const failed = stop !== null && stop.code > 1
  const end = failed || recordingAt === null ? null : UPLOAD_ENDS[uploads]
  const uploaded = end ? notify(step, end.event, { status: end.status }) : step
  const exited = notify(uploaded, 11, { exitStatus: failed ? 1 : 0 })
  return log(extend(exited, { state: 'ended', endedAt: now }), 'ended')
}

/** The page is open and, if it has to, has called `notifyReady`: the recorder starts, paused if `onhold` is true. */
const beginRecording = (step: Step, now: number): Step => {
  const { onhold, maxRecordingMs } = step.task
  const started = extend(
    step,
    { state: onhold ? 'paused' : 'recording', recordingAt: onhold ? null : now },
    { type: 'startTimer', timer: 'maxRecording', delayMs: maxRecordingMs },
  )
  return log(notify(started, 70, { recorderStartTime: now }), onhold ? 'paused' : 'recording')
}

/**
 * The page did not call `navigator.notifyReady()` in time: the first time it is reloaded, the second time the task
 * stops (https://docs.agora.io/en/cloud-recording/develop/webpage-load-timeout).
 */
const handleReadyTimeout = (task: Task, context: StepContext): Step => {
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

const handleTimer = (task: Task, timer: Timer, context: StepContext): Step => {
  switch (timer) {
    case 'open': {
      const opening = extend(unchanged(task), { state: 'opening' }, { type: 'loadPage' })
      return log(notify(opening, 40, { status: 0 }), 'opening the page')
    }
    case 'ready':
      return handleReadyTimeout(task, context)
    case 'maxRecording': {
      const details = `max recording hour is ${task.maxRecordingHour}`
      return beginExit(unchanged(task), context, { code: 1, details })
    }
    case 'exit':
      return finishExit(unchanged(task), context.now)
  }
}

/** Starts the ready timer here, not at `loadPage`: until now the task may have waited for the browser to launch. */
const handlePageLoading = (task: Task): Step => {
  if (task.state !== 'opening' || task.readyTimeoutMs === 0) return unchanged(task)
  return extend(unchanged(task), {}, { type: 'startTimer', timer: 'ready', delayMs: task.readyTimeoutMs })
}

const handlePageOpened = (task: Task, now: number): Step => {
  const opened = log(extend(unchanged(task), { page: 'open', openedAt: now }), 'page opened')
  const mayRecord = task.readyTimeoutMs === 0 || task.ready
  return task.state === 'opening' && mayRecord ? beginRecording(opened, now) : opened
}

const handleNotifyReady = (task: Task, now: number): Step => {
  if (task.ready) return unchanged(task)
  const ready = log(extend(unchanged(task), { ready: true }), 'page called navigator.notifyReady()')
  const waited = task.state === 'opening' && task.readyTimeoutMs > 0 && task.openedAt !== null
  return waited ? beginRecording(ready, now) : ready
}

/** A crash is reported twice: by the browser, and by the command `killPage`. */
const handlePageCrashed = (task: Task): Step => {
  if (task.page === 'crashed') return unchanged(task)
  return log(
    extend(unchanged(task), { page: 'crashed' }),
    'page crashed; the task continues and sends no notification',
  )
}

const setOnhold = (task: Task, onhold: boolean, now: number): Step => {
  const step = extend(unchanged(task), { onhold })
  if (task.state === 'paused' && !onhold) {
    return log(extend(step, { state: 'recording', recordingAt: task.recordingAt ?? now }), 'recording')
  }
  if (task.state === 'recording' && onhold) return log(extend(step, { state: 'paused' }), 'paused')
  return step
}

/** What the uploader sends immediately when its uploads change. Event 1: module 1 is the uploader, level 4 is major. */
const UPLOAD_CHANGES: Record<Uploads, { event: 1 | 33 | 34; details: Record<string, unknown> } | null> = {
  ok: { event: 33, details: { progress: 10_000 } },
  noFiles: null,
  failing: {
    event: 1,
    details: { module: 1, errorLevel: 4, errorCode: 47, stat: 0, errorMsg: 'upload file failed' },
  },
  backedUp: null,
  credentialsExpired: { event: 34, details: {} },
}

const changeUploads = (task: Task, uploads: Uploads): Step => {
  if (task.uploads === uploads) return unchanged(task)
  const changed = log(extend(unchanged(task), { uploads }), `uploads: ${uploads}`)
  const change = UPLOAD_CHANGES[uploads]
  return change ? notify(changed, change.event, change.details) : changed
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

const handleInput = (task: Task, input: TaskInput, context: StepContext): Step => {
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
    case 'uploadsChanged':
      return changeUploads(task, input.uploads)
  }
}

/**
 * Applies an input to a task. Pure, and the only place where a task changes. An input that comes too late, such as a
 * page that opens after the task was stopped, changes nothing.
 */
export const step = (task: Task, input: TaskInput, context: StepContext): Step => {
  if (task.state === 'ended') return unchanged(task)
  if (task.state === 'exiting') {
    const exitTimerFired = input.type === 'timerFired' && input.timer === 'exit'
    const applies = exitTimerFired || input.type === 'notFoundRequested'
    if (!applies) return unchanged(task)
  }
  return handleInput(task, input, context)
}
