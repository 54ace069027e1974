import { z } from 'zod'
import { type TranscodingConfig, transcodingConfigSchema } from './layout.ts'
import { LIMITS } from './limits.ts'
import { alwaysChecked, integerIn, integerOf } from './rules.ts'
import type { StorageConfig } from './storage.ts'
import { type AudioUidList, listShape, type VideoUidList, withListRules } from './subscription.ts'

/** The fields of `clientRequest` by which both modes that record a channel join it and upload its files. */
export interface ChannelAccess {
  /** RTC token for the recording's uid. It cannot be renewed, so it must outlast the recording. */
  token?: string
  storageConfig: StorageConfig
}

/** 0 none (default), 1 to 8 as in the channel: AES-128-XTS, …, 7 AES-128-GCM2, 8 AES-256-GCM2. */
export type DecryptionMode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8

/** `recordingConfig` of both modes that record a channel. */
export type ChannelRecordingConfig = AudioUidList &
  VideoUidList & {
    /** 0 communication, 1 live streaming. Must be the same as the channel's. */
    channelType: 0 | 1
    decryptionMode?: DecryptionMode
    /** The channel's encryption key. Required with `decryptionMode` 1 to 8. */
    secret?: string
    /** Base64 of 32 bytes. Required with `decryptionMode` 7 and 8. */
    salt?: string
    /** Seconds that the channel may be empty until the recording ends: 5 to 2592000, default 30. Agora advises 300. */
    maxIdleTime?: number
    /** 0 audio, 1 video, 2 both (default). */
    streamTypes?: 0 | 1 | 2
    /** In dual-stream mode: 0 the high-quality stream (default), 1 the low-quality one. */
    videoStreamType?: 0 | 1
    /**
     * Expected number of subscribed uids: 0 up to 2, 1 up to 7, 2 up to 12, 3 up to 17, 4 up to 32, 5 up to 49. For
     * individual mode, where Agora's reference requires it; Agora's examples of composite mode have it, too.
     */
    subscribeUidGroup?: 0 | 1 | 2 | 3 | 4 | 5
    /** A JSON string of settings given by Agora's support, such as `{"correctEXTINF":true}`. */
    privateParams?: string
  }

/** `recordingConfig`, individual mode. */
export type IndividualRecordingConfig = ChannelRecordingConfig & {
  /** `original` (no transcoding) requires `streamTypes` 0. */
  streamMode?: 'default' | 'standard' | 'original'
}

/** `recordingConfig`, composite mode. */
export type MixRecordingConfig = ChannelRecordingConfig & {
  /** 0: 48 kHz mono, about 48 kbit/s (default); 1: mono, about 128; 2: stereo, about 192. */
  audioProfile?: 0 | 1 | 2
  transcodingConfig?: TranscodingConfig
}

/** The schema of each field, for callers that make a schema of their own from some of them. */
export type FieldSchemas<Value> = { readonly [Name in keyof Value]-?: z.ZodType<Value[Name]> }

const isSalt = (text: string): boolean =>
  /^[A-Za-z0-9+/]{43}=$/.test(text) && Buffer.from(text, 'base64').length === LIMITS.saltBytes.max

const channelFields: FieldSchemas<ChannelRecordingConfig> = {
  ...listShape,
  channelType: integerOf([0, 1], 'must be 0 (communication) or 1 (live streaming)'),
  decryptionMode: integerOf([0, 1, 2, 3, 4, 5, 6, 7, 8], 'must be an integer from 0 to 8').optional(),
  secret: z.string().min(1).optional(),
  salt: z.string().refine(isSalt, { error: 'must be the base64 of 32 bytes' }).optional(),
  maxIdleTime: integerIn(LIMITS.maxIdleTime).optional(),
  streamTypes: integerOf([0, 1, 2], 'must be 0, 1 or 2').optional(),
  videoStreamType: integerOf([0, 1], 'must be 0 or 1').optional(),
  subscribeUidGroup: integerOf([0, 1, 2, 3, 4, 5], 'must be an integer from 0 to 5').optional(),
  privateParams: z.string().min(1).optional(),
}

/** The GCM2 modes need a salt. */
const needsSalt = (mode: unknown): boolean => mode === 7 || mode === 8

const withChannelRules = <Value extends ChannelRecordingConfig>(schema: z.ZodType<Value>): z.ZodType<Value> =>
  withListRules(schema)
    .refine(({ decryptionMode = 0, secret }) => (decryptionMode !== 0) === (secret !== undefined), {
      path: ['secret'],
      error: 'must be set if and only if decryptionMode is not 0',
      ...alwaysChecked,
    })
    .refine(({ decryptionMode, salt }) => needsSalt(decryptionMode) === (salt !== undefined), {
      path: ['salt'],
      error: 'must be set if and only if decryptionMode is 7 or 8',
      ...alwaysChecked,
    })

/** `recordingConfig`, individual mode. They do not include the rules that concern several fields. */
export const individualRecordingConfigFields: FieldSchemas<IndividualRecordingConfig> = {
  ...channelFields,
  streamMode: z.enum(['default', 'standard', 'original']).optional(),
}

/** `recordingConfig`, composite mode. They do not include the rules that concern several fields. */
export const mixRecordingConfigFields: FieldSchemas<MixRecordingConfig> = {
  ...channelFields,
  audioProfile: integerOf([0, 1, 2], 'must be 0, 1 or 2').optional(),
  transcodingConfig: transcodingConfigSchema.optional(),
}

export const individualRecordingConfigSchema: z.ZodType<IndividualRecordingConfig> = withChannelRules(
  z.strictObject(individualRecordingConfigFields) as z.ZodType<IndividualRecordingConfig>,
).refine(({ streamMode, streamTypes }) => streamMode !== 'original' || streamTypes === 0, {
  path: ['streamMode'],
  error: 'can be "original" only if streamTypes is 0 (audio only)',
  ...alwaysChecked,
})

export const mixRecordingConfigSchema: z.ZodType<MixRecordingConfig> = withChannelRules(
  z.strictObject(mixRecordingConfigFields) as z.ZodType<MixRecordingConfig>,
)
