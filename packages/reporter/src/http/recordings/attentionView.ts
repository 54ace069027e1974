import { z } from '@hono/zod-openapi'
import { iso } from '../../isoTime.ts'
import { ATTENTION_CODES, type AttentionCode, type Recording } from '../../supervisor/recording.ts'

export interface AttentionView {
  code: AttentionCode
  message: string
  since: string
  /** The attempts whose files it is about; empty if it is about the recording. */
  attempts: number[]
}

export const attentionSchema: z.ZodType<AttentionView> = z
  .object({
    code: z.enum(ATTENTION_CODES),
    message: z.string(),
    since: z.iso.datetime(),
    attempts: z.array(z.int()),
  })
  .openapi('Attention')

export const viewAttention = ({ attention }: Pick<Recording, 'attention'>): AttentionView[] =>
  attention.map(({ since, ...rest }) => ({ ...rest, since: iso(since) }))
