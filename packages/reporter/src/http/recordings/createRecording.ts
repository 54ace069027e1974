import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import type { FieldError } from '../../fieldErrors.ts'
import { type RecordingRequest, recordingRequestSchema } from '../../recordingRequest.ts'
import { kindOf } from '../../runtime/kinds/kindOf.ts'
import { NoUidsLeftError } from '../../runtime/uidBlocks.ts'
import { profileOf } from '../../storageProfile.ts'
import type { StoredRecording } from '../../store/types.ts'
import { contradictions, mergePolicy, type Policy } from '../../supervisor/policy.ts'
import type { AppContext } from '../context.ts'
import { invalidRequest, Problem } from '../problem.ts'
import {
  createRouter,
  jsonContent,
  problemContent,
  recordingContent,
  SECURITY,
  UNAUTHORIZED,
} from './describe.ts'
import { loadView } from './history.ts'
import type { RecordingView } from './recordingView.ts'

const create = createRoute({
  method: 'post',
  path: '/v1/recordings',
  summary: 'Start a recording and supervise it until it is stopped. Idempotent by id.',
  security: SECURITY,
  request: { body: { ...jsonContent(recordingRequestSchema), required: true } },
  responses: {
    200: recordingContent('The recording exists already, from the same request'),
    201: recordingContent('The recording was created and is being started'),
    400: problemContent('The body is not valid JSON'),
    401: UNAUTHORIZED,
    409: problemContent(
      'A recording with this id exists, from a different request; or no uids are left in the channel',
    ),
    413: problemContent('The body is too large'),
    415: problemContent('The Content-Type is not application/json'),
    422: problemContent('Fields are wrong; `errors` names each'),
  },
})

export const createRecordingRoutes = (context: AppContext): OpenAPIHono => {
  const { engine, config } = context
  const app = createRouter()
  const view = (stored: StoredRecording): Promise<RecordingView> => loadView(context, stored)

  app.openapi(create, async (c) => {
    const body = c.req.valid('json') as RecordingRequest
    const id = body.id ?? randomBytes(12).toString('hex')
    const request = { ...body, id }
    const existing = await engine.load(id)
    if (existing) return c.json(await view(sameOr409(existing, request)), 200)
    const policy = policyOr422(request, config)
    try {
      return c.json(await view(await engine.create(id, request, policy)), 201)
    } catch (error) {
      // Of two concurrent requests with the same new id, the other one may have created it.
      const created = await engine.load(id)
      if (!created) throw error instanceof NoUidsLeftError ? new Problem(409, error.message) : error
      return c.json(await view(sameOr409(created, request)), 200)
    }
  })
  return app
}

/** @throws {Problem} 409 if the recording was created by a different request */
const sameOr409 = (existing: StoredRecording, request: RecordingRequest): StoredRecording => {
  // Compared as JSON, where an absent field equals an undefined one. What was changed since is not part of the request.
  const { changes: _, ...sent } = { changes: undefined, ...existing.request }
  if (isDeepStrictEqual(sent, JSON.parse(JSON.stringify(request)))) return existing
  throw new Problem(
    409,
    `A recording with the id "${existing.recording.id}" exists, from a different request. Send the same request again, or use another id.`,
  )
}

/**
 * The complete policy: the request's over DEFAULT_POLICY over the built-in one.
 * @throws {Problem} 422 if the policy contradicts itself, or the configuration lacks what the request needs
 */
const policyOr422 = (request: RecordingRequest, config: AppContext['config']): Policy => {
  const policy = mergePolicy(config.defaultPolicy, request.policy)
  const errors = contradictions(policy).map(({ path, message }) => ({
    path: ['policy', ...path].join('.'),
    message,
  }))
  if (request.kind === 'page' && request.standby && policy.handOver === 'replace') {
    const message = 'must be "overlap" with standby: a page that must not be open twice cannot have a standby'
    errors.push({ path: 'policy.handOver', message })
  }
  errors.push(...missingFor(request, policy, config))
  if (errors.length > 0) throw invalidRequest(errors)
  return withQueriesWithin(policy, kindOf(request).factsOf(request, '').maxIdleTime)
}

/** What the request needs and the configuration lacks. */
const missingFor = (
  request: RecordingRequest,
  { requireHa }: Policy,
  { storageProfiles, tokenUrlSecrets, notificationSecrets }: AppContext['config'],
): FieldError[] => {
  const errors: FieldError[] = []
  if (!profileOf(storageProfiles, request.storage)) {
    const names = Object.keys(storageProfiles).join(', ')
    errors.push({ path: 'storage', message: `must name a storage profile of this reporter: ${names}` })
  }
  if (request.kind === 'channel' && request.tokenUrl !== undefined && tokenUrlSecrets.length === 0) {
    const message =
      "needs TOKEN_URL_SECRET in the reporter's configuration, with which its requests to tokenUrl are signed"
    errors.push({ path: 'tokenUrl', message })
  }
  if (request.kind === 'channel' && requireHa && notificationSecrets.length === 0) {
    const message =
      "needs AGORA_NOTIFICATION_SECRET in the reporter's configuration, because event 13 alone says that an attempt is highly available"
    errors.push({ path: 'policy.requireHa', message })
  }
  return errors
}

/** Agora ends an empty channel after `maxIdleTime` seconds, and advises to query more often than that. */
const withQueriesWithin = (policy: Policy, maxIdleTime: number | null): Policy =>
  maxIdleTime === null
    ? policy
    : { ...policy, queryInterval: Math.max(1, Math.min(policy.queryInterval, maxIdleTime - 1)) }
