import { z } from '@hono/zod-openapi'
import { isoOrNull } from '../../isoTime.ts'
import { orNull } from '../../orNull.ts'
import {
  ATTEMPT_STATES,
  type Attempt,
  type AttemptState,
  REASON_CODES,
  type Reason,
  UPLOADING_STATUSES,
  type UploadingStatus,
} from '../../supervisor/recording.ts'
import { type FileView, fileSchema, viewFiles } from './files.ts'
import type { PredictFiles } from './predictFiles.ts'

/** An attempt as the API shows it. */
export interface AttemptView {
  number: number
  state: AttemptState
  /** Why it was started as a candidate; null if it was not. */
  candidateFor: Reason | null
  uid: string
  resourceId: string | null
  sid: string | null
  /** Agora keeps the page open and writes nothing. */
  onhold: boolean
  startedAt: string | null
  confirmedAt: string | null
  loadedAt: string | null
  lastBeatAt: string | null
  /** The first script error of the page's newest document; null if it has reported none. */
  firstError: string | null
  endedAt: string | null
  endReason: Reason | null
  /** When Agora ends an orphaned attempt at the latest. */
  mayRunUntil: string | null
  /** The last moment at which it was known to be well; null while the attempt runs, or if it never was. */
  wellUntil: string | null
  /** From Agora's answer to the stop; null before it. */
  uploadingStatus: UploadingStatus | null
  files: FileView[]
}

export const reasonSchema: z.ZodType<Reason> = z
  .object({
    code: z.enum(REASON_CODES),
    message: z.string(),
    evidence: z.record(z.string(), z.unknown()),
  })
  .openapi('Reason')
const time = z.iso.datetime().nullable()

export const attemptViewSchema: z.ZodType<AttemptView> = z
  .object({
    number: z.int(),
    state: z.enum(ATTEMPT_STATES),
    candidateFor: orNull(reasonSchema),
    uid: z.string(),
    resourceId: z.string().nullable(),
    sid: z.string().nullable(),
    onhold: z.boolean(),
    startedAt: time,
    confirmedAt: time,
    loadedAt: time,
    lastBeatAt: time,
    firstError: z.string().nullable(),
    endedAt: time,
    endReason: orNull(reasonSchema),
    mayRunUntil: time,
    wellUntil: time,
    uploadingStatus: z.enum(UPLOADING_STATUSES).nullable(),
    files: z.array(fileSchema),
  })
  .openapi('Attempt')

export const viewAttempt = (attempt: Attempt, predict: PredictFiles): AttemptView => ({
  number: attempt.number,
  state: attempt.state,
  candidateFor: attempt.candidateFor,
  uid: attempt.uid,
  resourceId: attempt.resourceId,
  sid: attempt.sid,
  onhold: attempt.onhold,
  startedAt: isoOrNull(attempt.startedAt),
  confirmedAt: isoOrNull(attempt.confirmedAt),
  loadedAt: isoOrNull(attempt.loadedAt),
  lastBeatAt: isoOrNull(attempt.lastBeatAt),
  firstError: attempt.page?.firstError ?? null,
  endedAt: isoOrNull(attempt.endedAt),
  endReason: attempt.endReason,
  mayRunUntil: isoOrNull(attempt.mayRunUntil),
  wellUntil: isoOrNull(attempt.wellUntil),
  uploadingStatus: attempt.uploadingStatus,
  files: viewFiles(attempt, predict),
})
