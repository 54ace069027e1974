import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { RecordingRequest } from '../recordingRequest.ts'
import { recordingRequestSchema } from '../recordingRequest.ts'
import { type StoredRecording, UnreadableRowError } from '../store/recordingRow.ts'
import { contradictions, mergePolicy, type Policy } from '../supervisor/policy.ts'
import { RECORDING_STATES, type RecordingState } from '../supervisor/recording.ts'
import type { AppContext } from './context.ts'
import { fieldErrors, invalid, Problem, problemSchema } from './errors.ts'
import {
  beatsViewSchema,
  type RecordingView,
  recordingViewSchema,
  timelineViewSchema,
  viewBeats,
  viewRecording,
  viewTimelineEntry,
} from './recordingView.ts'

const json = (schema: z.ZodType): { content: { 'application/json': { schema: z.ZodType } } } => ({
  content: { 'application/json': { schema } },
})
const problem = (description: string) => ({
  content: { 'application/problem+json': { schema: problemSchema } },
  description,
})
const recordingAnswer = (description: string) => ({ ...json(recordingViewSchema), description })

const parameters = z.object({
  id: z.string().openapi({ param: { name: 'id', in: 'path' }, example: 'class42' }),
})
const SECURITY = [{ bearer: [] }]

const createRecording = createRoute({
  method: 'post',
  path: '/v1/recordings',
  summary: 'Start a recording and watch it until told to stop. Idempotent by id.',
  security: SECURITY,
  request: { body: { ...json(recordingRequestSchema), required: true } },
  responses: {
    200: recordingAnswer('It exists already, from the same request'),
    201: recordingAnswer('It is being started'),
    400: problem('The body is not JSON'),
    401: problem('No valid API key'),
    409: problem('The id is taken by another request'),
    413: problem('The body is too large'),
    415: problem('The body is not declared as JSON'),
    422: problem('A field is wrong; `errors` names each'),
  },
})

const list = createRoute({
  method: 'get',
  path: '/v1/recordings',
  summary: 'Recordings, newest first',
  security: SECURITY,
  request: {
    query: z.object({
      state: z.enum(RECORDING_STATES).optional(),
      limit: z.coerce.number().int().min(1).max(500).default(100),
      before: z.string().optional().openapi({ description: 'The `next` of the page before' }),
    }),
  },
  responses: {
    200: {
      ...json(z.object({ items: z.array(recordingViewSchema), next: z.string().nullable() })),
      description: 'A page; `next` is null on the last one',
    },
    401: problem('No valid API key'),
    422: problem('A query parameter is wrong'),
  },
})

const get = createRoute({
  method: 'get',
  path: '/v1/recordings/{id}',
  summary: 'A recording with its attempts',
  security: SECURITY,
  request: { params: parameters },
  responses: {
    200: recordingAnswer('The recording'),
    401: problem('No valid API key'),
    404: problem('Unknown id'),
  },
})

const timeline = createRoute({
  method: 'get',
  path: '/v1/recordings/{id}/timeline',
  summary: 'What happened and why, oldest first',
  security: SECURITY,
  request: {
    params: parameters,
    query: z.object({
      after: z.coerce
        .number()
        .int()
        .min(0)
        .default(0)
        .openapi({ type: 'integer', minimum: 0, default: 0, description: 'The `next` of the page before' }),
      limit: z.coerce.number().int().min(1).max(1000).default(500),
    }),
  },
  responses: {
    200: {
      ...json(z.object({ items: z.array(timelineViewSchema), next: z.int().nullable() })),
      description: 'A page; `next` is null on the last one',
    },
    401: problem('No valid API key'),
    404: problem('Unknown id'),
    422: problem('A query parameter is wrong'),
  },
})

const beats = createRoute({
  method: 'get',
  path: '/v1/recordings/{id}/beats',
  summary: "What the pages' reports said, hour by hour, oldest first. At most a minute behind.",
  security: SECURITY,
  request: { params: parameters },
  responses: {
    200: {
      ...json(z.object({ items: z.array(beatsViewSchema) })),
      description: 'For each hour in which an attempt was heard',
    },
    401: problem('No valid API key'),
    404: problem('Unknown id'),
  },
})

type Command = 'stop' | 'restart' | 'pause' | 'resume'

const command = (name: Command, summary: string, conflict?: string) =>
  createRoute({
    method: 'post',
    path: `/v1/recordings/{id}/${name}`,
    summary,
    security: SECURITY,
    request: { params: parameters },
    responses: {
      200: recordingAnswer('The recording, as it is after the command'),
      401: problem('No valid API key'),
      404: problem('Unknown id'),
      ...(conflict !== undefined && { 409: problem(conflict) }),
    },
  })

