import type { TaskState } from '../../types.ts'
import { webFiles } from './webFiles.ts'
import type { WebTask } from './webTask.ts'

/** One entry of `extensionServiceState`. */
export interface ExtensionState {
  serviceName: string
  payload: Record<string, unknown>
}

const RECORDER_STATES: Record<TaskState, 'init' | 'inProgress' | 'exit'> = {
  starting: 'init',
  opening: 'init',
  paused: 'inProgress',
  idle: 'inProgress',
  recording: 'inProgress',
  exiting: 'exit',
  ended: 'exit',
}

/** The entry of `web_recorder_service`. Its `sliceStartTime` is in seconds, that of event 71 in ms. */
export const recorderState = (task: WebTask, now: number): ExtensionState => ({
  serviceName: 'web_recorder_service',
  payload: {
    state: RECORDER_STATES[task.state],
    onhold: task.onhold,
    fileList: webFiles(task, now).map(({ filename, sliceStartTime }) => ({
      filename,
      sliceStartTime: Math.floor(sliceStartTime / 1000),
    })),
  },
})

const rtmpStatus = (task: WebTask): string => {
  if (task.state === 'recording') return 'publishing'
  return task.state === 'paused' ? 'onhold' : 'connecting'
}

/** The entry of `rtmp_publish_service`; empty if the task has none. No stream is pushed. */
export const rtmpState = (task: WebTask): ExtensionState[] =>
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
