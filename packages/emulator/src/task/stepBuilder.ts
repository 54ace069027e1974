import type { NotifiedEvent } from '../types.ts'
import type { Action, Task } from './task.ts'

/** The task after an input, and the actions to carry out. */
export interface Step {
  task: Task
  actions: Action[]
}

/**
 * `details.msgName` of a notification (https://docs.agora.io/en/cloud-recording/reference/rest-api-overview, which has none
 * for event 34).
 */
const MSG_NAMES: Record<NotifiedEvent, string> = {
  1: 'cloud_recording_error',
  11: 'session_exit',
  30: 'uploader_started',
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

export const unchanged = (task: Task): Step => ({ task, actions: [] })

export const extend = (step: Step, change: Partial<Task>, ...actions: Action[]): Step => ({
  task: { ...step.task, ...change },
  actions: [...step.actions, ...actions],
})

export const log = (step: Step, message: string): Step => extend(step, {}, { type: 'log', message })

export const notify = (step: Step, event: NotifiedEvent, details: Record<string, unknown>): Step => {
  const { sequence } = step.task
  return extend(
    step,
    { sequence: sequence + 1 },
    { type: 'notify', event, sequence, details: { msgName: MSG_NAMES[event], ...details } },
  )
}
