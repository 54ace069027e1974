import { randomBytes } from 'node:crypto'
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import type { FieldError } from '../../fieldErrors.ts'
import { type RecordingRequest, recordingRequestSchema } from '../../recordingRequest.ts'
import { NoUidsLeftError, UidsInUseError } from '../../runtime/uidBlocks.ts'
import { scheduleErrors, scheduleOf } from '../../schedule.ts'
import { profileOf } from '../../storageProfile.ts'
import type { StoredRecording } from '../../store/types.ts'
import { mayBeInReach } from '../../tokenUrlReach.ts'
import { requesterOf } from '../auth.ts'
import type { AppContext } from '../context.ts'
import { etagOf } from '../etag.ts'
import { Problem } from '../problem.ts'
import {
  createRouter,
  IDEMPOTENT_BY_ID,
  jsonContent,
  NO_QUERY,
  problemContent,
  recordingContent,
  SECURITY,
  UNAUTHORIZED,
} from './describe.ts'
import { differences } from './differences.ts'
import { loadView } from './history.ts'
import { earlierTry, hashOf, idempotencyHeaders } from './idempotencyKey.ts'
import { policyOr422 } from './policyOf.ts'

const create = createRoute({
  method: 'post',
  path: '/v1/recordings',
  operationId: 'startRecording',
  ...IDEMPOTENT_BY_ID,
  tags: ['Recordings'],
  summary: 'Start a recording',
  description:
    'It is answered before Agora has started anything. The same body again changes nothing, so that a request whose answer was lost can be sent again, if it has an `id` or an `Idempotency-Key`. The recording is supervised, and recorded again when it fails, until it is stopped.',
  security: SECURITY,
  request: {
    query: NO_QUERY,
    headers: idempotencyHeaders,
    body: { ...jsonContent(recordingRequestSchema), required: true },
  },
  responses: {
    200: recordingContent(
      'The recording exists already, from the same request, or from one with the same Idempotency-Key',
    ),
    201: recordingContent('The recording was created and is being started'),
    400: problemContent('The body is not valid JSON'),
    401: UNAUTHORIZED,
    409: problemContent(
      'The id or the uids are in use, or the recording with this id has ended',
      'id_in_use',
      'recording_ended',
      'uids_in_use',
      'no_uids_left',
    ),
    413: problemContent('The body is too large'),
    415: problemContent('The Content-Type is not application/json'),
    422: problemContent(
      'Fields are wrong; `errors` names each. Or a different request had the same Idempotency-Key',
      'invalid_request',
      'idempotency_key_reused',
    ),
  },
})

export const createRecordingRoutes = (context: AppContext): OpenAPIHono => {
  const { engine, store, clock, config } = context
  const app = createRouter()

  app.openapi(create, async (c) => {
    const body = c.req.valid('json') as RecordingRequest
    const id = body.id ?? randomBytes(12).toString('hex')
    const request = { ...body, id }
    const answer = async <Status extends 200 | 201>(stored: StoredRecording, status: Status) =>
      c.json(await loadView(context, stored), status, { etag: etagOf(stored) })
    const key = c.req.valid('header')['idempotency-key']
    const idempotencyKey =
      key === undefined ? undefined : { key, requestHash: hashOf(await c.req.json()), recordingId: id }
    const findExisting = async (): Promise<StoredRecording | undefined> => {
      const earlier = idempotencyKey && (await earlierTry(store, idempotencyKey, clock.now()))
      if (earlier !== undefined) return engine.load(earlier)
      const existing = await engine.load(id)
      return existing && sameOr409(existing, request)
    }
    const existing = await findExisting()
    if (existing) return answer(existing, 200)
    const inputs = [config.defaultPolicy, request.policy]
    const policy = policyOr422(request, inputs, config, [
      ...missingFor(request, config),
      ...scheduleErrors(scheduleOf(request), { now: clock.now(), createdAt: clock.now() }),
    ])
    const options = { idempotencyKey, ...requesterOf(c) }
    try {
      return await answer(await engine.create(id, request, policy, options), 201)
    } catch (error) {
      // Of two concurrent requests with the same new id or key, the other one may have created it.
      const created = await findExisting()
      if (!created) throw uidProblem(error) ?? error
      return answer(created, 200)
    }
  })
  return app
}

const uidProblem = (error: unknown): Problem | undefined => {
  if (error instanceof NoUidsLeftError) return new Problem('no_uids_left', error.message)
  return error instanceof UidsInUseError ? new Problem('uids_in_use', error.message) : undefined
}

/**
 * The recording that a request has created before: what lost its answer can be sent again.
 * @throws {Problem} 409 if the recording has ended, because it does not go on, or if a different request created it
 */
const sameOr409 = (existing: StoredRecording, request: RecordingRequest): StoredRecording => {
  const { recording } = existing
  if (recording.desired === 'stopped' || recording.state === 'failed') {
    const how =
      recording.desired === 'stopped'
        ? 'was stopped, which is permanent'
        : 'has failed, and makes no further attempt unless it is restarted'
    throw new Problem(
      'recording_ended',
      `The recording "${recording.id}" ${how}. To record again, use another id.`,
    )
  }
  // Compared as JSON, where an absent field equals an undefined one.
  const paths = differences(asCreated(existing.request), JSON.parse(JSON.stringify(request)))
  if (paths.length === 0) return existing
  throw new Problem(
    'id_in_use',
    `A recording with the id "${recording.id}" exists, from a request that differs in ${paths.join(', ')}. Send the same request again, or use another id.`,
    {
      errors: paths.map((path) => ({ path, message: 'differs from the request that created the recording' })),
    },
  )
}

/** The request as it was sent, without what was changed since. */
const asCreated = ({ original = {}, ...request }: RecordingRequest): Record<string, unknown> => {
  const { changes: _, ...sent } = { changes: undefined, ...request, ...original }
  return Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== null))
}

/** What the request needs besides its policy, and the configuration lacks. */
const missingFor = (
  request: RecordingRequest,
  { storageProfiles, tokenUrlSecrets, tokenUrlReach }: AppContext['config'],
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
  if (request.kind === 'channel' && request.tokenUrl && !mayBeInReach(request.tokenUrl, tokenUrlReach)) {
    const message =
      "must not be an address of a private network, unless the reporter's configuration has TOKEN_URL_ALLOW_PRIVATE=true, and never a link-local or reserved one"
    errors.push({ path: 'tokenUrl', message })
  }
  return errors
}
