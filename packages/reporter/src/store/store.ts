import type { RecordingRequest } from '../recordingRequest.ts'
import type { Attempt, Downtimes, Recording, Time } from '../supervisor/recording.ts'
import type { Effect } from '../supervisor/signal.ts'
import type { DeliveryOperations } from './deliveryOperations.ts'
import type { UnreadableRowError } from './errors.ts'
import type { JobOperations } from './jobOperations.ts'
import type {
  AnyTimelineEntry,
  ApiKey,
  ClaimRequest,
  Cutoffs,
  Downtime,
  DueTimeChange,
  FoundAttempt,
  HourlyStatistics,
  IdempotencyKey,
  LastHeartbeat,
  ListedRecording,
  ListOptions,
  NotificationKey,
  RecordingsSummary,
  SettledAttemptsOptions,
  StoredEffect,
  StoredRecording,
  StoredTimelineEntry,
  TakenUids,
  TaskKey,
  TimelineEvent,
  TimelineEventsOptions,
} from './types.ts'

/**
 * Everything that the reporter persists. Each implementation passes the tests `store*.test.ts`, so fencing, leases and the
 * uniqueness of notifications are the same in all of them.
 */
export interface Store extends StoreOperations {
  /**
   * Runs `work` atomically: if it rejects, all its writes are rolled back. Other writers wait. Each read
   * sees the state before or after it; two reads may see different ones. `work` must not wait for the network, and must use only the operations it is given.
   */
  transaction<T>(work: (operations: StoreOperations) => Promise<T>): Promise<T>
}

/** Each operation is atomic. */
export interface StoreOperations extends DeliveryOperations, JobOperations {
  /** @throws if the id exists, or another recording of the same cname has the same `uidBase` */
  insertRecording(request: RecordingRequest, recording: Recording, now: Time): Promise<void>
  /** @throws {UnreadableRowError} */
  loadRecording(id: string): Promise<StoredRecording | undefined>
  /**
   * Replaces `stored` by `recording`.
   * @throws {VersionConflictError} if another writer changed it since it was loaded
   */
  saveRecording(stored: StoredRecording, recording: Recording, now: Time): Promise<void>
  /** Replaces the request of a recording and its labels, in the transaction that saves the recording. */
  saveRequest(id: string, request: RecordingRequest): Promise<void>
  /** Without the ids that do not exist. In no particular order. */
  loadRecordings(ids: readonly string[]): Promise<ListedRecording[]>
  /**
   * Ids of recordings with a deadline at or before `now` and, if given, later than `after`; the most overdue first, without
   * those in `except`.
   */
  dueRecordings(now: Time, options: { limit: number; except: string[]; after?: Time }): Promise<string[]>
  /**
   * Updates only the due times, and only of recordings that are still at the given version.
   * @returns the ids that were updated
   */
  pushBackDueTimes(changes: DueTimeChange[]): Promise<string[]>
  /** Ids of recordings, also standbys, that are not in a terminal state, or have a deadline or an effect: a stop that is not confirmed. */
  liveRecordings(): Promise<string[]>
  /** The number of recordings that are not in a terminal state, without standbys. */
  countRecordings(): Promise<number>
  /** Newest first, without standbys. */
  listRecordings(options: ListOptions): Promise<ListedRecording[]>
  summarizeRecordings(): Promise<RecordingsSummary>
  /** The attempt that a notification is about, settled or not: by its sid, else by cname and uid. */
  findAttempt(task: TaskKey): Promise<FoundAttempt | undefined>
  /** Ids of the recordings in this channel that have an attempt without a sid which has not settled. In no particular order. */
  recordingsWithoutSid(cname: string): Promise<string[]>
  /** Ids of the recordings in this channel that are not in a terminal state. In no particular order. */
  liveRecordingsIn(cname: string): Promise<string[]>
  /** Of all recordings in this channel, whatever their state. */
  takenUids(cname: string): Promise<TakenUids>

