/** A slice, as the playlist lists it. */
export interface Slice {
  /** File name without a folder: it is in the playlist's own. */
  name: string
  /** Milliseconds since the epoch. */
  startedAt: number
  seconds: number
}

export interface PlaylistOptions {
  slices: readonly Slice[]
  /** The recording has ended in order, so no slice follows. */
  complete: boolean
}

/** `YYYYMMDDhhmmssSSS`, as in the names of slices and screenshots (https://docs.agora.io/en/cloud-recording/develop/manage-files). */
export const timeInName = (at: number): string => new Date(at).toISOString().replace(/\D/g, '')

/**
 * The playlist of a recording, with Agora's own tags. Agora leaves out the comma after a slice's length, unless a request
 * asks for it; it is written here because RFC 8216 requires it and players do.
 */
export const formatPlaylist = ({ slices, complete }: PlaylistOptions): string => {
  const [first] = slices
  const longest = Math.max(1, ...slices.map(({ seconds }) => Math.round(seconds)))
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:3',
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-ALLOW-CACHE:YES',
    `#EXT-X-TARGETDURATION:${longest}`,
    ...(first
      ? [`#EXT-X-AGORA-TRACK-EVENT:EVENT=START,TRACK_TYPE=VIDEO,TIME=${timeInName(first.startedAt)}`]
      : []),
    ...slices.flatMap(({ name, seconds }) => [`#EXTINF:${seconds.toFixed(6)},`, name]),
    ...(complete ? ['#EXT-X-ENDLIST'] : []),
  ]
  return `${lines.join('\n')}\n`
}
