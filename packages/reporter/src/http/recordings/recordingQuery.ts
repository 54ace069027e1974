import { z } from '@hono/zod-openapi'
import { LABEL_NAME, labelValueSchema } from '../../commonRequest.ts'
import type { FieldError } from '../../fieldErrors.ts'
import { USER_ID_PATTERN } from '../../standbyId.ts'
import type { ListOptions, RecordingPlace } from '../../store/types.ts'
import {
  RECORDING_KINDS,
  RECORDING_STATES,
  type RecordingKind,
  type RecordingState,
} from '../../supervisor/recording.ts'
import { invalidRequest } from '../problem.ts'

interface ListQuery {
  state?: RecordingState[]
  kind?: RecordingKind
  attention?: 'true' | 'false'
  q?: string
  limit: number
  before?: string
  /** The others, of which those named `label.<name>` are filters. */
  [name: string]: unknown
}

/** The place of a page's last recording, which may be pruned before the next page is read. */
const CURSOR = new RegExp(String.raw`^(\d{1,16})\.(${USER_ID_PATTERN})$`)

export const cursorOf = ({ createdAt, id }: RecordingPlace): string => `${createdAt}.${id}`

const placeOf = (cursor: string): RecordingPlace => {
  const [, createdAt = '', id = ''] = CURSOR.exec(cursor) ?? []
  return { createdAt: Number(createdAt), id }
}

/** One value is not a list. */
export const toList = (value: unknown): unknown => (typeof value === 'string' ? [value] : value)

/** Other parameters pass, because `label.<name>` has any name: `listOptionsOf` refuses those that are no labels. */
export const listQuerySchema: z.ZodObject = z.looseObject({
  state: z.preprocess(toList, z.array(z.enum(RECORDING_STATES)).optional()).openapi({
    param: { name: 'state', in: 'query', required: false, style: 'form', explode: true },
    type: 'array',
    items: { type: 'string', enum: [...RECORDING_STATES] },
    description: 'In any of these states: `state=rolling&state=unhealthy`',
  }),
  kind: z.enum(RECORDING_KINDS).optional(),
  attention: z
    .enum(['true', 'false'])
    .optional()
    .openapi({ description: 'Whether a person should look at the recording or at its standby' }),
  q: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .openapi({ description: "What the id begins with, or a label's value contains" }),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  before: z
    .string()
    .regex(CURSOR, 'must be the `next` of a page')
    .optional()
    .openapi({ description: 'The `next` of the previous page' }),
})

/** In OpenAPI, the parameters whose names follow from labels. */
export const LABEL_PARAMETERS = {
  name: 'labels',
  in: 'query' as const,
  style: 'form' as const,
  explode: true,
  description: 'With these labels, each as `label.<name>=<value>`: `label.course=7b`',
  schema: {
    type: 'object' as const,
    additionalProperties: { type: 'string' as const },
    example: { 'label.course': '7b' },
  },
}

const PREFIX = 'label.'

/** @throws {Problem} 422 that names the parameters which are neither known nor labels */
export const listOptionsOf = (query: Record<string, unknown>): ListOptions => {
  const { state, kind, attention, q, limit, before, ...others } = query as ListQuery
  return {
    ...{ states: state, kind, text: q, limit },
    hasAttention: attention === undefined ? undefined : attention === 'true',
    labels: labelsOf(others),
    before: before === undefined ? undefined : placeOf(before),
  }
}

/**
 * The labels in the parameters that a route does not know otherwise.
 * @throws {Problem} 422 that names those which are no labels
 */
export const labelsOf = (others: Record<string, unknown>): Record<string, string> => {
  const errors: FieldError[] = []
  const labels: [string, string][] = []
  for (const [path, value] of Object.entries(others)) {
    const name = path.slice(PREFIX.length)
    const parsed = labelValueSchema.safeParse(value)
    if (!path.startsWith(PREFIX)) errors.push({ path, message: 'is not a known parameter' })
    else if (!LABEL_NAME.test(name)) errors.push({ path, message: 'has no name that a label may have' })
    else if (parsed.success) labels.push([name, parsed.data])
    else errors.push({ path, message: 'must have one value of 1 to 256 characters' })
  }
  if (errors.length > 0) throw invalidRequest(errors)
  return Object.fromEntries(labels)
}
