import { z } from '@hono/zod-openapi'
import { iso, isoOrNull } from '../../isoTime.ts'
import type { Recording } from '../../supervisor/recording.ts'

/** A time in which Agora wrote nothing because of a pause. */
export interface PauseView {
  /** When Agora confirmed the pause. */
  from: string
  /** When Agora confirmed the resume, or the recording was stopped; null while the pause lasts. */
  to: string | null
}

export const pauseSchema: z.ZodType<PauseView> = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime().nullable(),
})

export const pausesOf = ({ pauses }: Recording): PauseView[] =>
  pauses.map(({ from, to }) => ({
    from: iso(from),
    to: isoOrNull(to),
  }))
