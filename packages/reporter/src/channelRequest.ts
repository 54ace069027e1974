import {
  avFileTypeSchema,
  channelNameSchema,
  type FieldSchemas,
  type IndividualRecordingConfig,
  type IndividualStartRequest,
  individualRecordingConfigFields,
  individualStartRequestSchema,
  type Layout,
  LIMITS,
  layoutSchema,
  type MixRecordingConfig,
  type MixStartRequest,
  mixRecordingConfigFields,
  mixStartRequestSchema,
  type StorageConfig,
  type StreamSubscribe,
  snapshotConfigSchema,
  streamSubscribeSchema,
} from '@stillrolling/rest-core'
import { z } from 'zod'
import { type CommonRequest, leadingFields, originalField, range, trailingFields } from './commonRequest.ts'
import { isLocal } from './networkAddress.ts'
import type { UidRange } from './uidRange.ts'

interface CommonChannelRequest extends CommonRequest {
  kind: 'channel'
  /** Agora's channel name. */
  channel: string
  /** Hours after which Agora no longer answers queries, updates and stops. The attempt is replaced before. */
  resourceExpiredHour: number
  /** Uids of the channel's own users, which no attempt gets. */
  uidRange?: UidRange
  /** Gives out the token, and the encryption keys, of each attempt. */
  tokenUrl?: string
  /** What has been changed while the recording runs. Not part of the request as it was sent. */
  changes?: ChannelChanges
}

/** Encryption keys are not stored: `tokenUrl` gives them out. */
type WithoutKeys<Config> = Omit<Config, 'secret' | 'salt'> & { maxIdleTime: number }

export interface MixRequest extends CommonChannelRequest {
  mode: 'mix'
  recordingConfig: WithoutKeys<MixRecordingConfig>
  recordingFileConfig?: MixStartRequest['recordingFileConfig']
}

export interface IndividualRequest extends CommonChannelRequest {
  mode: 'individual'
  recordingConfig: WithoutKeys<IndividualRecordingConfig>
  recordingFileConfig?: IndividualStartRequest['recordingFileConfig']
  snapshotConfig?: IndividualStartRequest['snapshotConfig']
}

/** A request to record one channel until it is stopped, with defaults filled in. */
export type ChannelRequest = MixRequest | IndividualRequest

/** What an update brings to Agora; each replaces the values before it. */
export interface ChannelChanges {
  layout?: Layout
  subscription?: StreamSubscribe
}

/** Encryption keys of a channel. */
export interface ChannelKeys {
  secret?: string
  salt?: string
}

const KEY_ERROR =
  'must not be set, because the reporter stores no keys: the answer of tokenUrl has secret and salt'
/** In OpenAPI a string that no value satisfies: its generator does not know `never`. */
const key = z.never({ error: KEY_ERROR }).optional().meta({ type: 'string', not: {}, description: KEY_ERROR })
const keyFields = { secret: key, salt: key }

const configSchema = <Config>(fields: FieldSchemas<Config>): z.ZodType<WithoutKeys<Config>, unknown> =>
  z.strictObject({
    ...fields,
    ...keyFields,
    maxIdleTime: range(LIMITS.maxIdleTime).default(LIMITS.maxIdleTime.recommended),
  }) as unknown as z.ZodType<WithoutKeys<Config>, unknown>

const uid = range(LIMITS.uid)

/** Without a query, because the request is stored, and a query might hold a secret. */
const isTokenUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password, search, hash } = new URL(text)
  const isSafe = protocol === 'https:' || (protocol === 'http:' && isLocal(hostname))
  return isSafe && username + password + search + hash === ''
}

const channelFields = {
  channel: channelNameSchema,
  resourceExpiredHour: range(LIMITS.resourceExpiredHour).default(LIMITS.resourceExpiredHour.default),
  uidRange: z
    .strictObject({ from: uid, to: uid })
    .refine(({ from, to }) => from <= to, { path: ['to'], error: 'must not be less than from' })
    .optional(),
  tokenUrl: z
    .string()
    .refine(isTokenUrl, {
      error:
        'must be an https URL, or an http URL of this network, without a user name, password, query or fragment',
    })
    .optional(),
}

