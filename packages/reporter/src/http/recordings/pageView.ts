import { z } from '@hono/zod-openapi'
import { avFileTypeSchema } from '@stillrolling/rest-core'
import { expectationsSchema } from '../../expectationSchema.ts'
import type { PageRequest } from '../../pageRequest.ts'

/** What the API shows of a page's recording alone. */
export type PageFields = Pick<
  PageRequest,
  'kind' | 'url' | 'video' | 'audioProfile' | 'maxRecordingHour' | 'avFileType' | 'expect' | 'media'
>

export const pageFields: { [Name in keyof PageFields]: z.ZodType<PageFields[Name]> } = {
  kind: z.literal('page'),
  url: z.string(),
  video: z.object({
    width: z.int(),
    height: z.int(),
    fps: z.int().optional(),
    bitrate: z.int().optional(),
  }),
  audioProfile: z.literal([0, 1, 2]).openapi({ type: 'integer', enum: [0, 1, 2] }),
  maxRecordingHour: z.int(),
  avFileType: avFileTypeSchema,
  expect: expectationsSchema,
  media: expectationsSchema,
}

export const viewPage = (request: PageRequest): PageFields => ({
  kind: request.kind,
  url: request.url,
  video: request.video,
  audioProfile: request.audioProfile,
  maxRecordingHour: request.maxRecordingHour,
  avFileType: request.avFileType,
  expect: request.expect,
  media: request.media,
})
