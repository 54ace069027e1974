import type { RecordingRequest } from '../recordingRequest.ts'
import type { Recording, RecordingState, Time } from '../supervisor/recording.ts'
import type { Effect } from '../supervisor/signal.ts'
import type { ClaimRequest, StoredEffect } from './effects.ts'
import type { HourlyStatistics } from './hourlyStatistics.ts'
import type { LastHeartbeat } from './lastHeartbeats.ts'
import type { NotificationKey } from './notifications.ts'
import type { Cutoffs } from './prune.ts'
import type { StoredRecording, UnreadableRowError } from './recordingRow.ts'
import type { AnyTimelineEntry, StoredTimelineEntry } from './timeline.ts'

/**
 * What the reporter keeps, and all that it can do with it. Every implementation passes `store.test.ts`: the fence,
 * the leases and the uniqueness of notifications are the same on all of them.
 */
export interface Store extends StoreOperations {
  /**
   * All of `work` or nothing: it is undone when `work` rejects. Other writers wait or see the state before.
   * Nothing in it may wait for the network, and only the verbs it is given may be used in it.
   */
  transaction<T>(work: (verbs: StoreOperations) => Promise<T>): Promise<T>
}

/** Each is one atomic step. */
export interface StoreOperations {
  /** @throws when the id is taken */
  insertRecording(request: RecordingRequest, recording: Recording, now: Time): Promise<void>
  /** @throws {UnreadableRowError} */
  loadRecording(id: string): Promise<StoredRecording | undefined>
  /**
   * Writes what was decided on `stored`.
   * @throws {VersionConflictError} when it has changed since it was loaded
   */
  saveRecording(stored: StoredRecording, recording: Recording, now: Time): Promise<void>
  /** Ids of recordings with a deadline that has passed, the most overdue first, without those in `except`. */
  dueRecordings(now: Time, options: { limit: number; except: string[] }): Promise<string[]>
  /**
   * Moves only the times at which recordings are due, where nobody has written a newer version.
   * @returns the ids of those that were moved
   */
  pushBackDueTimes(postponed: DueTimeChange[]): Promise<string[]>
  /** Ids of recordings that something may still happen to. */
  liveRecordings(): Promise<string[]>
  /** Newest first. `before` is the id that the last page ended with. */
  listRecordings(options: ListOptions): Promise<ListedRecording[]>
  /** The attempt that a notification is about: by its sid, or by cname and uid while its sid is unknown. */
  findAttempt(task: TaskKey): Promise<{ recordingId: string; number: number } | undefined>

  appendTimeline(recordingId: string, entries: AnyTimelineEntry[], now: Time): Promise<void>
  /** Oldest first, from after the entry `after`. */
  readTimeline(recordingId: string, options: { after: number; limit: number }): Promise<StoredTimelineEntry[]>

  addEffects(recordingId: string, effects: Effect[], now: Time): Promise<void>
  /** Takes effects that nobody has, oldest first; they are free again when the lease is over. */
  claimEffects(now: Time, claim: ClaimRequest): Promise<StoredEffect[]>
  /** The effect is done: its outcome is in the state that the same transaction saves. */
  completeEffect(id: number): Promise<void>
  /** The effect broke down before it had an outcome: it is free again from `at` on. */
  releaseEffect(id: number, at: Time): Promise<void>
  /** Only for a store that one process has to itself: what an earlier process had claimed is free again. */
  releaseClaims(): Promise<void>

  /** Remembers a notification. False: it came before, by its `noticeId` or by its place in the sequence. */
  rememberNotification(key: NotificationKey, now: Time): Promise<boolean>

  saveLastHeartbeats(beats: LastHeartbeat[]): Promise<void>
  /** The last beats of the recordings that something may still happen to. */
  readLastHeartbeats(): Promise<LastHeartbeat[]>

  /** Adds them to what is kept of the same attempts and hours: counts add up, maxima stay. One of each. */
  addHourlyStatistics(rollUps: HourlyStatistics[]): Promise<void>
  /** Of all attempts of a recording, oldest first. */
  readHourlyStatistics(recordingId: string): Promise<HourlyStatistics[]>

  /** When a reporter last ran; undefined: never. */
  readTick(): Promise<Time | undefined>
  writeTick(now: Time): Promise<void>

  /** Removes up to `limit` old rows of each kind, and gives their room back. @returns how many were removed */
  prune(ages: Cutoffs, limit: number): Promise<number>
}

/** A recording that is due later than was stored. */
export interface DueTimeChange {
  id: string
  /** Of which that is known. */
  version: number
  dueAt: Time
}

export interface ListOptions {
  state?: RecordingState
  before?: string
  limit: number
}

/** A row that cannot be read stands as its error. */
export interface ListedRecording {
  id: string
  stored: StoredRecording | UnreadableRowError
}

export interface TaskKey {
  sid: string
  cname: string
  uid: string
}
