import type { RecorderSignal } from '../../recorder/recorder.ts'
import type { LimitType, PageState, StopCode, TaskFile } from '../../types.ts'
import * as builder from '../stepBuilder.ts'
import type { CommonInput, CommonTimer, TaskFacts } from '../task.ts'

/** A task that records a web page: the parameters it was started with, and its state. Times are in ms since the epoch. */
export interface WebTask extends TaskFacts {
  readonly mode: 'web'
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
  readonly mp4: boolean
  /** 0 and 1 are mono, 2 is stereo. */
  readonly audioProfile: number
  /** Null if the task has no `rtmp_publish_service`. */
  readonly rtmpUrls: readonly string[] | null

  readonly page: PageState
  /** Whether the page has called `navigator.notifyReady()`. */
  readonly ready: boolean
  readonly reloads: number
  readonly onhold: boolean
  readonly openedAt: number | null
  /** When the server that records now began to. */
  readonly recordingAt: number | null
  /** When `maxRecordingHour` is over; null until the recorder has started. */
  readonly maxRecordingAt: number | null
  readonly stop: { readonly code: StopCode; readonly message: string; readonly details: string } | null
  /** The files that its recorder has written; null if none records, and the lists name files that there could be. */
  readonly written: readonly TaskFile[] | null
  /** Those of the servers that have failed. */
  readonly formerFiles: readonly TaskFile[]
  /** Whether the bucket has refused files that are not in it yet. */
  readonly uploadFailed: boolean
}

export type WebTimer = CommonTimer | 'open' | 'ready' | 'maxRecording' | 'exit'

/** Everything that can change a task: timers, its page, requests and commands. */
export type WebInput =
  | CommonInput
  | { type: 'timerFired'; timer: WebTimer }
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
  | RecorderSignal

/** What is carried out for a web page's task alone. */
export type WebAction =
  | { type: 'loadPage' }
  | { type: 'closePage' }
  /** Begins or resumes writing files. The actions of the recorder do nothing if none records. */
  | { type: 'startRecorder' | 'pauseRecorder' | 'finishRecorder' | 'abortRecorder' }
  | { type: 'holdUpload'; held: boolean }
  | { type: 'finishUpload' }

/** Codes 0 and 1 are normal ends; every other code is a failure, after which nothing is uploaded. */
const MAX_NORMAL_STOP_CODE = 1

export const hasFailed = ({ stop }: Pick<WebTask, 'stop'>): boolean =>
  stop !== null && stop.code > MAX_NORMAL_STOP_CODE

export type WebStep = builder.Step<WebTask, WebAction>

export const unchanged = (task: WebTask): WebStep => builder.unchanged(task)
