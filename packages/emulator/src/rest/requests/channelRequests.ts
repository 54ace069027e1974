import { z } from 'zod'
import type { UidLists } from '../../task/channel/subscription.ts'
import {
  type AvFileType,
  avFileType,
  type Checked,
  check,
  checkSts,
  type Identity,
  identity,
  type StorageConfig,
  storageConfig,
} from './common.ts'
import { type Layout, transcodingConfig } from './layoutRequest.ts'
import {
  audioLists,
  countAudioLists,
  countVideoLists,
  ONE_AUDIO_LIST,
  ONE_VIDEO_LIST,
  videoLists,
} from './uidLists.ts'

interface RecordingConfig extends UidLists {
  /** 0 audio, 1 video, 2 both. */
  streamTypes: number
  /** Seconds. */
  maxIdleTime: number
  transcodingConfig?: Layout
}

export interface ChannelStartRequest extends Identity {
  clientRequest: {
    token?: string
    storageConfig: StorageConfig
    recordingConfig: RecordingConfig
    recordingFileConfig?: { avFileType: AvFileType[] }
    snapshotConfig?: { captureInterval: number }
  }
}

export interface ChannelUpdateRequest extends Identity {
  clientRequest: {
    storageConfig?: StorageConfig
    streamSubscribe?: { audioUidList?: UidLists; videoUidList?: UidLists }
  }
}

const AUDIO_ONLY = 0
const VIDEO_ONLY = 1
const isGcm2 = (mode: number): boolean => mode === 7 || mode === 8

// https://docs.agora.io/en/api-reference/api-ref/cloud-recording/start: recordingConfig. The reference requires it and its
// channelType; the examples of Agora's own client for Python leave both out.
const recordingShape = {
  ...audioLists,
  ...videoLists,
  channelType: z.literal([0, 1], 'must be 0 (communication) or 1 (live streaming)').default(0),
  streamTypes: z.literal([0, 1, 2], 'must be 0, 1 or 2').default(2),
  videoStreamType: z.literal([0, 1], 'must be 0 or 1').optional(),
  maxIdleTime: z.int().min(5).max(2_592_000).default(30),
  decryptionMode: z.int().min(0).max(8).default(0),
  secret: z.string().min(1).optional(),
  salt: z
    .string()
    .regex(/^[A-Za-z0-9+/]{43}=$/, 'must be the base64 of 32 bytes')
    .optional(),
  /** Required in individual mode by the reference, and missing in Agora's own examples. */
  subscribeUidGroup: z.int().min(0).max(5).optional(),
  privateParams: z.string().optional(),
}

interface RecordingRules extends UidLists {
  streamTypes: number
  decryptionMode: number
  secret?: string
  salt?: string
}

const withRules = <Config extends RecordingRules>(schema: z.ZodType<Config>): z.ZodType<Config> =>
  schema
    .refine((lists) => countAudioLists(lists) <= 1, ONE_AUDIO_LIST)
    .refine((lists) => countVideoLists(lists) <= 1, ONE_VIDEO_LIST)
    .refine((config) => config.streamTypes !== VIDEO_ONLY || countAudioLists(config) === 0, {
      path: ['streamTypes'],
      message: 'is 1 (video only), so there must be no list of audio uids',
    })
    .refine((config) => config.streamTypes !== AUDIO_ONLY || countVideoLists(config) === 0, {
      path: ['streamTypes'],
      message: 'is 0 (audio only), so there must be no list of video uids',
    })
    .refine(({ decryptionMode, secret }) => decryptionMode === 0 || secret !== undefined, {
      path: ['secret'],
      message: 'is required with decryptionMode 1 to 8',
    })
    .refine(({ decryptionMode, salt }) => !isGcm2(decryptionMode) || salt !== undefined, {
      path: ['salt'],
      message: 'is required with decryptionMode 7 and 8',
    })

const individualConfig = withRules(
  z.object({ ...recordingShape, streamMode: z.enum(['default', 'standard', 'original']).optional() }),
).refine(
  (config) =>
    (config as { streamMode?: string }).streamMode !== 'original' || config.streamTypes === AUDIO_ONLY,
  { path: ['streamMode'], message: 'can be "original" only if streamTypes is 0' },
)

const mixConfig = withRules(
  z.object({
    ...recordingShape,
    audioProfile: z.literal([0, 1, 2], 'must be 0, 1 or 2').optional(),
    transcodingConfig: transcodingConfig.optional(),
  }),
)

const snapshotConfig = z.object({
  captureInterval: z.int().min(1).max(3600).default(10),
  fileType: z.tuple([z.literal('jpg')], 'must be ["jpg"]'),
})

/** Any text: whether it is a token shows when the channel is joined. */
const token = z.string().optional()

const individualSchema: z.ZodType<ChannelStartRequest> = z.object({
  ...identity,
  clientRequest: z
    .object({
      token,
      storageConfig,
      recordingConfig: individualConfig.prefault({}),
      recordingFileConfig: z
        .object({
          avFileType: z.tuple([z.literal('hls')], 'must be ["hls"] in individual mode').default(['hls']),
        })
        .optional(),
      snapshotConfig: snapshotConfig.optional(),
    })
    .refine(
      ({ snapshotConfig: snapshots, recordingConfig }) =>
        !snapshots || recordingConfig.streamTypes !== AUDIO_ONLY,
      { path: ['snapshotConfig'], message: 'needs video: streamTypes must be 1 or 2' },
    ),
})

const mixSchema: z.ZodType<ChannelStartRequest> = z.object({
  ...identity,
  clientRequest: z.object({
    token,
    storageConfig,
    recordingConfig: mixConfig.prefault({}),
    recordingFileConfig: z.object({ avFileType: avFileType.default(['hls']) }).optional(),
  }),
})

const streamSubscribe = z
  .object({
    audioUidList: z
      .object(audioLists)
      .refine((lists) => countAudioLists(lists) === 1, 'must have one list')
      .optional(),
    videoUidList: z
      .object(videoLists)
      .refine((lists) => countVideoLists(lists) === 1, 'must have one list')
      .optional(),
  })
  .refine(({ audioUidList, videoUidList }) => audioUidList ?? videoUidList, {
    message: 'must have audioUidList, videoUidList or both',
  })

const updateSchema: z.ZodType<ChannelUpdateRequest> = z.object({
  ...identity,
  clientRequest: z.object({
    storageConfig: storageConfig.optional(),
    streamSubscribe: streamSubscribe.optional(),
  }),
})

/** @param now in ms since the epoch; STS credentials must be valid for at least another 4 hours */
export const checkIndividualStart = (body: unknown, now: number): Checked<ChannelStartRequest> =>
  checkSts(check(individualSchema, body), now)

/** @param now in ms since the epoch, as for `checkIndividualStart` */
export const checkMixStart = (body: unknown, now: number): Checked<ChannelStartRequest> =>
  checkSts(check(mixSchema, body), now)

/** @param now in ms since the epoch, as for `checkIndividualStart` */
export const checkChannelUpdate = (body: unknown, now: number): Checked<ChannelUpdateRequest> =>
  checkSts(check(updateSchema, body), now)
