import { z } from 'zod'
import { uidSchema } from './identity.ts'
import { LIMITS } from './limits.ts'
import { alwaysChecked, fieldOf } from './rules.ts'

/**
 * Whose audio is recorded: one of these lists, of at most 32 uids, or none for everybody.
 * `["#allstream#"]` subscribes to everybody.
 *
 * Names are case-sensitive, and Agora spells this one in two ways: its reference has `unsubscribe…`, its own
 * clients and its guide to subscription lists have `unSubscribe…`. Both are taken and sent as written.
 */
export interface AudioUidList {
  subscribeAudioUids?: string[]
  unsubscribeAudioUids?: string[]
  unSubscribeAudioUids?: string[]
}

/** Whose video is recorded, as {@link AudioUidList}. */
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

const EVERYBODY = '#allstream#'

const listSchema = (item: z.ZodType<string>): z.ZodType<string[]> =>
  z.array(item).max(LIMITS.uidListLength.max, { error: `must be at most ${LIMITS.uidListLength.max} uids` })

const subscribeSchema: z.ZodType<string[]> = listSchema(
  z.string().refine((uid) => uid === EVERYBODY || uidSchema.safeParse(uid).success, {
    error: `must be a decimal string from "1" to "4294967295", or "${EVERYBODY}" alone`,
  }),
).refine((uids) => !uids.includes(EVERYBODY) || uids.length === 1, {
  error: `must not have other uids beside "${EVERYBODY}"`,
})

const unsubscribeSchema = listSchema(uidSchema)

const AUDIO_NAMES = ['subscribeAudioUids', 'unsubscribeAudioUids', 'unSubscribeAudioUids'] as const
const VIDEO_NAMES = ['subscribeVideoUids', 'unsubscribeVideoUids', 'unSubscribeVideoUids'] as const

/** The lists' fields, for the objects that have them among others. */
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

const given = (value: unknown, names: readonly string[]): string[] =>
  names.filter((name) => fieldOf(value, name) !== undefined)

/** Adds the rules of the lists: one per medium, and none for a medium that is not recorded. */
export const withListRules = <Value>(schema: z.ZodType<Value>): z.ZodType<Value> =>
  schema
    .refine((value) => given(value, AUDIO_NAMES).length <= 1, {
      path: ['unsubscribeAudioUids'],
      error: 'and subscribeAudioUids must not both be set',
      ...alwaysChecked,
    })
    .refine((value) => given(value, VIDEO_NAMES).length <= 1, {
      path: ['unsubscribeVideoUids'],
      error: 'and subscribeVideoUids must not both be set',
      ...alwaysChecked,
    })
    .refine((value) => fieldOf(value, 'streamTypes') !== 1 || given(value, AUDIO_NAMES).length === 0, {
      path: ['streamTypes'],
      error: 'is 1 (video only), so there must be no list of audio uids',
      ...alwaysChecked,
    })
    .refine((value) => fieldOf(value, 'streamTypes') !== 0 || given(value, VIDEO_NAMES).length === 0, {
      path: ['streamTypes'],
      error: 'is 0 (audio only), so there must be no list of video uids',
      ...alwaysChecked,
    })

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
      .refine((list) => given(list, AUDIO_NAMES).length > 0, oneListOf(AUDIO_NAMES))
      .optional(),
    videoUidList: withListRules<VideoUidList>(
      z.strictObject({ subscribeVideoUids, unsubscribeVideoUids, unSubscribeVideoUids }),
    )
      .refine((list) => given(list, VIDEO_NAMES).length > 0, oneListOf(VIDEO_NAMES))
      .optional(),
  })
  .refine(({ audioUidList, videoUidList }) => audioUidList !== undefined || videoUidList !== undefined, {
    error: 'must have at least one of audioUidList, videoUidList',
  })
