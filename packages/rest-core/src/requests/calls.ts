import { z } from 'zod'
import { addressShape, type Identity, identityShape, opaqueIdSchema, type TaskAddress } from './identity.ts'
import { limits } from './limits.ts'
import { type StorageConfig, storageConfigSchema } from './storage.ts'
import {
  maxRecordingHourOf,
  type RtmpOutputs,
  rtmpOutputsSchema,
  type WebStartRequest,
  webStartRequestSchema,
} from './web.ts'

/** Where Agora may record. */
export type Area = 'CN' | 'AP' | 'EU' | 'NA'

/** `clientRequest` of acquire. */
export type AcquireClientRequest = {
  /** 1: web page recording. */
  scene: 1
  /** Hours, 1 to 720, default 72: after them query, update and stop no longer work. */
  resourceExpiredHour?: number
  region?: Area
  /** Resources whose data centres shall be avoided (redundant recording). */
  excludeResourceIds?: string[]
  /** Must equal the later start's `clientRequest`, or Agora refuses the start. */
  startParameter?: WebStartRequest
}

export type AcquireRequest = Identity & { clientRequest: AcquireClientRequest }

export type StartRequest = Identity & { resourceId: string; mode: 'web'; clientRequest: WebStartRequest }

export type QueryRequest = TaskAddress

/** `clientRequest` of update, web page mode. Wait for the answer before the next update. */
export type UpdateClientRequest = {
  /** Pause and resume writing. */
  webRecordingConfig?: { onhold: boolean }
  rtmpPublishConfig?: RtmpOutputs
  /** New storage credentials (temporary ones must be refreshed every 60 minutes). */
  storageConfig?: StorageConfig
}

export type UpdateRequest = Identity & TaskAddress & { clientRequest: UpdateClientRequest }

/** `async_stop` false (default): the answer waits for the upload, 20 s at most. */
export type StopRequest = Identity & TaskAddress & { clientRequest: { async_stop?: boolean } }

const areaSchema: z.ZodType<Area> = z.enum(['CN', 'AP', 'EU', 'NA'])

/** `maxRecordingHour ≤ resourceExpiredHour`: past it the recording could no longer be stopped. */
const outlivesRecording = (request: AcquireClientRequest): boolean =>
  request.startParameter === undefined ||
  maxRecordingHourOf(request.startParameter) <=
    (request.resourceExpiredHour ?? limits.resourceExpiredHour.default)

export const acquireRequestSchema: z.ZodType<AcquireRequest> = z.strictObject({
  ...identityShape,
  clientRequest: z
    .strictObject({
      scene: z.literal(1, { error: 'must be 1 (web page recording)' }),
      resourceExpiredHour: z
        .int()
        .min(limits.resourceExpiredHour.min)
        .max(limits.resourceExpiredHour.max)
        .optional(),
      region: areaSchema.optional(),
      excludeResourceIds: z.array(opaqueIdSchema).optional(),
      startParameter: webStartRequestSchema.optional(),
    })
    .refine(outlivesRecording, {
      path: ['resourceExpiredHour'],
      error: `must not be less than maxRecordingHour (default ${limits.resourceExpiredHour.default})`,
    }),
})

export const startRequestSchema: z.ZodType<StartRequest> = z.strictObject({
  ...identityShape,
  resourceId: opaqueIdSchema,
  mode: addressShape.mode,
  clientRequest: webStartRequestSchema,
})

export const queryRequestSchema: z.ZodType<QueryRequest> = z.strictObject(addressShape)

export const updateRequestSchema: z.ZodType<UpdateRequest> = z.strictObject({
  ...identityShape,
  ...addressShape,
  clientRequest: z
    .strictObject({
      webRecordingConfig: z.strictObject({ onhold: z.boolean() }).optional(),
      rtmpPublishConfig: rtmpOutputsSchema.optional(),
      storageConfig: storageConfigSchema.optional(),
    })
    .refine((request) => Object.values(request).some((part) => part !== undefined), {
      error: 'must have at least one of webRecordingConfig, rtmpPublishConfig, storageConfig',
    }),
})

export const stopRequestSchema: z.ZodType<StopRequest> = z.strictObject({
  ...identityShape,
  ...addressShape,
  clientRequest: z.strictObject({ async_stop: z.boolean().optional() }),
})
