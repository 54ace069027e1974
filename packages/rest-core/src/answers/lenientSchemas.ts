import { z } from 'zod'

/** A number that some payloads carry as a decimal string. */
export const numeric: z.ZodType<number> = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
])

/** A string that some payloads carry as a number (uids). */
export const textual: z.ZodType<string> = z.union([z.string(), z.number().transform(String)])

/** A recorded file. */
export interface RecordedFile {
  /** Agora writes `filename` in web mode and `fileName` elsewhere; this is either. */
  fileName: string
  /** Unix time in milliseconds of its first slice; Agora answers queries in seconds, notifies in ms. */
  sliceStartTimeMs?: number
  /** Whose file it is; `0` in composite mode. */
  uid?: string
  /** Of the files of a channel. */
  trackType?: 'audio' | 'video' | 'audio_and_video' | (string & {})
  mixedAllUser?: boolean
  /** Whether it can be played online. */
  isPlayable?: boolean
  readonly [field: string]: unknown
}

/**
 * A Unix time in ms, whichever of the two units it came in: 10¹¹ s is the year 5138 and 10¹¹ ms is 1973, so no
 * recording's time lies on the wrong side.
 */
export const millisecondsOf = (time: number): number => (time < 1e11 ? time * 1000 : time)

/**
 * One entry of a file list; undefined if it is no file. By hand, because every query's answer has some of them, and a
 * schema of optional fields costs more than all else that is done with the answer.
 */
const fileOf = (entry: unknown): RecordedFile | undefined => {
  if (typeof entry !== 'object' || entry === null) return undefined
  const { fileName, filename, sliceStartTime, ...rest } = entry as Record<string, unknown>
  const name = filename ?? fileName
  if (typeof name !== 'string' || name === '') return undefined
  const file: Record<string, unknown> & { fileName: string } = { ...rest, fileName: name }
  const time = read(numeric, sliceStartTime)
  if (time !== undefined) file.sliceStartTimeMs = millisecondsOf(time)
  if ('uid' in rest) file.uid = read(textual, rest.uid)
  for (const [field, type] of FIELD_TYPES) {
    if (field in rest && typeof rest[field] !== type) delete file[field]
  }
  return file
}

const FIELD_TYPES = [
  ['trackType', 'string'],
  ['mixedAllUser', 'boolean'],
  ['isPlayable', 'boolean'],
] as const

/** Undefined if it is absent, or not what it should be. */
const read = <T>(schema: z.ZodType<T>, value: unknown): T | undefined =>
  value === undefined ? undefined : schema.safeParse(value).data

/**
 * `fileList` in any of its shapes: an array of files, a single playlist's name, absent. Entries that are no
 * files are left out: a file list never makes an answer unreadable.
 */
export const fileListSchema: z.ZodType<RecordedFile[]> = z
  .unknown()
  .optional()
  .transform((value) => {
    if (typeof value === 'string') return value === '' ? [] : [{ fileName: value }]
    if (!Array.isArray(value)) return []
    return value.map(fileOf).filter((file) => file !== undefined)
  })
