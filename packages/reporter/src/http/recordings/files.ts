import { z } from '@hono/zod-openapi'
import type { Attempt } from '../../supervisor/recording.ts'
import { uploadStatusOf } from '../../supervisor/uploads.ts'
import type { PredictFiles } from './predictFiles.ts'

/** Whether a file is in the bucket, or some of its attempt's files are in Agora's own backup. */
export const FILE_UPLOADS = ['uploaded', 'backed_up', 'unknown'] as const
export type FileUpload = (typeof FILE_UPLOADS)[number]

/** Whether Agora has named the file, or its name follows from Agora's conventions only. */
export const FILE_STATUSES = ['predicted', 'confirmed'] as const
export type FileStatus = (typeof FILE_STATUSES)[number]

export interface FileView {
  /** As Agora's file list has it, or will have it. */
  name: string
  attempt: number
  status: FileStatus
  /** `unknown` until Agora says where it is: as a rule minutes after the attempt's end. */
  upload: FileUpload
}

export const fileSchema: z.ZodType<FileView> = z.object({
  name: z.string(),
  attempt: z.int(),
  status: z.enum(FILE_STATUSES),
  upload: z.enum(FILE_UPLOADS),
})

/** The files of an attempt: those that Agora has named, and then those that it has not named yet. */
export const viewFiles = (attempt: Attempt, predict: PredictFiles): FileView[] => {
  const status = uploadStatusOf(attempt)
  const upload = FILE_UPLOADS.find((each) => each === status) ?? 'unknown'
  const { number, files, state, noFiles } = attempt
  // What Agora has not named by the end, or has not written in time, most likely does not exist.
  const isExpected = state !== 'ended' && noFiles !== 'confirmed'
  const named = new Set(files.map(extensionOf))
  const predicted = isExpected ? predict(attempt) : []
  const others = predicted.filter((name) => !named.has(extensionOf(name)))
  return [
    ...files.map((name): FileView => ({ name, attempt: number, status: 'confirmed', upload })),
    ...others.map((name): FileView => ({ name, attempt: number, status: 'predicted', upload: 'unknown' })),
  ]
}

/** Once Agora has named a file of the same type, nothing is predicted: after a failover its name is another one. */
const extensionOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1)
