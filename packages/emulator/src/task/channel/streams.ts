import type { Media, TrackType } from '../../types.ts'
import { baseName } from '../fileNames.ts'
import { extend, notify } from '../stepBuilder.ts'
import type { ChannelStep, ChannelTask, Stream, Track } from './channelTask.ts'
import { includes } from './subscription.ts'

/** In composite mode all users together. */
const ALL_USERS = '0'

const STREAM_EVENTS: Record<Media, 43 | 44> = { audio: 43, video: 44 }

/** `state` of the events 43 and 44. */
const RECEIVING = 0
const NOT_RECEIVING = 1

const isSameStream = (a: Stream) => (b: Stream) => a.uid === b.uid && a.media === b.media

/** What the recorder receives: every user sends audio and video. */
const streamsOf = ({ mode, media, users, subscription }: ChannelTask): Stream[] =>
  media.flatMap((each) => {
    const sending = users.filter((uid) => includes(subscription[each], uid))
    const uids = mode === 'mix' ? sending.slice(0, 1).map(() => ALL_USERS) : sending
    return uids.map((uid) => ({ uid, media: each }))
  })

type TrackIdentity = Pick<Track, 'uid' | 'trackType' | 'name'>

const mixedTrackType = (media: readonly Media[]): TrackType =>
  media.length === 2 ? 'audio_and_video' : (media[0] ?? 'audio_and_video')

/** The tracks that these streams are written to. */
const tracksOf = (task: ChannelTask, streams: readonly Stream[]): TrackIdentity[] => {
  const name = baseName(task)
  if (task.mode === 'mix') {
    return streams.length === 0 ? [] : [{ uid: ALL_USERS, trackType: mixedTrackType(task.media), name }]
  }
  return streams.map(({ uid, media }) => ({
    uid,
    trackType: media,
    name: `${name}__uid_s_${uid}__uid_e_${media}`,
  }))
}

const notifyStream =
  (state: number, now: number) =>
  (step: ChannelStep, { uid, media }: Stream): ChannelStep =>
    notify(step, STREAM_EVENTS[media], { streamUid: uid, state, UtcMs: now })

/** Begins a track, or continues one that was interrupted; nothing if it is being written. */
const writeTrack =
  (now: number) =>
  (step: ChannelStep, identity: TrackIdentity): ChannelStep => {
    const { tracks, mode } = step.task
    const known = tracks.find(({ name }) => name === identity.name)
    if (known && known.interruptedAt === null) return step
    const track: Track = { ...identity, startedAt: known?.startedAt ?? now, interruptedAt: null }
    const written = known ? tracks.map((each) => (each === known ? track : each)) : [...tracks, track]
    return notify(extend(step, { tracks: written }), 42, {
      startUtcMs: now,
      discontinueUtcMs: known?.interruptedAt ?? now,
      mixedAllUser: mode === 'mix',
      streamUid: identity.uid,
      trackType: identity.trackType,
    })
  }

/** Marks every track that none of these continues. */
const interruptTracks = (
  step: ChannelStep,
  continued: readonly TrackIdentity[],
  now: number,
): ChannelStep => {
  const names = new Set(continued.map(({ name }) => name))
  const interrupt = (track: Track): Track =>
    track.interruptedAt !== null || names.has(track.name) ? track : { ...track, interruptedAt: now }
  return extend(step, { tracks: step.task.tracks.map(interrupt) })
}

/** Follows the users and the subscription: the events 43, 44 and 42 say what changes. */
export const followStreams = (step: ChannelStep, now: number): ChannelStep => {
  const before = step.task.streams
  const streams = streamsOf(step.task)
  const lost = before.filter((stream) => !streams.some(isSameStream(stream)))
  const gained = streams.filter((stream) => !before.some(isSameStream(stream)))
  const announced = [
    ...lost.map((stream) => ({ stream, state: NOT_RECEIVING })),
    ...gained.map((stream) => ({ stream, state: RECEIVING })),
  ].reduce((each, { stream, state }) => notifyStream(state, now)(each, stream), step)
  const followed = extend(announced, { streams, state: streams.length > 0 ? 'recording' : 'idle' })
  const tracks = tracksOf(step.task, streams)
  return tracks.reduce(writeTrack(now), interruptTracks(followed, tracks, now))
}

/** The server that receives them fails, and says nothing more. */
export const loseStreams = (step: ChannelStep, now: number): ChannelStep =>
  extend(interruptTracks(step, [], now), { streams: [] })
