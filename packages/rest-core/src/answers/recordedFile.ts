import { type Extra, flag, id, list, number, object, type Reader, text, textual } from './reader.ts'

/** A recorded file. */
export interface RecordedFile extends Extra {
  /** On the wire `filename` in web mode, `fileName` in the other modes. */
  fileName: string
  /** Unix time of its first slice, in milliseconds also where Agora has seconds (answers to query). */
  sliceStartTimeMs?: number
  /** The recorded user; `0` in composite mode. */
  uid?: string
  /** Not in web mode. */
  trackType?: 'audio' | 'video' | 'audio_and_video' | (string & {})
  mixedAllUser?: boolean
  /** Whether it can be played online. */
  isPlayable?: boolean
}

/**
 * Converts a Unix time in seconds or milliseconds to milliseconds. The units do not overlap: 10¹¹ s is in the year 5138,
 * 10¹¹ ms in 1973.
 */
export const milliseconds: Reader<number> = (raw) => {
  const reading = number(raw)
  if (reading.value === undefined || reading.value >= 1e11) return reading
  return { value: reading.value * 1000 }
}

const fileObject = object<RecordedFile>(
  {
    fileName: { wire: ['filename', 'fileName'], read: id },
    sliceStartTimeMs: { wire: ['sliceStartTime'], read: milliseconds },
    uid: textual,
    trackType: text,
    mixedAllUser: flag,
    isPlayable: flag,
  },
  ['fileName'],
)

const file: Reader<RecordedFile> = (raw) =>
  typeof raw === 'string' && raw !== '' ? { value: { fileName: raw } } : fileObject(raw)

const files = list(file)

/** `fileList` in any of its shapes: an array of files, a single playlist's name, absent. */
export const fileList: Reader<RecordedFile[]> = (raw) =>
  files(raw === '' ? [] : typeof raw === 'string' ? [raw] : raw)
