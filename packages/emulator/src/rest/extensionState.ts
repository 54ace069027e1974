import type { Task } from '../task/task.ts'
import { taskFiles } from '../task/taskFiles.ts'
import type { TaskState } from '../types.ts'

export interface ExtensionState {
  serviceName: string
  payload: Record<string, unknown>
}

const RECORDER_STATES: Record<TaskState, 'init' | 'inProgress' | 'exit'> = {
  starting: 'init',
  opening: 'init',
  paused: 'inProgress',
  recording: 'inProgress',
  exiting: 'exit',
  ended: 'exit',
}

/** `web_recorder_service` of `extensionServiceState`. `sliceStartTime` is in seconds here, in event 71 in ms. */
export const recorderState = (task: Task, now: number): ExtensionState => ({
  serviceName: 'web_recorder_service',
  payload: {
    state: RECORDER_STATES[task.state],
    onhold: task.onhold,
    fileList: taskFiles(task, now).map(({ filename, sliceStartTime }) => ({
      filename,
      sliceStartTime: Math.floor(sliceStartTime / 1000),
    })),
  },
})

const rtmpStatus = (task: Task): string => {
  if (task.state === 'recording') return 'publishing'
  return task.state === 'paused' ? 'onhold' : 'connecting'
}

/** `rtmp_publish_service`, if the task has one. Nothing is really pushed. */
export const rtmpState = (task: Task): ExtensionState[] =>
  task.rtmpUrls === null
    ? []
    : [
        {
          serviceName: 'rtmp_publish_service',
          payload: {
            state: RECORDER_STATES[task.state],
            outputs: task.rtmpUrls.map((rtmpUrl) => ({ rtmpUrl, status: rtmpStatus(task) })),
          },
        },
      ]
