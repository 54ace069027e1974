import type { PageCommand, StopCode, TaskView, Uploads } from '../types.ts'
import type { CommonInput, TaskFacts } from './task.ts'

/** What is wrong with a request. */
export interface Refusal {
  /** The field's name without its path; empty for the whole body. */
  field: string
  detail: string
}

/** A request to change a task that is valid and applies to it. */
export interface Change {
  apply(): void
}

export const isRefusal = (value: Change | Refusal): value is Refusal => 'detail' in value

/** `uploadingStatus` in the answer to a stop. */
export type UploadingStatus = 'uploaded' | 'backuped' | 'unknown'

/** A task, whatever it records: what calls and commands need of it. */
export interface RunningTask {
  facts(): TaskFacts
  view(): TaskView
  /** Applies what can happen to every task. */
  send(input: CommonInput): void
  /** Resolves when the task has ended. */
  ended(): Promise<void>
  /** Cancels every timer. Pages and files are closed by closing the page opener and the recorder. */
  close(): void

  /** 0 ends the task as a call of stop does; the other codes are those of event 71. */
  stop(code: StopCode): void
  /** Why this kind of task cannot end with the code; null if it can. */
  refuseStopCode(code: StopCode): string | null
  /** Why no other server can take over; null if one can. */
  refuseFailover(): string | null
  /** Carries out a command to the task's page; null if it has none. */
  commandPage: ((command: PageCommand) => Promise<void>) | null
  /** The channel whose users the task records; null for a page. */
  channel: string | null

  /** `serverResponse.status` of query. */
  status(): number
  /** The other fields of `serverResponse` of query. */
  queried(): Record<string, unknown>
  /** `serverResponse` of stop. */
  stopped(uploadingStatus: UploadingStatus): Record<string, unknown>
  /** How long query still answers after the end. */
  queryableAfterEndMs: number
  hasRecorded(): boolean
  hasFiles(): boolean
  hasFailed(): boolean
  /** How the files fare, as commanded or as the bucket shows. */
  uploads(): Uploads
  readUpdate(body: unknown): Change | Refusal
  readLayout(body: unknown): Change | Refusal
}
