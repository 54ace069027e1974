import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { type Command, carryOut } from '../../runtime/commands.ts'
import { requesterOf } from '../auth.ts'
import type { AppContext } from '../context.ts'
import { etagOf } from '../etag.ts'
import type { ProblemCode } from '../problemCodes.ts'
import {
  createRouter,
  IDEMPOTENT,
  idParameters,
  NO_QUERY,
  problemContent,
  recordingContent,
  SECURITY,
  UNAUTHORIZED,
  UNKNOWN_ID,
  WRONG_QUERY,
} from './describe.ts'
import { loadView } from './history.ts'
import { problemOf } from './loadOr404.ts'

const REFUSED: Record<Command, ProblemCode[]> = {
  stop: ['standby_command'],
  restart: ['recording_stopped', 'standby_command'],
  pause: ['recording_stopped', 'standby_command', 'pause_unsupported'],
  resume: ['recording_stopped', 'standby_command'],
}

const describe = (name: Command, texts: { summary: string; description: string }) =>
  createRoute({
    ...texts,
    method: 'post',
    path: `/v1/recordings/{id}/${name}`,
    operationId: `${name}Recording`,
    ...(name !== 'restart' && IDEMPOTENT),
    tags: ['Recordings'],
    security: SECURITY,
    request: { params: idParameters, query: NO_QUERY },
    responses: {
      200: recordingContent('The recording after the command'),
      401: UNAUTHORIZED,
      404: UNKNOWN_ID,
      409: problemContent(
        name === 'stop'
          ? 'The id is that of a standby'
          : 'The recording was stopped, or the id is that of a standby; a channel cannot be paused',
        ...REFUSED[name],
      ),
      422: WRONG_QUERY,
    },
  })

const stop = describe('stop', {
  summary: 'Stop a recording',
  description: 'It is stopped permanently, and its standby with it. Idempotent.',
})
const restart = describe('restart', {
  summary: 'Start a new attempt now',
  description: 'Earlier failures are forgotten. Each call makes another attempt.',
})
const pause = describe('pause', {
  summary: "Pause a page's recording",
  description: 'Agora keeps the page open and writes nothing. A channel cannot be paused. Idempotent.',
})
const resume = describe('resume', {
  summary: 'Resume a recording',
  description: 'Agora writes again, or the next attempt of a channel that was empty is made. Idempotent.',
})

export const commandRoutes = (context: AppContext): OpenAPIHono => {
  const { engine } = context
  const app = createRouter()

  const runCommand = async (c: Context, id: string, command: Command) => {
    const result = await carryOut(engine, { id, command }, requesterOf(c))
    if ('refusal' in result) throw problemOf(result.refusal)
    const { stored } = result
    return c.json(await loadView(context, stored), 200, { etag: etagOf(stored) })
  }

  app.openapi(stop, (c) => runCommand(c, c.req.valid('param').id, 'stop'))
  app.openapi(restart, (c) => runCommand(c, c.req.valid('param').id, 'restart'))
  app.openapi(pause, (c) => runCommand(c, c.req.valid('param').id, 'pause'))
  app.openapi(resume, (c) => runCommand(c, c.req.valid('param').id, 'resume'))
  return app
}
