import type { TaskState } from '../types.ts'

const STATUSES: Record<TaskState, number> = {
  starting: 1,
  opening: 2,
  idle: 5,
  paused: 5,
  recording: 5,
  exiting: 6,
  ended: 8,
}

const FAILED = 20

/**
 * `serverResponse.status` of query (https://docs.agora.io/en/cloud-recording/rest-api/query): 1 initialised ·
 * 2 starting · 5 in progress · 6 stop requested · 8 exited · 20 exited abnormally.
 */
export const statusOf = (state: TaskState, failed: boolean): number =>
  failed && (state === 'exiting' || state === 'ended') ? FAILED : STATUSES[state]

/** As the views of tasks show a time. */
export const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())
