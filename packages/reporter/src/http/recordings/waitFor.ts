import { z } from '@hono/zod-openapi'
import { TooManyWaitsError, type WaitOptions } from '../../runtime/stateWaits.ts'
import { RECORDING_STATES, type RecordingState } from '../../supervisor/recording.ts'
import { Problem } from '../problem.ts'

interface WaitQuery {
  waitFor?: RecordingState[]
  /** Seconds. */
  timeout?: number
}

const DEFAULT_TIMEOUT = 60
const MAX_TIMEOUT = 120

/** Of `GET /v1/recordings/{id}`, which waits if it is asked to. */
export const waitQuerySchema: z.ZodObject = z
  .strictObject({
    waitFor: z
      .preprocess(
        (value) => (typeof value === 'string' ? value.split(',') : value),
        z.array(z.enum(RECORDING_STATES)).optional(),
      )
      .openapi({
        param: { name: 'waitFor', in: 'query', required: false, style: 'form', explode: false },
        type: 'array',
        items: { type: 'string', enum: [...RECORDING_STATES] },
        description:
          'Answer when the recording is in one of these states, can reach none of them any more, or `timeout` is over: `waitFor=rolling,failed`',
      }),
    timeout: z.coerce.number().int().min(1).max(MAX_TIMEOUT).optional().openapi({
      type: 'integer',
      minimum: 1,
      maximum: MAX_TIMEOUT,
      default: DEFAULT_TIMEOUT,
      description: 'Seconds to wait at most; only with `waitFor`',
    }),
  })
  .refine(({ waitFor, timeout }) => timeout === undefined || waitFor !== undefined, {
    path: ['timeout'],
    message: 'needs waitFor',
  })

/** @returns undefined if the request does not ask to wait */
export const waitOptionsOf = (
  query: Record<string, unknown>,
  signal: AbortSignal,
): WaitOptions | undefined => {
  const { waitFor, timeout = DEFAULT_TIMEOUT } = query as WaitQuery
  return waitFor && { states: waitFor, timeoutMs: timeout * 1000, signal }
}

/** @throws {Problem} 503 if too many requests wait already */
export const refuseMore = (error: unknown): never => {
  if (!(error instanceof TooManyWaitsError)) throw error
  throw new Problem(
    'too_many_waiting',
    'As many requests as possible wait for changes already. Try again soon, or read without waiting.',
    { headers: { 'retry-after': '5' } },
  )
}
