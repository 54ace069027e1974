import { z } from 'zod'
import { ALL_STREAMS, type UidLists } from '../../task/channel/subscription.ts'
import { uid } from './common.ts'

const MAX_UIDS = 32

const TOO_MANY = `must have at most ${MAX_UIDS} uids`

type UidList = z.ZodType<string[] | undefined>

const subscribed: UidList = z
  .array(z.union([z.literal(ALL_STREAMS), uid], `must be uids, or only "${ALL_STREAMS}"`))
  .max(MAX_UIDS, TOO_MANY)
  .refine((uids) => !uids.includes(ALL_STREAMS) || uids.length === 1, {
    message: `must not have other uids beside "${ALL_STREAMS}"`,
  })
  .optional()

const unsubscribed: UidList = z.array(uid).max(MAX_UIDS, TOO_MANY).optional()

type AudioName = 'subscribeAudioUids' | 'unsubscribeAudioUids' | 'unSubscribeAudioUids'
type VideoName = 'subscribeVideoUids' | 'unsubscribeVideoUids' | 'unSubscribeVideoUids'

export const audioLists: Record<AudioName, UidList> = {
  subscribeAudioUids: subscribed,
  unsubscribeAudioUids: unsubscribed,
  unSubscribeAudioUids: unsubscribed,
}

export const videoLists: Record<VideoName, UidList> = {
  subscribeVideoUids: subscribed,
  unsubscribeVideoUids: unsubscribed,
  unSubscribeVideoUids: unsubscribed,
}

const countOf = (lists: UidLists, names: readonly (keyof UidLists)[]): number =>
  names.filter((name) => lists[name] !== undefined).length

const AUDIO_NAMES = Object.keys(audioLists) as (keyof UidLists)[]
const VIDEO_NAMES = Object.keys(videoLists) as (keyof UidLists)[]

export const countAudioLists = (lists: UidLists): number => countOf(lists, AUDIO_NAMES)
export const countVideoLists = (lists: UidLists): number => countOf(lists, VIDEO_NAMES)

/** What zod says about a rule across fields. */
interface BrokenRule {
  path: string[]
  message: string
}

export const ONE_AUDIO_LIST: BrokenRule = {
  path: ['unsubscribeAudioUids'],
  message: 'must not be set together with another list of audio uids',
}

export const ONE_VIDEO_LIST: BrokenRule = {
  path: ['unsubscribeVideoUids'],
  message: 'must not be set together with another list of video uids',
}
