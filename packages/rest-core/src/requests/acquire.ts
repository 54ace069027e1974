import { z } from 'zod'
import { type Identity, identityShape, opaqueIdSchema } from './identity.ts'
import { type IndividualStartRequest, individualStartRequestSchema, isPostponed } from './individual.ts'
import { LIMITS } from './limits.ts'
import { type MixStartRequest, mixStartRequestSchema } from './mix.ts'
import { alwaysChecked, fieldOf, integerIn, schemaChosenBy } from './rules.ts'
import { type WebStartRequest, webStartRequestSchema } from './web.ts'

/** Where Agora may record. */
export type Area = 'CN' | 'AP' | 'EU' | 'NA'

/** The fields of acquire that all modes have. */
export interface AcquireSettings {
  /** Hours, 1 to 720, default 72, after which query, update, updateLayout and stop no longer work. */
  resourceExpiredHour?: number
  region?: Area
  /**
   * The older form of `region`, in Agora's Chinese reference and its own clients: 0 the area of the request (default),
   * 1 CN, 2 AP, 3 EU, 4 NA.
   */
  regionAffinity?: 0 | 1 | 2 | 3 | 4
  /** Agora avoids the data centres of these resources (redundant recording). */
  excludeResourceIds?: string[]
}

/**
 * `clientRequest` of acquire. `scene`: 0 (default) a channel, 1 a web page, 2 a channel in individual mode with
 * postponed transcoding, which Agora has retired. `startParameter` must equal the later start's `clientRequest`, or Agora refuses the start;
 * {@link requestPair} makes both from one object.
 */
export type AcquireClientRequest = AcquireSettings &
  (
    | { scene?: 0; startParameter?: IndividualStartRequest | MixStartRequest }
    | { scene: 1; startParameter?: WebStartRequest }
    | { scene: 2; startParameter?: IndividualStartRequest }
  )

export type AcquireRequest = Identity & { clientRequest: AcquireClientRequest }

const areaSchema: z.ZodType<Area> = z.enum(['CN', 'AP', 'EU', 'NA'])

const settingsShape = {
  resourceExpiredHour: integerIn(LIMITS.resourceExpiredHour).optional(),
  region: areaSchema.optional(),
  regionAffinity: z.literal([0, 1, 2, 3, 4], { error: 'must be an integer from 0 to 4' }).optional(),
  excludeResourceIds: z.array(opaqueIdSchema).optional(),
}

const INDIVIDUAL_FIELDS = ['snapshotConfig', 'appsCollection', 'transcodeOptions']

/** acquire does not name the mode. Only individual mode has these fields; without them a request fits both modes. */
const isIndividual = (startParameter: unknown): boolean => {
  const streamMode = fieldOf(fieldOf(startParameter, 'recordingConfig'), 'streamMode')
  return (
    streamMode !== undefined ||
    INDIVIDUAL_FIELDS.some((field) => fieldOf(startParameter, field) !== undefined)
  )
}

const channelStartSchema = schemaChosenBy<IndividualStartRequest | MixStartRequest>((value) =>
  isIndividual(value) ? individualStartRequestSchema : mixStartRequestSchema,
)

const channelSchema = z
  .strictObject({
    scene: z.literal(0).optional(),
    ...settingsShape,
    startParameter: channelStartSchema.optional(),
  })
  .refine(({ startParameter }) => !isPostponed(startParameter), {
    path: ['scene'],
    error: 'must be 2 for postponed transcoding',
    ...alwaysChecked,
  })

const webSchema = z.strictObject({
  scene: z.literal(1),
  ...settingsShape,
  startParameter: webStartRequestSchema.optional(),
})

const postponedSchema = z
  .strictObject({
    scene: z.literal(2),
    ...settingsShape,
    startParameter: individualStartRequestSchema.optional(),
  })
  .refine(({ startParameter }) => !startParameter || isPostponed(startParameter), {
    path: ['scene'],
    error: 'must be 2 only for postponed transcoding',
    ...alwaysChecked,
  })

export const acquireRequestSchema: z.ZodType<AcquireRequest> = z.strictObject({
  ...identityShape,
  clientRequest: z.discriminatedUnion('scene', [channelSchema, webSchema, postponedSchema]),
})
