import type { Time } from '../supervisor/recording.ts'
import type { RecordingFilter } from './types.ts'

/**
 * - `running`: items wait for their command
 * - `done`: each item's command was carried out, or has failed
 * - `cancelled`: those that were left get no command
 */
export const JOB_STATES = ['running', 'done', 'cancelled'] as const
export type JobState = (typeof JOB_STATES)[number]

export interface NewJob {
  id: string
  action: string
  /** JSON of the request that it came from. */
  request: string
}

export interface StoredJob extends NewJob {
  /** Where it stands in the list. */
  position: number
  state: JobState
  total: number
  /** How many commands were carried out. */
  done: number
  /** How many have failed. */
  failed: number
  createdAt: Time
  endedAt: Time | null
}

/** A recording that waits for its command. */
export interface JobItem {
  position: number
  recordingId: string
}

/** Why a recording was not commanded. */
export interface JobProblem {
  code: string
  detail: string
}

export interface FailedItem {
  recordingId: string
  problem: JobProblem
}

/** What the reporter persists about commands to many recordings. */
export interface JobOperations {
  /**
   * Adds a running job for these recordings in their order, or for those that meet a filter, the oldest first.
   * @returns how many they are
   * @throws if the id exists
   */
  addJob(job: NewJob, recordings: readonly string[] | RecordingFilter, now: Time): Promise<number>
  loadJob(id: string): Promise<StoredJob | undefined>
  /** Newest first. */
  listJobs(options: { before?: number | undefined; limit: number }): Promise<StoredJob[]>
  /** Oldest first. */
  runningJobs(): Promise<StoredJob[]>
  /** The next items of a job. */
  pendingItems(jobId: string, limit: number): Promise<JobItem[]>
  /**
   * The command to an item was carried out, or has failed.
   * @returns false, and stores nothing, if the item is not pending or the job does not run any more
   */
  settleJobItem(jobId: string, position: number, problem: JobProblem | null): Promise<boolean>
  failedItems(jobId: string, limit: number): Promise<FailedItem[]>
  /** Does nothing if the job does not run. */
  endJob(id: string, state: Exclude<JobState, 'running'>, now: Time): Promise<void>
}
