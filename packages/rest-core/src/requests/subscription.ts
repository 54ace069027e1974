import { z } from 'zod'
import { uidSchema } from './identity.ts'
import { LIMITS } from './limits.ts'
import { alwaysChecked, fieldOf } from './rules.ts'

/**
 * The users whose audio is recorded: at most one of these lists, of up to 32 uids. Without a list, or with
 * `["#allstream#"]`, all users are recorded.
 *
 * Names are case-sensitive. Agora's reference has `unsubscribe…`, its own clients and its guide to subscription lists
 * have `unSubscribe…`; both are accepted and sent unchanged.
 *
 * @see https://docs.agora.io/en/cloud-recording/develop/subscription
 */
export interface AudioUidList {
  subscribeAudioUids?: string[]
  unsubscribeAudioUids?: string[]
  unSubscribeAudioUids?: string[]
}

/** The users whose video is recorded, like {@link AudioUidList}. */
export interface VideoUidList {
  subscribeVideoUids?: string[]
  unsubscribeVideoUids?: string[]
  unSubscribeVideoUids?: string[]
}

/** `streamSubscribe` of update. A list for one medium alone ends the subscription to the other. */
export interface StreamSubscribe {
  audioUidList?: AudioUidList
  videoUidList?: VideoUidList
}

const ALL_USERS = '#allstream#'

const listSchema = (item: z.ZodType<string>): z.ZodType<string[]> =>
  z.array(item).max(LIMITS.uidListLength.max, { error: `must be at most ${LIMITS.uidListLength.max} uids` })

const subscribeSchema: z.ZodType<string[]> = listSchema(
  z.string().refine((uid) => uid === ALL_USERS || uidSchema.safeParse(uid).success, {
    error: `must be a decimal string from "1" to "4294967295", or only "${ALL_USERS}"`,
  }),
).refine((uids) => !uids.includes(ALL_USERS) || uids.length === 1, {
  error: `must not have other uids besides "${ALL_USERS}"`,
})

const unsubscribeSchema = listSchema(uidSchema)

const AUDIO_NAMES = ['subscribeAudioUids', 'unsubscribeAudioUids', 'unSubscribeAudioUids'] as const
const VIDEO_NAMES = ['subscribeVideoUids', 'unsubscribeVideoUids', 'unSubscribeVideoUids'] as const

/** The fields of the lists, to be spread into other shapes. */
export const listShape: {
  subscribeAudioUids: z.ZodOptional<z.ZodType<string[]>>
  unsubscribeAudioUids: z.ZodOptional<z.ZodType<string[]>>
  unSubscribeAudioUids: z.ZodOptional<z.ZodType<string[]>>
  subscribeVideoUids: z.ZodOptional<z.ZodType<string[]>>
  unsubscribeVideoUids: z.ZodOptional<z.ZodType<string[]>>
  unSubscribeVideoUids: z.ZodOptional<z.ZodType<string[]>>
} = {
  subscribeAudioUids: subscribeSchema.optional(),
  unsubscribeAudioUids: unsubscribeSchema.optional(),
  unSubscribeAudioUids: unsubscribeSchema.optional(),
  subscribeVideoUids: subscribeSchema.optional(),
  unsubscribeVideoUids: unsubscribeSchema.optional(),
  unSubscribeVideoUids: unsubscribeSchema.optional(),
}

const presentFields = (value: unknown, names: readonly string[]): string[] =>
  names.filter((name) => fieldOf(value, name) !== undefined)

/** Adds the rules of the lists: at most one per medium, and none for a medium that is not recorded. */
export const withListRules = <Value>(schema: z.ZodType<Value>): z.ZodType<Value> =>
  schema
    .refine((value) => presentFields(value, AUDIO_NAMES).length <= 1, {
      path: ['unsubscribeAudioUids'],
      error: 'must not be set together with another list of audio uids',
      ...alwaysChecked,
    })
    .refine((value) => presentFields(value, VIDEO_NAMES).length <= 1, {
      path: ['unsubscribeVideoUids'],
      error: 'must not be set together with another list of video uids',
      ...alwaysChecked,
    })
    .refine(
      (value) => fieldOf(value, 'streamTypes') !== 1 || presentFields(value, AUDIO_NAMES).length === 0,
      {
        path: ['streamTypes'],
        error: 'is 1 (video only), so there must be no list of audio uids',
        ...alwaysChecked,
      },
    )
    .refine(
      (value) => fieldOf(value, 'streamTypes') !== 0 || presentFields(value, VIDEO_NAMES).length === 0,
      {
        path: ['streamTypes'],
        error: 'is 0 (audio only), so there must be no list of video uids',
        ...alwaysChecked,
      },
    )

const { subscribeAudioUids, unsubscribeAudioUids, unSubscribeAudioUids } = listShape
const { subscribeVideoUids, unsubscribeVideoUids, unSubscribeVideoUids } = listShape

const oneListOf = (names: readonly string[]) => ({
  error: `must have one of ${names.slice(0, 2).join(', ')}`,
})

export const streamSubscribeSchema: z.ZodType<StreamSubscribe> = z
  .strictObject({
    audioUidList: withListRules<AudioUidList>(
      z.strictObject({ subscribeAudioUids, unsubscribeAudioUids, unSubscribeAudioUids }),
    )
      .refine((list) => presentFields(list, AUDIO_NAMES).length > 0, oneListOf(AUDIO_NAMES))
      .optional(),
    videoUidList: withListRules<VideoUidList>(
      z.strictObject({ subscribeVideoUids, unsubscribeVideoUids, unSubscribeVideoUids }),
    )
      .refine((list) => presentFields(list, VIDEO_NAMES).length > 0, oneListOf(VIDEO_NAMES))
      .optional(),
  })
  .refine(({ audioUidList, videoUidList }) => audioUidList !== undefined || videoUidList !== undefined, {
    error: 'must have at least one of audioUidList, videoUidList',
  })
