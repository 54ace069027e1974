import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { iso } from '../isoTime.ts'
import { PROBLEM_STATES } from '../store/summary.ts'
import type { RecordingsSummary } from '../store/types.ts'
import {
  ATTENTION_CODES,
  type AttentionCode,
  RECORDING_STATES,
  type RecordingState,
} from '../supervisor/recording.ts'
import type { AppContext } from './context.ts'
import {
  createRouter,
  jsonContent,
  NO_QUERY,
  SECURITY,
  UNAUTHORIZED,
  WRONG_QUERY,
} from './recordings/describe.ts'

/** How all recordings are, as the API shows it. */
export interface SummaryView {
  /** Without standbys. */
  states: Record<RecordingState, number>
  /** Of recordings and of standbys. */
  attention: Record<AttentionCode, number>
  /** null: there is none. */
  oldestProblem: ProblemView | null
}

export interface ProblemView {
  id: string
  since: string
  /** null if the problem is an attention. */
  state: RecordingState | null
  /** null if the problem is the state. */
  attention: AttentionCode | null
}

const counts = <Name extends string>(names: readonly Name[]): z.ZodType<Record<Name, number>> =>
  z.object(Object.fromEntries(names.map((name) => [name, z.int().min(0)]))) as unknown as z.ZodType<
    Record<Name, number>
  >

export const summarySchema: z.ZodType<SummaryView> = z
  .object({
    states: counts(RECORDING_STATES),
    attention: counts(ATTENTION_CODES),
    oldestProblem: z
      .object({
        id: z.string(),
        since: z.iso.datetime(),
        state: z.enum(PROBLEM_STATES).nullable(),
        attention: z.enum(ATTENTION_CODES).nullable(),
      })
      .nullable(),
  })
  .openapi('Summary')

const summary = createRoute({
  method: 'get',
  path: '/v1/summary',
  operationId: 'getSummary',
  tags: ['Reporter'],
  summary: 'Count recordings, and name the oldest problem',
  description: 'Recordings are counted by state and by attention. `oldestProblem` is null if all is well.',
  security: SECURITY,
  request: { query: NO_QUERY },
  responses: {
    200: { ...jsonContent(summarySchema), description: '`oldestProblem` is null if all is well' },
    401: UNAUTHORIZED,
    422: WRONG_QUERY,
  },
})

export const summaryRoutes = ({ store }: Pick<AppContext, 'store'>): OpenAPIHono => {
  const app = createRouter()
  app.openapi(summary, async (c) => c.json(viewSummary(await store.summarizeRecordings()), 200))
  return app
}

const viewSummary = ({ states, attention, oldestProblem }: RecordingsSummary): SummaryView => ({
  states: countsOf(RECORDING_STATES, states),
  attention: countsOf(ATTENTION_CODES, attention),
  oldestProblem: oldestProblem ? { ...oldestProblem, since: iso(oldestProblem.since) } : null,
})

const countsOf = <Name extends string>(
  names: readonly Name[],
  values: ReadonlyMap<string, number>,
): Record<Name, number> =>
  Object.fromEntries(names.map((name) => [name, values.get(name) ?? 0])) as Record<Name, number>
