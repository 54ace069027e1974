import { OpenAPIHono, z } from '@hono/zod-openapi'
import { fieldErrors } from '../../fieldErrors.ts'
import { problemExamples } from '../openapi/problemExamples.ts'
import { invalidRequest, problemSchema } from '../problem.ts'
import type { ProblemCode } from '../problemCodes.ts'
import { recordingViewSchema } from './recordingView.ts'

interface JsonContent {
  content: { 'application/json': { schema: z.ZodType } }
}
interface ProblemContent {
  content: { 'application/problem+json': { schema: z.ZodType; examples?: Record<string, { value: object }> } }
  description: string
}

export const jsonContent = (schema: z.ZodType): JsonContent => ({
  content: { 'application/json': { schema } },
})

interface RecordingContent extends JsonContent {
  description: string
  headers: Record<'ETag', { description: string; schema: { type: 'string' } }>
}

/** The whole view of a recording. */
export const recordingContent = (description: string): RecordingContent => ({
  ...jsonContent(recordingViewSchema),
  description,
  headers: {
    ETag: { description: 'The version of the recording, for `If-Match`', schema: { type: 'string' } },
  },
})

/** @param codes which problems it is; the OpenAPI document has an example of each. Where a status has one code, none is needed */
export const problemContent = (description: string, ...codes: ProblemCode[]): ProblemContent => ({
  content: {
    'application/problem+json': {
      schema: problemSchema,
      ...(codes.length > 0 && { examples: problemExamples(codes) }),
    },
  },
  description,
})

/** Of a call other than GET that clients may send again if its answer was lost: it then changes nothing. */
export const IDEMPOTENT = { 'x-idempotent': true } as const
/** Of one that may be sent again if its body has an `id`. */
export const IDEMPOTENT_BY_ID = { 'x-idempotent': 'id' } as const

export const SECURITY: { bearer: string[] }[] = [{ bearer: [] }]
export const UNAUTHORIZED: ProblemContent = problemContent('The API key is missing, wrong or revoked')
export const UNKNOWN_ID: ProblemContent = problemContent('No recording has this id', 'recording_not_found')
export const WRONG_QUERY: ProblemContent = problemContent('A query parameter is wrong or unknown')

/** Of a route without query parameters. An unknown one would be ignored silently, so that a misspelt filter selects everything. */
export const NO_QUERY: z.ZodObject<Record<never, never>> = z.strictObject({})

type PageResponses = Record<200, JsonContent & { description: string }> & Record<401 | 422, ProblemContent>

/** Of a route that answers page by page. @param next what the next page is asked for with */
export const pageResponses = (item: z.ZodType, next: z.ZodType): PageResponses => ({
  200: {
    ...jsonContent(z.object({ items: z.array(item), next: next.nullable() })),
    description: 'A page; `next` is null on the last one',
  },
  401: UNAUTHORIZED,
  422: WRONG_QUERY,
})

export const idParameters: z.ZodObject<{ id: z.ZodString }> = z.object({
  id: z.string().openapi({ param: { name: 'id', in: 'path' }, example: 'class42' }),
})

/** A router that answers 422, naming every wrong field, when a request does not match its schema. */
export const createRouter = (): OpenAPIHono =>
  new OpenAPIHono({
    defaultHook: (result) => {
      if (result.success) return
      throw invalidRequest(fieldErrors(result.error, result.target === 'query' ? 'parameter' : 'field'))
    },
  })
