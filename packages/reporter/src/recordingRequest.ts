import { z } from 'zod'
import { type ChannelRequest, channelRequestSchema, storedChannelRequestSchema } from './channelRequest.ts'
import { type PageRequest, pageRequestSchema, storedPageRequestSchema } from './pageRequest.ts'

/** A request to record one page or channel until it is stopped, with defaults filled in. */
export type RecordingRequest = PageRequest | ChannelRequest

const KIND_ERROR = {
  error: ({ code }: { code?: string }) =>
    code === 'invalid_union' ? 'must be "page" or "channel"' : undefined,
}

/** What names no kind is for a page: earlier versions knew no other. */
const withKind = (schema: z.ZodObject) =>
  schema.transform((request) => ({ ...request, kind: 'page' as const }))

/** The body of `POST /v1/recordings`. */
export const recordingRequestSchema: z.ZodType<RecordingRequest, unknown> = z
  .discriminatedUnion('kind', [withKind(pageRequestSchema), channelRequestSchema], KIND_ERROR)
  .meta({ id: 'RecordingRequest' }) as unknown as z.ZodType<RecordingRequest, unknown>

/** A request as it is stored, with the changes that were made since. */
export const storedRequestSchema: z.ZodType<RecordingRequest, unknown> = z.discriminatedUnion(
  'kind',
  [withKind(storedPageRequestSchema), storedChannelRequestSchema],
  KIND_ERROR,
) as unknown as z.ZodType<RecordingRequest, unknown>
