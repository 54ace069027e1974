import { z } from 'zod'
import { addressShape, type Identity, identityShape, type TaskAddress } from './identity.ts'
import { type Layout, layoutSchema } from './layout.ts'
import { type StorageConfig, storageConfigSchema } from './storage.ts'
import { type StreamSubscribe, streamSubscribeSchema } from './subscription.ts'
import { type RtmpOutputs, rtmpOutputsSchema } from './web.ts'

interface StorageUpdate {
  /** With new credentials; Agora requires new temporary ones every 60 minutes. */
  storageConfig?: StorageConfig
}

/** `clientRequest` of update, web page mode. Wait for the answer before the next update. */
export interface WebUpdateRequest extends StorageUpdate {
  /** `onhold` true pauses the recording, false resumes it. */
  webRecordingConfig?: { onhold: boolean }
  rtmpPublishConfig?: RtmpOutputs
}

/** `clientRequest` of update, individual and composite mode. Wait for the answer before the next update. */
export interface ChannelUpdateRequest extends StorageUpdate {
  streamSubscribe?: StreamSubscribe
}

/** `clientRequest` of update. */
export type UpdateClientRequest = WebUpdateRequest | ChannelUpdateRequest

export type UpdateRequest = Identity &
  (
    | (TaskAddress<'web'> & { clientRequest: WebUpdateRequest })
    | (TaskAddress<'individual'> & { clientRequest: ChannelUpdateRequest })
    | (TaskAddress<'mix'> & { clientRequest: ChannelUpdateRequest })
  )

/** Composite mode only. Replaces the whole layout: a missing field gets its default. */
export type UpdateLayoutRequest = Identity & TaskAddress<'mix'> & { clientRequest: Layout }

const changesSomething = (request: object): boolean =>
  Object.values(request).some((part) => part !== undefined)

const webUpdateSchema: z.ZodType<WebUpdateRequest> = z
  .strictObject({
    webRecordingConfig: z.strictObject({ onhold: z.boolean() }).optional(),
    rtmpPublishConfig: rtmpOutputsSchema.optional(),
    storageConfig: storageConfigSchema.optional(),
  })
  .refine(changesSomething, {
    error: 'must have at least one of webRecordingConfig, rtmpPublishConfig, storageConfig',
  })

const channelUpdateSchema: z.ZodType<ChannelUpdateRequest> = z
  .strictObject({
    streamSubscribe: streamSubscribeSchema.optional(),
    storageConfig: storageConfigSchema.optional(),
  })
  .refine(changesSomething, { error: 'must have at least one of streamSubscribe, storageConfig' })

const common = { ...identityShape, ...addressShape }

export const updateRequestSchema: z.ZodType<UpdateRequest> = z.discriminatedUnion('mode', [
  z.strictObject({ ...common, mode: z.literal('web'), clientRequest: webUpdateSchema }),
  z.strictObject({ ...common, mode: z.literal('individual'), clientRequest: channelUpdateSchema }),
  z.strictObject({ ...common, mode: z.literal('mix'), clientRequest: channelUpdateSchema }),
])

export const updateLayoutRequestSchema: z.ZodType<UpdateLayoutRequest> = z.strictObject({
  ...common,
  mode: z.literal('mix', { error: 'must be "mix": only composite recordings have a layout' }),
  clientRequest: layoutSchema,
})
