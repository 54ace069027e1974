/** The parts of a file name. */
export interface ParsedFileName {
  /** The folders of its path. */
  fileNamePrefix: string[]
  sid: string
  /** As in file names: compare it with {@link cnameInFileNames} of a cname. */
  cname: string
  /** Number of failovers to another server before the file; 1 for `bak0_`. */
  failovers: number
  kind: 'playlist' | 'mp4' | 'slice' | 'screenshot'
  /** Individual mode: the recorded user. */
  uid?: string
  /** Individual mode: `audio`, `video`. */
  track?: string
  /** MP4 files: counts from 0. */
  index?: number
  /** Slices and screenshots: Unix time in milliseconds. */
  startedAtMs?: number
  /**
   * Playlists that were uploaded from Agora's backup after a failed upload: counts from 0, a newer playlist has a higher
   * version. Use whichever is larger, the newest version or the playlist without a version.
   */
  version?: number
}

type KindParts = Pick<ParsedFileName, 'kind' | 'index' | 'startedAtMs' | 'version'>

// Only the separators are underscores: a sid is hexadecimal, and Agora replaces a cname's underscores.
const PATTERN =
  /^(?:bak(?<backup>\d+)_)?(?<sid>[^_]+)_(?<cname>[^_]*)(?:__uid_s_(?<uid>[^_]+)__uid_e_(?<track>[^_]+?))?(?:_(?<first>\d+))?(?:_(?<second>\d+))?\.(?<extension>[a-z0-9]+)$/

/**
 * Splits the name of a recorded file, with or without its path, into its parts. Undefined for a name that does not
 * follow Agora's conventions, as that of an unrelated file in the same bucket.
 *
 * @example
 * const parsed = parseFileName('class42/38f8e3cf_room-42_0.mp4')
 * parsed?.kind // => 'mp4'
 * parsed?.fileNamePrefix // => ['class42']
 */
export const parseFileName = (path: string): ParsedFileName | undefined => {
  const parts = path.split('/')
  const { backup, sid, cname, uid, track, first, second, extension } =
    PATTERN.exec(parts.at(-1) ?? '')?.groups ?? {}
  if (sid === undefined || cname === undefined || extension === undefined) return undefined
  const kindParts = KINDS.get(extension)?.(first, second)
  if (kindParts === undefined) return undefined
  return {
    fileNamePrefix: parts.slice(0, -1),
    sid,
    cname,
    failovers: backup === undefined ? 0 : Number(backup) + 1,
    ...(uid !== undefined && { uid, track }),
    ...kindParts,
  }
}

/** Interprets the one or two numbers before the file extension; undefined if they do not fit its kind. */
type ReadNumbers = (first: string | undefined, second: string | undefined) => KindParts | undefined

const playlist: ReadNumbers = (first, second) => {
  if (first === undefined) return { kind: 'playlist' }
  // `_<tick>_<version>`; Agora does not document the tick.
  return second === undefined ? undefined : { kind: 'playlist', version: Number(second) }
}

const mp4: ReadNumbers = (first, second) =>
  first === undefined || second !== undefined ? undefined : { kind: 'mp4', index: Number(first) }

const timed =
  (kind: 'slice' | 'screenshot'): ReadNumbers =>
  (first, second) => {
    const startedAtMs = second === undefined ? timeOf(first) : undefined
    return startedAtMs === undefined ? undefined : { kind, startedAtMs }
  }

/** By file extension. */
const KINDS: ReadonlyMap<string, ReadNumbers> = new Map(
  Object.entries({
    m3u8: playlist,
    mpd: playlist,
    mp4,
    ts: timed('slice'),
    webm: timed('slice'),
    jpg: timed('screenshot'),
  }),
)

/** Unix milliseconds of a UTC time in 17 digits, from year to millisecond: `20190611073246073`. */
const timeOf = (digits: string | undefined): number | undefined => {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})$/.exec(digits ?? '')?.slice(1)
  if (parts === undefined) return undefined
  const [year, month, day, hour, minute, second, ms] = parts
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`)
  return Number.isNaN(time) ? undefined : time
}
