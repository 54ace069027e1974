/** The parts that Agora forms a recording's file names from. */
export interface FileNameParts {
  sid: string
  cname: string
  /** `storageConfig.fileNamePrefix` of the start. */
  fileNamePrefix?: readonly string[]
  /** Number of failovers to another server so far, default 0. */
  failovers?: number
}

/** Composite and web page mode: one video. */
export interface VideoFileNames {
  /** The M3U8 playlist. */
  playlist: string
  /** An MP4 file; the first has the index 0. */
  mp4(index: number): string
}

/** Individual mode: a playlist for each user's audio and video. */
export interface UserFileNames {
  playlist(uid: string, track: 'audio' | 'video'): string
}

/** The characters that Agora replaces in file names (naming conventions). */
const SPECIAL = /[!@#$%^&*()+_.=[\]{}~|,;:?<>]/g

/**
 * The cname as Agora writes it in file names, with `-` for each special character.
 *
 * @example
 * cnameInFileNames('room#42') // => 'room-42'
 */
export const cnameInFileNames = (cname: string): string => cname.replaceAll(SPECIAL, '-')

/**
 * Returns the names of a recording's files, with their path in the bucket, from the sid and the request. Each failover
 * begins new files: `bak0_…`, `bak1_…`.
 *
 * @see https://docs.agora.io/en/cloud-recording/develop/manage-files
 * @example
 * const names = fileNames({ mode: 'web', sid: '38f8e3cf', cname: 'room#42', fileNamePrefix: ['class42'] })
 * names.playlist // => 'class42/38f8e3cf_room-42.m3u8'
 * names.mp4(0) // => 'class42/38f8e3cf_room-42_0.mp4'
 */
export function fileNames(recording: FileNameParts & { mode: 'mix' | 'web' }): VideoFileNames
export function fileNames(recording: FileNameParts & { mode: 'individual' }): UserFileNames
export function fileNames(
  recording: FileNameParts & { mode: 'mix' | 'web' | 'individual' },
): VideoFileNames | UserFileNames {
  const stem = stemOf(recording)
  if (recording.mode === 'individual') {
    return { playlist: (uid, track) => `${stem}__uid_s_${uid}__uid_e_${track}.m3u8` }
  }
  return { playlist: `${stem}.m3u8`, mp4: (index) => `${stem}_${index}.mp4` }
}

const stemOf = ({ sid, cname, fileNamePrefix = [], failovers = 0 }: FileNameParts): string => {
  const backup = failovers === 0 ? '' : `bak${failovers - 1}_`
  return [...fileNamePrefix, `${backup}${sid}_${cnameInFileNames(cname)}`].join('/')
}
