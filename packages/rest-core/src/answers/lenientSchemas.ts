import { z } from 'zod'

/** An object whose undocumented fields are kept as they came. */
export interface UnknownFields {
  readonly [field: string]: unknown
}

/** A number; some payloads have it as a decimal string. */
export const numeric: z.ZodType<number> = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
])

/** A string; some payloads have it as a number (uids). */
export const textual: z.ZodType<string> = z.union([z.string(), z.number().transform(String)])

/** A recorded file. */
export interface RecordedFile extends UnknownFields {
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
export const millisecondsOf = (time: number): number => (time < 1e11 ? time * 1000 : time)

/**
 * Reads one entry of a file list; undefined if it is no file. It uses no schema, because every query's answer has such
 * entries, and a schema of optional fields would take longer than the rest of the decoding.
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

/** Undefined if the value is absent or does not fit the schema. */
const read = <T>(schema: z.ZodType<T>, value: unknown): T | undefined =>
  value === undefined ? undefined : schema.safeParse(value).data

/**
 * `fileList` in any of its shapes: an array of files, a single playlist's name, absent. Entries that are no files are
 * dropped: no file list makes an answer unreadable.
 */
export const fileListSchema: z.ZodType<RecordedFile[]> = z
  .unknown()
  .optional()
  .transform((value) => {
    if (typeof value === 'string') return value === '' ? [] : [{ fileName: value }]
    if (!Array.isArray(value)) return []
    return value.map(fileOf).filter((file) => file !== undefined)
  })