const stop = command('stop', 'Stop for good. Again is no error.')
const STOPPED = 'It was stopped'
const restart = command('restart', 'Make a new attempt now, and forget earlier failures', STOPPED)
const pause = command('pause', 'Keep the page open and write nothing. Again is no error.', STOPPED)
const resume = command('resume', 'Write again. Again is no error.', STOPPED)

/** `/v1/recordings`: what business servers and operators call. */
export const recordingRoutes = ({ store, engine, config, log }: AppContext): OpenAPIHono => {
  const app = new OpenAPIHono({
    defaultHook: (result) => {
      if (!result.success) throw invalid('The request is wrong', fieldErrors(result.error))
    },
  })

  /** The policy in full, refused when it contradicts itself or Agora would refuse the request later. */
  const policyFor = (request: RecordingRequest): Policy => {
    const policy = mergePolicy(config.defaultPolicy, request.policy)
    const errors = contradictions(policy).map(({ path, message }) => ({
      path: ['policy', ...path].join('.'),
      message,
    }))
    if (!Object.hasOwn(config.storageProfiles, request.storage)) {
      const known = Object.keys(config.storageProfiles).join(', ')
      errors.push({ path: 'storage', message: `names no storage profile; there are: ${known}` })
    }
    if (errors.length > 0) throw invalid('The request is wrong', errors)
    return policy
  }

  const found = async (id: string): Promise<StoredRecording> => {
    const stored = await engine.load(id)
    if (!stored) throw new Problem(404, `There is no recording "${id}"`)
    return stored
  }

  /** One row that cannot be read must not hide the others. */
  const viewReadable = (stored: StoredRecording | UnreadableRowError): RecordingView[] => {
    if (!(stored instanceof UnreadableRowError)) return [viewRecording(engine.refresh(stored))]
    log.error({ err: stored }, 'a recording is left out of the list')
    return []
  }

  app.openapi(createRecording, async (c) => {
    const body = c.req.valid('json') as RecordingRequest
    const id = body.id ?? randomBytes(12).toString('hex')
    const request = { ...body, id }
    const existing = await engine.load(id)
    if (existing) return c.json(viewRecording(sameOrConflict(existing, request)), 200)
    const policy = policyFor(request)
    try {
      return c.json(viewRecording(await engine.create(id, request, policy)), 201)
    } catch (error) {
      // Two requests with the same new id at once: one of them has created it.
      const created = await engine.load(id)
      if (!created) throw error
      return c.json(viewRecording(sameOrConflict(created, request)), 200)
    }
  })

  app.openapi(list, async (c) => {
    const { state, limit, before } = c.req.valid('query') as {
      state?: RecordingState
      limit: number
      before?: string
    }
    const rows = await store.listRecordings({ state, before, limit: limit + 1 })
    const page = rows.slice(0, limit)
    const next = rows.length > limit ? (page.at(-1)?.id ?? null) : null
    return c.json({ items: page.flatMap(({ stored }) => viewReadable(stored)), next }, 200)
  })

  app.openapi(get, async (c) => c.json(viewRecording(await found(c.req.valid('param').id)), 200))

  app.openapi(timeline, async (c) => {
    const { id } = c.req.valid('param')
    const { after, limit } = c.req.valid('query')
    await found(id)
    const rows = await store.readTimeline(id, { after, limit: limit + 1 })
    const items = rows.slice(0, limit)
    const next = rows.length > limit ? (items.at(-1)?.id ?? null) : null
    return c.json({ items: items.map(viewTimelineEntry), next }, 200)
  })

  app.openapi(beats, async (c) => {
    const { id } = c.req.valid('param')
    await found(id)
    return c.json({ items: (await store.readHourlyStatistics(id)).map(viewBeats) }, 200)
  })

  const obey = async (id: string, type: Command): Promise<RecordingView> => {
    const { recording } = await found(id)
    if (recording.desired === 'stopped' && type !== 'stop') {
      throw new Problem(409, `The recording "${id}" was stopped for good. Create a new one with another id.`)
    }
    return viewRecording((await engine.handle(id, { type })) ?? (await found(id)))
  }
  app.openapi(stop, async (c) => c.json(await obey(c.req.valid('param').id, 'stop'), 200))
  app.openapi(restart, async (c) => c.json(await obey(c.req.valid('param').id, 'restart'), 200))
  app.openapi(pause, async (c) => c.json(await obey(c.req.valid('param').id, 'pause'), 200))
  app.openapi(resume, async (c) => c.json(await obey(c.req.valid('param').id, 'resume'), 200))

  return app
}

const sameOrConflict = (existing: StoredRecording, request: RecordingRequest): StoredRecording => {
  // As JSON has it: a field that is absent equals one that is undefined.
  if (isDeepStrictEqual(existing.request, JSON.parse(JSON.stringify(request)))) return existing
  throw new Problem(409, `The id "${existing.recording.id}" is taken by a recording with another request`)
}
