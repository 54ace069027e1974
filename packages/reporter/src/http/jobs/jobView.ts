import { z } from '@hono/zod-openapi'
import { iso, isoOrNull } from '../../isoTime.ts'
import { COMMANDS } from '../../runtime/commands.ts'
import {
  type FailedItem,
  JOB_STATES,
  type JobProblem,
  type JobState,
  type StoredJob,
} from '../../store/jobOperations.ts'

/** A job as lists show it. */
export interface JobSummary {
  id: string
  action: string
  state: JobState
  /** How many recordings it is for. */
  total: number
  /** How many were commanded. */
  done: number
  /** How many could not be commanded. */
  failedCount: number
  createdAt: string
  endedAt: string | null
}

export interface JobView extends JobSummary {
  /** The first 100. */
  failed: { id: string; problem: JobProblem }[]
}

/** Those of a view. */
export const MAX_FAILED = 100

const summaryFields = {
  id: z.string(),
  action: z.enum(COMMANDS),
  state: z.enum(JOB_STATES),
  total: z.int().min(0).openapi({ description: 'How many recordings it is for' }),
  done: z.int().min(0).openapi({ description: 'How many were commanded' }),
  failedCount: z.int().min(0).openapi({ description: 'How many could not be commanded' }),
  createdAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
}

export const jobSummarySchema: z.ZodType<JobSummary> = z.object(summaryFields).openapi('JobSummary')

export const jobViewSchema: z.ZodType<JobView> = z
  .object({
    ...summaryFields,
    failed: z
      .array(z.object({ id: z.string(), problem: z.object({ code: z.string(), detail: z.string() }) }))
      .openapi({ description: `The first ${MAX_FAILED} that could not be commanded, and why` }),
  })
  .openapi('Job')

export const summarizeJob = ({
  id,
  action,
  state,
  total,
  done,
  failed,
  ...times
}: StoredJob): JobSummary => ({
  ...{ id, action, state, total, done, failedCount: failed },
  createdAt: iso(times.createdAt),
  endedAt: isoOrNull(times.endedAt),
})

export const viewJob = (job: StoredJob, failed: readonly FailedItem[]): JobView => ({
  ...summarizeJob(job),
  failed: failed.map(({ recordingId, problem }) => ({ id: recordingId, problem })),
})
