/** What the names of a recording's files are made of. */
export interface FileNameParts {
  sid: string
  cname: string
  /** `storageConfig.fileNamePrefix` of the start. */
  fileNamePrefix?: readonly string[]
  /** How often the recording has moved to another server, from 1. Without it, or 0: the files before that. */
  failovers?: number
}

/** Composite and web page mode: one picture. */
export interface VideoFileNames {
  /** The M3U8 playlist. */
  playlist: string
  /** An MP4 file; the first has the index 0. */
  mp4(index: number): string
}

/** Individual mode: a playlist per user and medium. */
export interface UserFileNames {
  playlist(uid: string, track: 'audio' | 'video'): string
}

/** As Agora's naming conventions list them. Everything else of a cname stays as it is. */
const SPECIAL = /[!@#$%^&*()+_.=[\]{}~|,;:?<>]/g

/** How a cname is written in file names: each special character as `-`. */
export const cnameInFileNames = (cname: string): string => cname.replaceAll(SPECIAL, '-')

/**
 * The names, with their path in the bucket, that Agora gives to a recording's files; known as soon as the sid
 * is (Agora, manage recorded files: naming conventions). Each failover begins new files, `bak0_…`, `bak1_…`.
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
