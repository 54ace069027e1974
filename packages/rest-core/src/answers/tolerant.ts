import { z } from 'zod'

/** A number that some payloads carry as a decimal string. */
export const numeric: z.ZodType<number> = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^-?\d+$/)
      .transform(Number),
  ])
  .pipe(z.number())

/** A string that some payloads carry as a number (uids). */
export const textual: z.ZodType<string> = z.union([z.string(), z.number().transform(String)]).pipe(z.string())

/** A recorded file. */
export type RecordedFile = {
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

const fileSchema = z
  .looseObject({
    fileName: z.string().optional(),
    filename: z.string().optional(),
    sliceStartTime: numeric.optional().catch(undefined),
    uid: textual.optional().catch(undefined),
    trackType: z.string().optional().catch(undefined),
    mixedAllUser: z.boolean().optional().catch(undefined),
    isPlayable: z.boolean().optional().catch(undefined),
  })
  .transform(({ fileName, filename, sliceStartTime, ...rest }): RecordedFile => {
    const time = sliceStartTime === undefined ? {} : { sliceStartTimeMs: millisecondsOf(sliceStartTime) }
    return { ...rest, fileName: filename ?? fileName ?? '', ...time }
  })

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
    return value.flatMap((entry) => {
      const file = fileSchema.safeParse(entry)
      return file.success && file.data.fileName !== '' ? [file.data] : []
    })
  })
