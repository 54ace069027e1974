import { z } from '@hono/zod-openapi'
import type { Attempt } from '../../supervisor/recording.ts'
import { uploadStatusOf } from '../../supervisor/uploads.ts'

/** Whether a file is in the bucket, or some of its attempt's files are in Agora's own backup. */
export const FILE_UPLOADS = ['uploaded', 'backed_up', 'unknown'] as const
export type FileUpload = (typeof FILE_UPLOADS)[number]

export interface FileView {
  /** As Agora's file list has it. */
  name: string
  attempt: number
  /** `unknown` until Agora says where it is: as a rule minutes after the attempt's end. */
  upload: FileUpload
}

export const fileSchema: z.ZodType<FileView> = z.object({
  name: z.string(),
  attempt: z.int(),
  upload: z.enum(FILE_UPLOADS),
})

/** The files of an attempt. */
export const viewFiles = (attempt: Attempt): FileView[] => {
  const status = uploadStatusOf(attempt)
  const upload = FILE_UPLOADS.find((each) => each === status) ?? 'unknown'
  return attempt.files.map((name) => ({ name, attempt: attempt.number, upload }))
}