  /** Stores attempts that have left the recording, or replaces what is stored of them. */
  saveSettledAttempts(recordingId: string, attempts: readonly Attempt[]): Promise<void>
  /**
   * @returns the attempt as it was when it last settled; undefined if it has not
   * @throws {UnreadableRowError}
   */
  loadSettledAttempt(recordingId: string, number: number): Promise<Attempt | undefined>
  /** Newest first. Includes attempts that have been put back into the recording since. */
  readSettledAttempts(
    recordingId: string,
    options: SettledAttemptsOptions,
  ): Promise<(Attempt | UnreadableRowError)[]>

  appendTimeline(recordingId: string, entries: AnyTimelineEntry[], now: Time): Promise<void>
  /** Oldest first, starting after the entry with id `after`. */
  readTimeline(recordingId: string, options: { after: number; limit: number }): Promise<StoredTimelineEntry[]>
  /**
   * Entries of all recordings, oldest first. An entry with a lower id than one that was read never turns up later: a store
   * whose transactions may commit in another order than they took their ids holds back what follows an open one.
   */
  readTimelineEvents(options: TimelineEventsOptions): Promise<TimelineEvent[]>
  /** The lowest and the highest id of an entry; undefined if there is none. */
  timelineRange(): Promise<{ oldest: number; newest: number } | undefined>

  addEffects(recordingId: string, effects: Effect[], now: Time): Promise<void>
  /** Claims the oldest effects that have no running lease. */
  claimEffects(now: Time, request: ClaimRequest): Promise<StoredEffect[]>
  /** Removes an effect. Its outcome is in the state that the same transaction saves. */
  completeEffect(id: number): Promise<void>
  /** The effect failed without an outcome: it can be claimed again from `at` on. */
  releaseEffect(id: number, at: Time): Promise<void>
  /** Ends all leases. Only for a store with a single process, whose predecessor's claims are void. */
  releaseClaims(): Promise<void>

  /** @returns false if it was seen before, by its `noticeId` or by its place in the session's sequence */
  rememberNotification(key: NotificationKey, now: Time): Promise<boolean>

  /** @throws if a key has the same id or hash */
  insertApiKey(key: ApiKey, hash: string): Promise<void>
  /** The key of which the secret has this hash, also if it is revoked. */
  findApiKey(hash: string): Promise<ApiKey | undefined>
  /** All of them, the oldest first. */
  readApiKeys(): Promise<ApiKey[]>
  /** Changes nothing if it is revoked already, or if there is no such key. */
  revokeApiKey(id: string, now: Time): Promise<void>
  markApiKeyUsed(id: string, now: Time): Promise<void>

  /** @throws if the key is stored, and younger than a day */
  insertIdempotencyKey(key: IdempotencyKey, now: Time): Promise<void>
  /** @returns undefined if the key is not stored, or was stored a day ago */
  loadIdempotencyKey(key: string, now: Time): Promise<IdempotencyKey | undefined>

  saveLastHeartbeats(heartbeats: LastHeartbeat[]): Promise<void>

  /**
   * Merges into the stored rows: counts add up, maxima stay. Not idempotent.
   * @param statistics at most one for each attempt and hour
   */
  addHourlyStatistics(statistics: HourlyStatistics[]): Promise<void>
  /** All attempts of a recording, oldest first. */
  readHourlyStatistics(recordingId: string): Promise<HourlyStatistics[]>

  /** All downtimes so far. */
  readDowntimes(): Promise<Downtimes>
  /**
   * Adds a downtime that ended at `endedAt`, and writes the tick. If the wall clock stepped back, the due times of all
   * recordings and deliveries and all leases move with it. The times inside a recording move when it is next decided on.
   * @returns all downtimes so far
   */
  addDowntime(downtime: Downtime, endedAt: Time): Promise<Downtimes>

  /** When a reporter last ran; undefined if none ever did. */
  readTick(): Promise<Time | undefined>
  writeTick(now: Time): Promise<void>

  /**
   * Removes up to `limit` old rows, and returns their space to the file system. Keeps recordings of which something may
   * still run at Agora. A recording and its standby are removed together. Takes at most 20 ms, so it may remove fewer rows,
   * and a recording in several calls.
   * @returns the number of rows removed; call again until it is 0
   */
  prune(cutoffs: Cutoffs, limit: number): Promise<number>
}
