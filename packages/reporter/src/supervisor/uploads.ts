import { clearAttentionOf, raiseAttentionOf } from './attention.ts'
import { addTimelineEntry, type Draft } from './draft.ts'
import { addFiles, recordOutput } from './output.ts'
import type { Attempt, Evidence, UploadStatus } from './recording.ts'
import type { Signal, TaskNotification } from './signal.ts'

/*
 * Whether Agora brings the files into the bucket. Its uploader reports that for a session as a whole: after a failover the
 * attempt has two sessions, and its files are uploaded when those of both are. The reports arrive up to a day after the
 * end, so they count in every state of the attempt and of the recording.
 */

/** What a notification says about the uploads of the session that it is about. */
interface Finding {
  /** `unknown`: an upload has succeeded, so an error reported before is over. */
  status: UploadStatus
  message: string
  evidence: Evidence
}

/** Statuses after the end of the session: no report of the time before counts any more. */
const FINAL: ReadonlySet<UploadStatus> = new Set(['uploaded', 'backed_up', 'failed'])

/** Agora's notification, of which only what it says about files counts here. */
export const handleUploadNotification = (
  draft: Draft,
  attempt: Attempt,
  notification: TaskNotification,
): void => {
  addFiles(draft, attempt, notification.files)
  const finding = FINDINGS[notification.eventType]?.(notification)
  if (finding) recordUpload(draft, attempt, notification.uid ?? attempt.uid, finding)
}

/** What the answer to a stop says: usually `unknown`, because the upload of the last files begins with the stop. */
export const handleStopOutput = (
  draft: Draft,
  attempt: Attempt,
  { uploadingStatus, files = [] }: Extract<Signal, { type: 'stopAnswered' }>,
): void => {
  addFiles(draft, attempt, files)
  if (uploadingStatus === undefined) return
  attempt.uploadingStatus = uploadingStatus
  if (uploadingStatus === 'unknown') return
  const status = uploadingStatus === 'uploaded' ? 'uploaded' : 'backed_up'
  const message = `${MESSAGES[status]} (answer to the stop)`
  recordUpload(draft, attempt, attempt.newUid ?? attempt.uid, {
    status,
    message,
    evidence: { uploadingStatus },
  })
}

/** The files of all of the attempt's sessions: the worst that is known. `failing` may still pass, `failed` not. */
export const uploadStatusOf = ({ uploads, newUid, uid }: Attempt): UploadStatus => {
  const statuses = Object.values(uploads)
  const worst = (['failed', 'failing', 'backed_up'] as const).find((status) => statuses.includes(status))
  if (worst) return worst
  const last = uploads[newUid ?? uid] ?? 'unknown'
  return statuses.includes('unknown') ? 'unknown' : last
}

const MESSAGES = {
  uploaded: 'Agora has uploaded all files',
  backed_up: 'Agora could not upload all files: some are in its own backup, from where it uploads them later',
  failed: 'Agora has ended the upload, and files are missing in the bucket',
} as const

/** Event 1: the modules of the uploader and of the service, and the codes that the latter has for uploads. */
const UPLOADER = 1
const SERVICE = 2
/** 32: the storage is configured wrongly; 47: an upload failed; 51: the storage answered with an error. */
const UPLOAD_ERRORS: ReadonlySet<number> = new Set([32, 47, 51])
/** Event 1's level "major". Below it the uploader retries by itself. */
const MAJOR = 4
/** Event 33's progress when every recorded file is uploaded. */
const ALL_UPLOADED = 10_000

/** By event. Agora's notification reference: 1, 4, 30 to 34. */
const FINDINGS: Readonly<Record<number, (notification: TaskNotification) => Finding | undefined>> = {
  1: ({ module, errorLevel = MAJOR, code, detail }) => {
    const isUploader = module === UPLOADER || (module === SERVICE && UPLOAD_ERRORS.has(code ?? 0))
    if (!isUploader || errorLevel < MAJOR) return undefined
    const words = detail ? `: ${detail}` : ''
    const message = `Agora's uploader reports an error${words} (event 1, code ${code ?? 'not given'}, level ${errorLevel})`
    return { status: 'failing', message, evidence: { eventType: 1, module, errorLevel, code, detail } }
  },
  4: () => ({ status: 'unknown', message: 'Agora has uploaded the playlist', evidence: { eventType: 4 } }),
  30: ({ status = 0 }) => {
    if (status === 0) return undefined
    const message = `Agora's uploader did not start normally (event 30, status ${status})`
    return { status: 'failing', message, evidence: { eventType: 30, status } }
  },
  31: ({ status = 0 }) => {
    const result = status === 0 ? 'uploaded' : 'failed'
    const words = `${MESSAGES[result]} (event 31, status ${status})`
    return { status: result, message: words, evidence: { eventType: 31, status } }
  },
  32: ({ status }) => ({
    status: 'backed_up',
    message: `${MESSAGES.backed_up} (event 32)`,
    evidence: { eventType: 32, status },
  }),
  33: ({ progress = 0 }) =>
    progress < ALL_UPLOADED
      ? undefined
      : {
          status: 'unknown',
          message: 'Agora has uploaded all files so far',
          evidence: { eventType: 33, progress },
        },
  34: () => ({
    status: 'failing',
    message:
      'The temporary credentials of the storage have expired (event 34): Agora can upload no more files',
    evidence: { eventType: 34 },
  }),
}

const recordUpload = (draft: Draft, attempt: Attempt, session: string, finding: Finding): void => {
  const { status, message, evidence } = finding
  const before = attempt.uploads[session] ?? 'unknown'
  const isOutdated = before === 'uploaded' || (FINAL.has(before) && !FINAL.has(status))
  if (status !== 'failing' && status !== 'failed') recordOutput(draft, attempt)
  if (isOutdated || status === before) return
  const statusBefore = uploadStatusOf(attempt)
  attempt.uploads = { ...attempt.uploads, [session]: status }
  const code = TIMELINE_CODE_OF[status]
  const text = `Attempt ${attempt.number}: ${message}`
  if (code) addTimelineEntry(draft, code, attempt, text, evidence)
  reportUploads(draft, attempt, { statusBefore, detail: message })
}

const TIMELINE_CODE_OF = {
  unknown: undefined,
  uploaded: 'attempt.uploaded',
  backed_up: 'attempt.backed_up',
  failing: 'attempt.upload_failed',
  failed: 'attempt.upload_failed',
} as const

const ATTENTION_OF = {
  unknown: undefined,
  uploaded: undefined,
  backed_up: 'uploads_backuped',
  failing: 'upload_failing',
  failed: 'upload_failing',
} as const

/** At most one of the two codes is raised about the attempt. */
const reportUploads = (
  draft: Draft,
  attempt: Attempt,
  { statusBefore, detail }: { statusBefore: UploadStatus; detail: string },
): void => {
  const before = ATTENTION_OF[statusBefore]
  const now = ATTENTION_OF[uploadStatusOf(attempt)]
  if (before !== undefined && before !== now) clearAttentionOf(draft, before, attempt)
  if (now !== undefined) raiseAttentionOf(draft, now, attempt, detail)
}
