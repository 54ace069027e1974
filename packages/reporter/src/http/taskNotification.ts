import type { RecordingNotification } from '@stillrolling/rest-core'
import { z } from 'zod'
import type { TaskNotification } from '../supervisor/signal.ts'

const number = z.number().optional().catch(undefined)
const text = z.string().optional().catch(undefined)

/**
 * The fields differ by event, and so does the type of one of them: `status` is text in event 100. A field of another type
 * than the supervisor's counts as missing.
 */
const detailsSchema = z.looseObject({
  code: number,
  exitStatus: number,
  errorCode: number,
  errorLevel: number,
  module: number,
  status: number,
  progress: number,
  newUid: text,
  leaveCode: number,
  streamUid: text,
  state: number,
  fileList: z
    .array(z.looseObject({ fileName: z.string() }))
    .optional()
    .catch(undefined),
  extra: z.record(z.string(), z.unknown()).optional().catch(undefined),
})

/** The fields for Agora's own text, the most specific first. */
const TEXT_FIELDS = ['limitType', 'reason', 'message', 'details', 'errorMsg']
const MAX_TEXT_LENGTH = 500

/** The parts of a notification that the supervisor uses. */
export const taskNotification = (
  { eventType, payload }: RecordingNotification,
  sid: string,
): TaskNotification => {
  const { extra = {}, ...details } = detailsSchema.parse(payload.details)
  const known: Record<string, unknown> = details
  return {
    eventType,
    sid,
    uid: payload.uid,
    sequence: payload.sequence,
    code: details.code ?? details.exitStatus ?? details.errorCode,
    errorLevel: details.errorLevel,
    module: details.module,
    status: details.status,
    progress: details.progress,
    newUid: details.newUid,
    leaveCode: details.leaveCode,
    streamUid: details.streamUid,
    state: details.state,
    detail: TEXT_FIELDS.map((field) => textOf(known[field] ?? extra[field])).find(
      (text) => text !== undefined,
    ),
    files: (details.fileList ?? []).map(({ fileName }) => fileName),
  }
}

/** Some senders have an object where Agora documents text. */
const textOf = (value: unknown): string | undefined => {
  if (value === undefined || value === null || value === '') return undefined
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, MAX_TEXT_LENGTH)
}
