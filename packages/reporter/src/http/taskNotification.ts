import type { RecordingNotification } from '@stillrolling/rest-core'
import { z } from 'zod'
import type { TaskNotification } from '../supervisor/signal.ts'

/** The fields for the code of an event differ by event. rest-core puts a field of another type into `extra`. */
const detailsSchema = z.looseObject({
  code: z.number().optional(),
  exitStatus: z.number().optional(),
  errorCode: z.number().optional(),
  errorLevel: z.number().optional(),
  module: z.number().optional(),
  status: z.number().optional(),
  progress: z.number().optional(),
  newUid: z.string().optional(),
  fileList: z.array(z.looseObject({ fileName: z.string() })).optional(),
  extra: z.record(z.string(), z.unknown()).optional(),
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
