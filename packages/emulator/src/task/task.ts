import type { RecorderSignal } from '../recorder/recorder.ts'
import type { LimitType, NotifiedEvent, PageState, StopCode, TaskFile, TaskState, Uploads } from '../types.ts'

/** A recording task: the parameters it was started with, and its state. Times are in ms since the epoch. */
export interface Task {
  readonly sid: string
  readonly resourceId: string
  readonly cname: string
  readonly uid: string
  readonly url: string
  readonly width: number
  readonly height: number
  readonly mobile: boolean
  /** 0: recording begins without waiting for `navigator.notifyReady()`. */
  readonly readyTimeoutMs: number
  readonly maxRecordingHour: number
  readonly maxRecordingMs: number
  /** Length of an MP4 file; after it, the next one begins. */
  readonly maxVideoMs: number
  readonly filePrefix: readonly string[]
  readonly mp4: boolean
  /** 0 and 1 are mono, 2 is stereo. */
  readonly audioProfile: number
  /** Null if the task has no `rtmp_publish_service`. */
  readonly rtmpUrls: readonly string[] | null
  readonly startedAt: number
  /** From this time on, query, update and stop are answered 404. */
  readonly expiresAt: number

  readonly state: TaskState
  readonly page: PageState
  /** Whether the page has called `navigator.notifyReady()`. */
  readonly ready: boolean
  readonly reloads: number
  readonly onhold: boolean
  readonly openedAt: number | null
  readonly recordingAt: number | null
  readonly exitingAt: number | null
  readonly endedAt: number | null
  readonly stop: { readonly code: StopCode; readonly message: string; readonly details: string } | null
  /** The files that its recorder has written; null if none records, and the lists name files that there could be. */
  readonly written: readonly TaskFile[] | null
  /** As commanded. */
  readonly uploads: Uploads
  /** Whether the bucket has refused files that are not in it yet. */
  readonly uploadFailed: boolean
  /** Until this time, query, update and stop are answered 404 by the command `notFound`. */
  readonly notFoundUntil: number
  /** Sequence number of the next notification. */
  readonly sequence: number
}

export type Timer = 'open' | 'ready' | 'maxRecording' | 'exit'

/** Everything that can change a task: timers, its page, requests and commands. */
export type TaskInput =
  | { type: 'started' }
  | { type: 'timerFired'; timer: Timer }
  | { type: 'pageLoading' }
  | { type: 'pageOpened' }
  | { type: 'notifyReady' }
  | { type: 'accessFailed'; detail: string }
  | { type: 'engineFailed'; detail: string }
  | { type: 'pageCrashed' }
  | { type: 'pageFrozen' }
  | { type: 'pageCutOff' }
  | { type: 'browserDied' }
  | { type: 'onholdRequested'; onhold: boolean }
  | { type: 'rtmpRequested'; urls: readonly string[] }
  | { type: 'stopRequested'; code: StopCode }
  | { type: 'limitExceeded'; limitType: LimitType }
  | { type: 'notFoundRequested'; until: number }
  | { type: 'uploadsChanged'; uploads: Uploads }
  | RecorderSignal

/** What `tasks` carries out for a task after a step. */
export type Action =
  | { type: 'loadPage' }
  | { type: 'closePage' }
  /** Begins or resumes writing files. The actions of the recorder do nothing if none records. */
  | { type: 'startRecorder' | 'pauseRecorder' | 'finishRecorder' | 'abortRecorder' }
  | { type: 'holdUpload'; held: boolean }
  | { type: 'finishUpload' }
  | { type: 'startTimer'; timer: Timer; delayMs: number }
  | { type: 'cancelTimers' }
  | { type: 'notify'; event: NotifiedEvent; sequence: number; details: Record<string, unknown> }
  | { type: 'log'; message: string }

export interface Delays {
  /** From `start` until the page is opened. */
  openDelayMs: number
  /** From a stop until the upload is done and the task has ended. */
  exitDelayMs: number
}

/** Codes 0 and 1 are normal ends; every other code is a failure, after which nothing is uploaded. */
const MAX_NORMAL_STOP_CODE = 1

export const hasFailed = ({ stop }: Pick<Task, 'stop'>): boolean =>
  stop !== null && stop.code > MAX_NORMAL_STOP_CODE

export const isLive = (task: Task): boolean => task.state !== 'ended'
