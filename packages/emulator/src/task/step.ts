import { STOP_CODES } from '@stillrolling/rest-core'
import type { NotifiedEvent, StopCode } from '../types.ts'
import type { Action, Delays, Task, TaskInput, Timer } from './task.ts'
import { taskFiles } from './taskFiles.ts'

export interface Step {
  task: Task
  effects: Action[]
}

const MSG_NAMES: Record<NotifiedEvent, string> = {
  11: 'session_exit',
  31: 'uploaded',
  40: 'recorder_started',
  70: 'web_recorder_started',
  71: 'web_recorder_stopped',
  72: 'web_recorder_capability_limit',
  73: 'web_recorder_reload',
}

const unchanged = (task: Task): Step => ({ task, effects: [] })

const and = (step: Step, change: Partial<Task>, ...effects: Action[]): Step => ({
  task: { ...step.task, ...change },
  effects: [...step.effects, ...effects],
})

const tell = (step: Step, what: string): Step => and(step, {}, { do: 'tell', what })

const notify = (step: Step, event: NotifiedEvent, details: Record<string, unknown>): Step => {
  const { sequence } = step.task
  return and(
    step,
    { sequence: sequence + 1 },
    { do: 'notify', event, sequence, details: { msgName: MSG_NAMES[event], ...details } },
  )
}

/** The recorder leaves: event 71 now; 31 and 11 follow once the upload is done. */
const exit = (step: Step, now: number, delays: Delays, code: StopCode, details: string): Step => {
  const message = STOP_CODES[code]
  const exiting = and(
    step,
    {
      state: 'exiting',
      page: step.task.page === 'none' ? 'none' : 'closed',
      exitingAt: now,
      stop: { code, message },
    },
    { do: 'disarm' },
    { do: 'closePage' },
    { do: 'arm', timer: 'exit', delayMs: delays.exitDelayMs },
  )
  const fileList = taskFiles(exiting.task, now)
  return tell(
    notify(exiting, 71, { code, message, details, fileList }),
    `stops, code ${code} ${message}: ${details}`,
  )
}

/** 0 and 1 are ends that were asked for; every other code is a breakage. */
const end = (step: Step, now: number): Step => {
  const { stop, recordingAt } = step.task
  const broken = stop !== null && stop.code > 1
  const uploaded = broken || recordingAt === null ? step : notify(step, 31, { status: 0 })
  const left = notify(uploaded, 11, { exitStatus: broken ? 1 : 0 })
  return tell(and(left, { state: 'ended', endedAt: now }), 'ended')
}

/** The page is open and, where it has to, said that it is ready: the recorder starts, or holds. */
const begin = (step: Step, now: number): Step => {
  const { onhold, maxRecordingMs } = step.task
  const started = and(
    step,
    { state: onhold ? 'paused' : 'recording', recordingAt: onhold ? null : now },
    { do: 'arm', timer: 'hours', delayMs: maxRecordingMs },
  )
  return tell(notify(started, 70, { recorderStartTime: now }), onhold ? 'on hold' : 'recording')
}

/**
 * The page did not call `navigator.notifyReady()` in time: reloaded after the first miss, stopped after the second
 * (Agora, "Web page load timeout detection").
 */
const missed = (step: Step, now: number, delays: Delays): Step => {
  const { task } = step
  if (task.reloads > 0) {
    const seconds = task.readyTimeoutMs / 1000
    return exit(
      step,
      now,
      delays,
      4,
      `the page did not call navigator.notifyReady() within ${seconds} s, twice`,
    )
  }
  const reloaded = and(step, { reloads: 1, page: 'none', openedAt: null }, { do: 'loadPage' })
  return tell(notify(reloaded, 73, { reason: 'page_load_timeout' }), 'not ready in time: reloads the page')
}

