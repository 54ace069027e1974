/** What a file name says about its file. */
export interface ParsedFileName {
  /** The path before the name, in parts. */
  fileNamePrefix: string[]
  sid: string
  /** As it is in file names: compare it with {@link cnameInFileNames} of a cname. */
  cname: string
  /** How often the recording had moved to another server; the first move gives the names `bak0_`. */
  failovers: number
  kind: 'playlist' | 'mp4' | 'slice' | 'screenshot'
  /** Individual mode: whose file it is. */
  uid?: string
  /** Individual mode: `audio`, `video`. */
  track?: string
  /** Of an MP4 file: from 0. */
  index?: number
  /** Of a slice or a screenshot: Unix time in milliseconds. */
  startedAtMs?: number
  /**
   * Of a playlist that came through Agora's backup because the upload had failed: from 0, the newer the higher.
   * Of it and the one without a version, take the larger file.
   */
  version?: number
}

type Named = Pick<ParsedFileName, 'kind' | 'index' | 'startedAtMs' | 'version'>

// No part but the separators has an underscore: a sid is hexadecimal, a cname has its underscores replaced.
const PATTERN =
  /^(?:bak(?<backup>\d+)_)?(?<sid>[^_]+)_(?<cname>[^_]*)(?:__uid_s_(?<uid>[^_]+)__uid_e_(?<track>[^_]+?))?(?:_(?<first>\d+))?(?:_(?<second>\d+))?\.(?<ending>[a-z0-9]+)$/

/**
 * Takes the name of a recorded file apart, with or without its path. Undefined for a name that Agora does not
 * give: such files lie in the same bucket, but are no part of a recording.
 */
export const parseFileName = (path: string): ParsedFileName | undefined => {
  const parts = path.split('/')
  const { backup, sid, cname, uid, track, first, second, ending } =
    PATTERN.exec(parts.at(-1) ?? '')?.groups ?? {}
  if (sid === undefined || cname === undefined || ending === undefined) return undefined
  const named = KINDS.get(ending)?.(first, second)
  if (named === undefined) return undefined
  return {
    fileNamePrefix: parts.slice(0, -1),
    sid,
    cname,
    failovers: backup === undefined ? 0 : Number(backup) + 1,
    ...(uid !== undefined && { uid, track }),
    ...named,
  }
}

type Read = (first: string | undefined, second: string | undefined) => Named | undefined

const playlist: Read = (first, second) => {
  if (first === undefined) return { kind: 'playlist' }
  // `_<tick>_<version>`; the tick says nothing that is documented.
  return second === undefined ? undefined : { kind: 'playlist', version: Number(second) }
}

const mp4: Read = (first, second) =>
  first === undefined || second !== undefined ? undefined : { kind: 'mp4', index: Number(first) }

const timed =
  (kind: 'slice' | 'screenshot'): Read =>
  (first, second) => {
    const startedAtMs = second === undefined ? timeOf(first) : undefined
    return startedAtMs === undefined ? undefined : { kind, startedAtMs }
  }

/** By the ending of the name. */
const KINDS: ReadonlyMap<string, Read> = new Map(
  Object.entries({
    m3u8: playlist,
    mpd: playlist,
    mp4,
    ts: timed('slice'),
    webm: timed('slice'),
    jpg: timed('screenshot'),
  }),
)

/** Year to millisecond in 17 digits, UTC: `20190611073246073`. */
const timeOf = (digits: string | undefined): number | undefined => {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})$/.exec(digits ?? '')?.slice(1)
  if (parts === undefined) return undefined
  const [year, month, day, hour, minute, second, ms] = parts
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`)
  return Number.isNaN(time) ? undefined : time
}
