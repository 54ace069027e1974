import { isDeepStrictEqual } from 'node:util'
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import {
  type ChannelChanges,
  type ChannelRequest,
  channelChangesSchema,
  mistakesInTask,
} from '../../channelRequest.ts'
import { fieldErrors } from '../../fieldErrors.ts'
import type { Revise } from '../../runtime/decisions.ts'
import { changedConfig } from '../../runtime/kinds/channel.ts'
import type { AppContext } from '../context.ts'
import { invalidRequest, Problem } from '../problem.ts'
import {
  createRouter,
  IDEMPOTENT,
  idParameters,
  jsonContent,
  NO_QUERY,
  problemContent,
  recordingContent,
  SECURITY,
  UNAUTHORIZED,
  UNKNOWN_ID,
} from './describe.ts'
import { loadView } from './history.ts'
import { loadOr404 } from './loadOr404.ts'
import { refuseStandby } from './refuseStandby.ts'

const change = createRoute({
  method: 'patch',
  path: '/v1/recordings/{id}',
  operationId: 'changeRecording',
  ...IDEMPOTENT,
  tags: ['Recordings'],
  summary: 'Change a recording',
  description:
    "A channel's layout, or whose streams are recorded, is changed while the recording runs. The same values again change nothing. Each attempt that follows starts with them.",
  security: SECURITY,
  request: {
    params: idParameters,
    query: NO_QUERY,
    body: { ...jsonContent(channelChangesSchema), required: true },
  },
  responses: {
    200: recordingContent('The recording with the change, which Agora may not have confirmed yet'),
    400: problemContent('The body is not valid JSON'),
    401: UNAUTHORIZED,
    404: UNKNOWN_ID,
    409: problemContent(
      'The recording has nothing of the kind, or it was stopped, or the id is that of a standby',
      'change_unsupported',
      'recording_stopped',
      'standby_command',
    ),
    413: problemContent('The body is too large'),
    415: problemContent('The Content-Type is not application/json'),
    422: problemContent('Fields are wrong; `errors` names each'),
  },
})

export const changeRecordingRoutes = (context: AppContext): OpenAPIHono => {
  const { engine } = context
  const app = createRouter()
  app.openapi(change, async (c) => {
    const { id } = c.req.valid('param')
    const changes = c.req.valid('json') as ChannelChanges
    await loadOr404(engine, id)
    refuseStandby(id)
    const stored = (await engine.change(id, reviseBy(changes))) ?? (await loadOr404(engine, id))
    return c.json(await loadView(context, stored), 200)
  })
  return app
}

/**
 * The same values once more change nothing.
 * @throws {Problem} 409 if the recording cannot have the change, 422 if Agora would refuse it
 */
const reviseBy =
  (changes: ChannelChanges): Revise =>
  ({ request, recording }) => {
    const { id } = recording
    if (request.kind !== 'channel') {
      throw new Problem(
        'change_unsupported',
        `The recording "${id}" records a page, which has no layout and no subscription.`,
      )
    }
    if (request.mode !== 'mix' && changes.layout !== undefined) {
      throw new Problem(
        'change_unsupported',
        `The recording "${id}" is in individual mode, which has no layout.`,
      )
    }
    if (recording.desired === 'stopped') {
      throw new Problem(
        'recording_stopped',
        `The recording "${id}" was stopped, which is permanent, and cannot be changed.`,
      )
    }
    const names = (['layout', 'subscription'] as const).filter(
      (name) => changes[name] !== undefined && !isDeepStrictEqual(changes[name], request.changes?.[name]),
    )
    if (names.length === 0) return undefined
    const changed = { ...request, changes: { ...request.changes, ...changes } }
    refuseMistakes(changed)
    return { request: changed, changes: names }
  }

/** Each change alone is as Agora allows it; with the request it may not be. */
const refuseMistakes = (request: ChannelRequest): void => {
  const recordingConfig = changedConfig(request.recordingConfig, request.changes)
  const issues = mistakesInTask({ ...request, recordingConfig } as ChannelRequest)
  if (issues.length === 0) return
  throw invalidRequest(
    fieldErrors({ issues }).map(({ path, message }) => ({
      path: 'subscription',
      message: `does not go with the recording: ${path} ${message}`,
    })),
  )
}