const due = (task: Task, timer: Timer, now: number, delays: Delays): Step => {
  switch (timer) {
    case 'open': {
      const opening = and(unchanged(task), { state: 'opening' }, { do: 'loadPage' })
      return tell(notify(opening, 40, { status: 0 }), 'opens the page')
    }
    case 'ready':
      return task.ready ? unchanged(task) : missed(unchanged(task), now, delays)
    case 'hours':
      return exit(unchanged(task), now, delays, 1, `max recording hour is ${task.maxRecordingHour}`)
    case 'exit':
      return end(unchanged(task), now)
  }
}

const hold = (task: Task, onhold: boolean, now: number): Step => {
  const step = and(unchanged(task), { onhold })
  if (task.state === 'paused' && !onhold) {
    return tell(and(step, { state: 'recording', recordingAt: task.recordingAt ?? now }), 'recording')
  }
  if (task.state === 'recording' && onhold) return tell(and(step, { state: 'paused' }), 'on hold')
  return step
}

const STOP_DETAILS: Record<StopCode, string> = {
  0: 'stopped by the user',
  1: 'stopped by command as if maxRecordingHour were over',
  2: 'stopped by command as if the page used what is not supported',
  3: 'stopped by command as if the engine had not started',
  4: 'stopped by command as if the page had not loaded in time',
  5: 'stopped by command as if the page could not be reached',
  6: 'stopped by command as if the recorder were broken',
}

/**
 * What a happening makes of a task: pure, the only place where a task changes. Happenings that come too late, such
 * as a page that opens after the task was stopped, change nothing.
 */
export const step = (task: Task, happening: TaskInput, now: number, delays: Delays): Step => {
  if (task.state === 'ended') return unchanged(task)
  if (happening.is === 'notFoundAsked')
    return { task: { ...task, notFoundUntil: happening.until }, effects: [] }
  if (task.state === 'exiting') {
    return happening.is === 'due' && happening.timer === 'exit' ? end(unchanged(task), now) : unchanged(task)
  }
  const here = unchanged(task)
  switch (happening.is) {
    case 'started':
      return and(here, {}, { do: 'arm', timer: 'open', delayMs: delays.openDelayMs })
    case 'due':
      return due(task, happening.timer, now, delays)
    case 'pageLoading':
      // From here on, not from `loadPage`: the first page waits for the browser, which is not the page's fault.
      return task.state === 'opening' && task.readyTimeoutMs > 0
        ? and(here, {}, { do: 'arm', timer: 'ready', delayMs: task.readyTimeoutMs })
        : here
    case 'pageOpened': {
      const opened = tell(and(here, { page: 'open', openedAt: now }), 'page opened')
      return task.state === 'opening' && (task.readyTimeoutMs === 0 || task.ready)
        ? begin(opened, now)
        : opened
    }
    case 'notifyReady': {
      if (task.ready) return here
      const ready = tell(and(here, { ready: true }), 'page called navigator.notifyReady()')
      return task.state === 'opening' && task.readyTimeoutMs > 0 && task.openedAt !== null
        ? begin(ready, now)
        : ready
    }
    case 'pageCrashed':
      // Heard of twice: from the browser, and from the command that killed the page.
      if (task.page === 'crashed') return here
      return tell(and(here, { page: 'crashed' }), 'the page crashed; the recorder goes on and tells nobody')
    case 'pageFrozen':
      return tell(and(here, { page: 'frozen' }), 'the page is frozen')
    case 'pageCutOff':
      return tell(here, 'the page is cut off from the network')
    case 'accessFailed':
      return exit(here, now, delays, 5, happening.detail)
    case 'engineFailed':
      return exit(here, now, delays, 3, happening.detail)
    case 'browserDied':
      return exit(here, now, delays, 6, 'the browser ended')
    case 'holdAsked':
      return hold(task, happening.onhold, now)
    case 'rtmpAsked':
      return and(here, { rtmpUrls: happening.urls })
    case 'limitExceeded':
      return exit(
        notify(here, 72, { limitType: happening.limitType }),
        now,
        delays,
        2,
        `limit: ${happening.limitType}`,
      )
    case 'stopAsked':
      return exit(here, now, delays, happening.code, STOP_DETAILS[happening.code])
  }
}
