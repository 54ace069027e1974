import type { ChannelFile } from '../../types.ts'
import type { ChannelTask, Track } from './channelTask.ts'

const fileOf = (task: ChannelTask, track: Track, filename: string, sliceStartTime: number): ChannelFile => ({
  filename,
  sliceStartTime,
  uid: track.uid,
  trackType: track.trackType,
  mixedAllUser: task.mode === 'mix',
  isPlayable: true,
})

/** When query begins to name a track's files. A recorder that leaves uploads all that it has. */
const listedAt = ({ fileDelayMs, exitingAt }: ChannelTask, { startedAt }: Track): number =>
  Math.min(startedAt + fileDelayMs, exitingAt ?? Number.POSITIVE_INFINITY)

/** How long a track is: it does not grow while its users send nothing. */
const lengthOf = ({ exitingAt }: ChannelTask, { startedAt, interruptedAt }: Track, now: number): number => {
  const endedAt = interruptedAt ?? exitingAt
  // 1 ms is subtracted after the end, so that no file begins at the moment of the end.
  return endedAt === null ? now - startedAt : Math.max(0, endedAt - startedAt - 1)
}

const filesOfTrack = (task: ChannelTask, track: Track, now: number): ChannelFile[] => {
  const files = [fileOf(task, track, `${track.name}.m3u8`, track.startedAt)]
  if (!task.mp4) return files
  for (let n = 0; n <= Math.floor(lengthOf(task, track, now) / task.maxVideoMs); n++) {
    files.push(fileOf(task, track, `${track.name}_${n}.mp4`, track.startedAt + n * task.maxVideoMs))
  }
  return files
}

/** The files that the recording could have so far, in the order of their tracks; no file is written. */
export const channelFiles = (task: ChannelTask, now: number): ChannelFile[] =>
  task.uploads === 'noFiles' || !task.recordsFiles
    ? []
    : task.tracks
        .filter((track) => listedAt(task, track) <= now)
        .flatMap((track) => filesOfTrack(task, track, now))

/** How long until query names the next track that event 4 has not announced; null if there is none. */
export const nextListing = (task: ChannelTask, now: number): number | null => {
  const [next] = task.tracks.slice(task.announced)
  return next === undefined || !task.recordsFiles ? null : Math.max(0, listedAt(task, next) - now)
}

/** How many tracks query names. */
export const countListed = (task: ChannelTask, now: number): number =>
  task.tracks.filter((track) => listedAt(task, track) <= now).length

/**
 * The fields of answers and events that name the files: a plain text for a composite recording without MP4, else a list;
 * nothing for screenshots alone (https://docs.agora.io/en/cloud-recording/rest-api/query).
 */
export const fileListOf = (task: ChannelTask, now: number): Record<string, unknown> => {
  if (!task.recordsFiles) return {}
  const files = channelFiles(task, now)
  if (task.mode === 'mix' && !task.mp4) {
    return { fileListMode: 'string', fileList: files.at(-1)?.filename ?? '' }
  }
  const fileList = files.map(({ filename, ...rest }) => ({ fileName: filename, ...rest }))
  return { fileListMode: 'json', fileList }
}
