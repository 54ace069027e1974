import type { RecordingRequest } from '../recordingRequest.ts'
import type { StoredDelivery, StoredDestination } from '../store/deliveryOperations.ts'
import type { JobProblem, StoredJob } from '../store/jobOperations.ts'
import type {
  ApiKey,
  HourlyStatistics,
  IdempotencyKey,
  LastHeartbeat,
  StoredEffect,
  StoredTimelineEntry,
} from '../store/types.ts'
import {
  type Attempt,
  type Downtimes,
  NO_DOWNTIMES,
  type Recording,
  type Time,
} from '../supervisor/recording.ts'

/** Values are stored and returned without copies, so callers must not change them. */
export interface Tables {
  recordings: Map<string, RecordingRow>
  /** By recording id, newest first. */
  settledAttempts: Map<string, Attempt[]>
  timeline: Map<string, StoredTimelineEntry[]>
  effects: Map<number, EffectRow>
  /** Arrival times, by `noticeId` and by place in the session's sequence. */
  notifications: Map<string, Time>
  lastHeartbeats: Map<string, LastHeartbeat>
  /** By recording id. */
  hourlyStatistics: Map<string, HourlyStatistics[]>
  /** By id. */
  deliveries: Map<string, StoredDelivery>
  /** By destination and recording (`queueKey`). */
  deliveryQueues: Map<string, DeliveryQueueRow>
  destinations: Map<string, StoredDestination>
  /** The ids of the recordings for which a cause holds, by destination and cause. */
  deliveryCauses: Map<string, string[]>
  /** By id. */
  apiKeys: Map<string, ApiKey & { hash: string }>
  /** By key. */
  idempotencyKeys: Map<string, IdempotencyKey & { createdAt: Time }>
  /** By id. */
  jobs: Map<string, StoredJob>
  /** By the id of the job. */
  jobItems: Map<string, MemoryJobItem[]>
  tick: Time | undefined
  downtimes: Downtimes
  /** The last id given to a timeline entry, an effect or a delivery. */
  lastId: number
}

/** Those that were carried out are left out. */
export interface MemoryJobItem {
  position: number
  recordingId: string
  problem: JobProblem | null
}

export interface RecordingRow {
  request: RecordingRequest
  recording: Recording
  version: number
  /** Null if there is no deadline. */
  dueAt: Time | null
  updatedAt: Time
  /** When it reached its state. */
  stateSince: Time
}

export interface DeliveryQueueRow {
  destination: string
  recordingId: string
  lastSequence: number
  dueAt: Time | null
  retrying: boolean
  claimedUntil: Time
}

export interface EffectRow extends StoredEffect {
  claimedUntil: Time
}

export const emptyTables = (): Tables => ({
  recordings: new Map(),
  settledAttempts: new Map(),
  timeline: new Map(),
  effects: new Map(),
  notifications: new Map(),
  lastHeartbeats: new Map(),
  hourlyStatistics: new Map(),
  deliveries: new Map(),
  deliveryQueues: new Map(),
  destinations: new Map(),
  deliveryCauses: new Map(),
  apiKeys: new Map(),
  idempotencyKeys: new Map(),
  jobs: new Map(),
  jobItems: new Map(),
  tick: undefined,
  downtimes: NO_DOWNTIMES,
  lastId: 0,
})
