import type { Media, StopCode, TrackType } from '../../types.ts'
import * as builder from '../stepBuilder.ts'
import type { CommonInput, CommonTimer, TaskFacts } from '../task.ts'
import type { Subscription } from './subscription.ts'

/** A stream that the recorder receives: a user's, or `0` for all of them in composite mode. */
export interface Stream {
  readonly uid: string
  readonly media: Media
}

/** What becomes a playlist of its own. Times are in ms since the epoch. */
export interface Track {
  readonly uid: string
  readonly trackType: TrackType
  readonly startedAt: number
  /** When its users stopped sending; null while they send. */
  readonly interruptedAt: number | null
  /** The path of its files without the extension. */
  readonly name: string
}

/** Why a task ended. */
export interface ChannelExit {
  readonly exitStatus: 0 | 1
  /** The bit mask of event 41; null if the recorder died before it could leave. */
  readonly leaveCode: number | null
  readonly reason: string
}

/** A task that records a channel: the parameters it was started with, and its state. Times are in ms since the epoch. */
export interface ChannelTask extends TaskFacts {
  readonly mode: 'individual' | 'mix'
  readonly media: readonly Media[]
  /** Whether it writes files, not only screenshots. */
  readonly recordsFiles: boolean
  readonly mp4: boolean
  /** Time between two screenshots of a user; null without screenshots. */
  readonly snapshotMs: number | null
  readonly maxIdleMs: number
  /** Length of an MP4 file. */
  readonly maxVideoMs: number
  /** From a track's start until query names its playlist. */
  readonly fileDelayMs: number
  /** When the token ends; null if it is not checked. */
  readonly tokenExpiresAt: number | null

  readonly subscription: Subscription
  /** The last request of updateLayout, or `transcodingConfig`; null if there was none. */
  readonly layout: Readonly<Record<string, unknown>> | null
  /** The users in the channel, subscribed or not. */
  readonly users: readonly string[]
  /** Since when there has been no user; null if there is one. */
  readonly idleSince: number | null
  readonly streams: readonly Stream[]
  /** Those of all servers that took turns. */
  readonly tracks: readonly Track[]
  /** How many of them event 4 has announced, or will never announce because their server has failed. */
  readonly announced: number
  /** Whether the server that records has begun to upload: with its first track. */
  readonly uploading: boolean
  /** When the first track began. */
  readonly recordingAt: number | null
  readonly snapshots: number
  readonly exit: ChannelExit | null
}

export type ChannelTimer =
  | CommonTimer
  | 'join'
  | 'idle'
  | 'listed'
  | 'progress'
  | 'snapshot'
  | 'tokenExpiry'
  | 'exit'

export type ChannelInput =
  | CommonInput
  | { type: 'timerFired'; timer: ChannelTimer }
  | { type: 'usersChanged'; users: readonly string[] }
  | { type: 'subscriptionRequested'; subscription: Subscription }
  | { type: 'layoutRequested'; layout: Readonly<Record<string, unknown>> }
  | { type: 'stopRequested'; code: StopCode }

export type ChannelStep = builder.Step<ChannelTask, never>

export const unchanged = (task: ChannelTask): ChannelStep => builder.unchanged(task)

export const hasFailed = ({ exit }: Pick<ChannelTask, 'exit'>): boolean => exit?.exitStatus === 1