/** In place of what a start needs and a request does not have. */
const STORAGE: StorageConfig = { vendor: 1, region: 0, bucket: '-', accessKey: '-', secretKey: '-' }
const KEYS: Required<ChannelKeys> = {
  secret: '-',
  salt: Buffer.alloc(LIMITS.saltBytes.max).toString('base64'),
}
const SALTED_MODES: readonly unknown[] = [7, 8]

/** The keys that a channel needs by its `decryptionMode`. */
export const keysNeeded = ({ decryptionMode = 0 }: { decryptionMode?: number }): (keyof ChannelKeys)[] => {
  if (decryptionMode === 0) return []
  return SALTED_MODES.includes(decryptionMode) ? ['secret', 'salt'] : ['secret']
}

/** What Agora would refuse of a start with these values, beyond what single fields allow. */
export const mistakesInTask = (request: ChannelRequest): z.core.$ZodIssue[] => {
  const { mode, recordingConfig, recordingFileConfig } = request
  const keys = Object.fromEntries(keysNeeded(recordingConfig).map((name) => [name, KEYS[name]]))
  const start = {
    ...{ storageConfig: STORAGE, recordingFileConfig },
    recordingConfig: { ...recordingConfig, ...keys },
    ...(mode === 'individual' && { snapshotConfig: request.snapshotConfig }),
  }
  const schema = mode === 'mix' ? mixStartRequestSchema : individualStartRequestSchema
  return schema.safeParse(start).error?.issues ?? []
}

type Refine = (request: ChannelRequest, context: z.RefinementCtx) => void

const checkTask: Refine = (request, { issues }) => {
  const known = new Set(issues.map(({ path }) => path?.join('.')))
  for (const issue of mistakesInTask(request)) {
    if (!known.has(issue.path.join('.'))) issues.push({ ...issue, input: undefined })
  }
}

const checkKeys: Refine = ({ recordingConfig, tokenUrl }, context) => {
  if (keysNeeded(recordingConfig).length === 0 || tokenUrl !== undefined) return
  const path = ['recordingConfig', 'decryptionMode']
  const message = 'needs a tokenUrl: its answer has the secret, and the salt, of each attempt'
  context.addIssue({ code: 'custom', path, message })
}

/** What an update brings to Agora. */
export const channelChangeFields: {
  layout: z.ZodType<Layout | undefined>
  subscription: z.ZodType<StreamSubscribe | undefined>
} = { layout: layoutSchema.optional(), subscription: streamSubscribeSchema.optional() }

/** Only in stored requests. */
const storedFields = { ...originalField, changes: z.strictObject(channelChangeFields).optional() }

const schemaOf = <Request extends ChannelRequest>(mode: Request['mode'], fields: Record<string, z.ZodType>) =>
  z
    .strictObject({
      ...leadingFields,
      kind: z.literal('channel'),
      mode: z.literal(mode),
      ...channelFields,
      ...fields,
      ...trailingFields('channel'),
    })
    .superRefine((given, context) => {
      // TypeScript cannot infer the request from the fields.
      const request = given as unknown as ChannelRequest
      checkTask(request, context)
      checkKeys(request, context)
    })

const mixFields = {
  recordingConfig: configSchema(mixRecordingConfigFields),
  recordingFileConfig: z.strictObject({ avFileType: avFileTypeSchema }).optional(),
}

const individualFields = {
  recordingConfig: configSchema(individualRecordingConfigFields),
  recordingFileConfig: z
    .strictObject({
      avFileType: z.array(z.literal('hls')).length(1, { error: 'must be ["hls"] in individual mode' }),
    })
    .optional(),
  snapshotConfig: snapshotConfigSchema.optional(),
}

const MODE_ERROR = { error: 'must be "mix" or "individual"' }

/** The fields of a request for a channel. Unknown ones are refused, because a misspelt one would be ignored silently. */
export const channelRequestSchema: z.ZodDiscriminatedUnion = z.discriminatedUnion(
  'mode',
  [
    schemaOf<MixRequest>('mix', mixFields).meta({ id: 'MixRequest' }),
    schemaOf<IndividualRequest>('individual', individualFields).meta({ id: 'IndividualRequest' }),
  ],
  MODE_ERROR,
)

export const storedChannelRequestSchema: z.ZodDiscriminatedUnion = z.discriminatedUnion(
  'mode',
  [
    schemaOf<MixRequest>('mix', { ...mixFields, ...storedFields }),
    schemaOf<IndividualRequest>('individual', { ...individualFields, ...storedFields }),
  ],
  MODE_ERROR,
)
