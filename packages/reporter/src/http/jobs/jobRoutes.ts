import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { StoredJob } from '../../store/jobOperations.ts'
import type { Store } from '../../store/store.ts'
import type { AppContext } from '../context.ts'
import { NOT_JSON, TOO_LARGE, WRONG_BODY, WRONG_TYPE } from '../deliveries/describe.ts'
import { Problem } from '../problem.ts'
import {
  createRouter,
  IDEMPOTENT,
  IDEMPOTENT_BY_ID,
  jsonContent,
  NO_QUERY,
  pageResponses,
  problemContent,
  SECURITY,
  UNAUTHORIZED,
  WRONG_QUERY,
} from '../recordings/describe.ts'
import { type JobRequest, jobRequestSchema, recordingsOf } from './jobRequest.ts'
import {
  type JobView,
  jobSummarySchema,
  jobViewSchema,
  MAX_FAILED,
  summarizeJob,
  viewJob,
} from './jobView.ts'

/** Jobs that may run at the same time. */
export const MAX_RUNNING_JOBS = 20

const UNKNOWN_JOB = problemContent('No job has this id', 'job_not_found')
const params = z.object({
  id: z.string().openapi({ param: { name: 'id', in: 'path' }, example: 'evening-stop' }),
})
const job = (description: string) => ({ ...jsonContent(jobViewSchema), description })

const create = createRoute({
  method: 'post',
  path: '/v1/jobs',
  operationId: 'createJob',
  ...IDEMPOTENT_BY_ID,
  tags: ['Jobs'],
  summary: 'Command many recordings',
  description:
    'Stops, pauses, resumes or restarts recordings, as the single commands do, in the background: at most 100 a second. Recordings that cannot be commanded are listed as `failed`, and the job goes on. With an `id` the request can be sent again.',
  security: SECURITY,
  request: { query: NO_QUERY, body: { required: true, ...jsonContent(jobRequestSchema) } },
  responses: {
    200: job('The job, which the same request has created before'),
    202: job('The job, which goes on in the background'),
    400: NOT_JSON,
    401: UNAUTHORIZED,
    409: problemContent(
      'A different request has created the job with this id, or too many jobs run',
      'id_in_use',
      'too_many_jobs',
    ),
    413: TOO_LARGE,
    415: WRONG_TYPE,
    422: WRONG_BODY,
  },
})

const list = createRoute({
  method: 'get',
  path: '/v1/jobs',
  operationId: 'listJobs',
  tags: ['Jobs'],
  summary: 'List jobs, newest first',
  description: 'Jobs are kept as long as recordings are after their end.',
  security: SECURITY,
  request: {
    query: z.strictObject({
      before: z.coerce
        .number()
        .int()
        .min(1)
        .optional()
        .openapi({ type: 'integer', minimum: 1, description: 'The `next` of the previous page' }),
      limit: z.coerce.number().int().min(1).max(500).default(100),
    }),
  },
  responses: pageResponses(jobSummarySchema, z.int()),
})

const get = createRoute({
  method: 'get',
  path: '/v1/jobs/{id}',
  operationId: 'getJob',
  tags: ['Jobs'],
  summary: 'Read how far a job is',
  description: 'With the recordings that could not be commanded, and why.',
  security: SECURITY,
  request: { params, query: NO_QUERY },
  responses: { 200: job('The job'), 401: UNAUTHORIZED, 404: UNKNOWN_JOB, 422: WRONG_QUERY },
})

const cancel = createRoute({
  method: 'post',
  path: '/v1/jobs/{id}/cancel',
  operationId: 'cancelJob',
  ...IDEMPOTENT,
  tags: ['Jobs'],
  summary: 'Cancel a job',
  description: 'What it has not commanded yet is left as it is. Idempotent; a job that is done stays so.',
  security: SECURITY,
  request: { params, query: NO_QUERY },
  responses: { 200: job('The job'), 401: UNAUTHORIZED, 404: UNKNOWN_JOB, 422: WRONG_QUERY },
})

export const jobRoutes = ({
  store,
  jobs,
  clock,
}: Pick<AppContext, 'store' | 'jobs' | 'clock'>): OpenAPIHono => {
  const app = createRouter()

  const viewOf = async (id: string): Promise<JobView> => {
    const stored = await store.loadJob(id)
    if (!stored)
      throw new Problem('job_not_found', `No job has the id "${id}". GET /v1/jobs lists all of them.`)
    return viewJob(stored, await store.failedItems(id, MAX_FAILED))
  }

  app.openapi(create, async (c) => {
    const request = c.req.valid('json') as JobRequest
    const id = request.id ?? `job_${randomUUID().replaceAll('-', '')}`
    const isNew = await add(store, { ...request, id }, clock.now)
    jobs.poke()
    return c.json(await viewOf(id), isNew ? 202 : 200)
  })
  app.openapi(list, async (c) => {
    const { before, limit } = c.req.valid('query') as { before?: number; limit: number }
    const rows = await store.listJobs({ before, limit: limit + 1 })
    const items = rows.slice(0, limit)
    const next = rows.length > limit ? (items.at(-1)?.position ?? null) : null
    return c.json({ items: items.map(summarizeJob), next }, 200)
  })
  app.openapi(get, async (c) => c.json(await viewOf(c.req.valid('param').id), 200))
  app.openapi(cancel, async (c) => {
    const { id } = c.req.valid('param')
    await store.endJob(id, 'cancelled', clock.now())
    return c.json(await viewOf(id), 200)
  })
  return app
}

/** @returns whether it is new */
const add = (
  store: Pick<Store, 'transaction'>,
  request: JobRequest & { id: string },
  now: () => number,
): Promise<boolean> =>
  store.transaction(async (operations) => {
    const { id, action } = request
    const known = await operations.loadJob(id)
    if (known) {
      refuseDifferent(known, request)
      return false
    }
    if ((await operations.runningJobs()).length >= MAX_RUNNING_JOBS) {
      throw new Problem(
        'too_many_jobs',
        `${MAX_RUNNING_JOBS} jobs run already. Wait until one of them is done, or cancel one.`,
      )
    }
    const job = { id, action, request: JSON.stringify(request) }
    await operations.addJob(job, recordingsOf(request), now())
    return true
  })

/** @throws {Problem} 409 that names the fields which differ */
const refuseDifferent = (known: StoredJob, request: JobRequest & { id: string }): void => {
  const earlier = JSON.parse(known.request) as Record<string, unknown>
  const later = JSON.parse(JSON.stringify(request)) as Record<string, unknown>
  const names = [...new Set([...Object.keys(earlier), ...Object.keys(later)])]
  const differing = names.filter((name) => !isDeepStrictEqual(earlier[name], later[name]))
  if (differing.length === 0) return
  throw new Problem(
    'id_in_use',
    `A job with the id "${request.id}" exists, from a request that differs in ${differing.join(', ')}. Send the same request again, or use another id.`,
    { errors: differing.map((path) => ({ path, message: 'differs from the request that created the job' })) },
  )
}
