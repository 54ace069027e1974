import type { LimitType, NotifiedEvent, PageState, StopCode, TaskState } from '../types.ts'

/** A recording task: what it was started with, and how far its life has come. Times are ms since the epoch. */
export interface Task {
  readonly sid: string
  readonly resourceId: string
  readonly cname: string
  readonly uid: string
  readonly url: string
  readonly width: number
  readonly height: number
  readonly mobile: boolean
  readonly readyTimeoutMs: number
  readonly maxRecordingHour: number
  readonly maxRecordingMs: number
  /** After this long a new MP4 file begins. */
  readonly maxVideoMs: number
  readonly filePrefix: readonly string[]
  readonly mp4: boolean
  readonly rtmpUrls: readonly string[] | null
  readonly startedAt: number
  /** From here on query, update and stop no longer find it. */
  readonly expiresAt: number

  readonly state: TaskState
  readonly page: PageState
  readonly ready: boolean
  readonly reloads: number
  readonly onhold: boolean
  readonly openedAt: number | null
  readonly recordingAt: number | null
  readonly exitingAt: number | null
  readonly endedAt: number | null
  readonly stop: { readonly code: StopCode; readonly message: string } | null
  readonly notFoundUntil: number
  /** Of the next notification. */
  readonly sequence: number
}

export type Timer = 'open' | 'ready' | 'hours' | 'exit'

/** What can happen to a task. */
export type TaskInput =
  | { is: 'started' }
  | { is: 'due'; timer: Timer }
  | { is: 'pageLoading' }
  | { is: 'pageOpened' }
  | { is: 'accessFailed'; detail: string }
  | { is: 'engineFailed'; detail: string }
  | { is: 'notifyReady' }
  | { is: 'pageCrashed' }
  | { is: 'pageFrozen' }
  | { is: 'pageCutOff' }
  | { is: 'browserDied' }
  | { is: 'holdAsked'; onhold: boolean }
  | { is: 'rtmpAsked'; urls: readonly string[] }
  | { is: 'stopAsked'; code: StopCode }
  | { is: 'limitExceeded'; limitType: LimitType }
  | { is: 'notFoundAsked'; until: number }

/** What a task wants done in the world. */
export type Action =
  | { do: 'loadPage' }
  | { do: 'closePage' }
  | { do: 'arm'; timer: Timer; delayMs: number }
  | { do: 'disarm' }
  | { do: 'notify'; event: NotifiedEvent; sequence: number; details: Record<string, unknown> }
  | { do: 'tell'; what: string }

export interface Delays {
  openDelayMs: number
  exitDelayMs: number
}

export const isLive = (task: Task): boolean => task.state !== 'ended'
