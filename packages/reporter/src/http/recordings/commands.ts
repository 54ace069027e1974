import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import { kindOf } from '../../runtime/kinds/kindOf.ts'
import type { AppContext } from '../context.ts'
import { Problem } from '../problem.ts'
import {
  createRouter,
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
import { loadOr404 } from './loadOr404.ts'
import type { RecordingView } from './recordingView.ts'
import { refuseStandby } from './refuseStandby.ts'

type Command = 'stop' | 'restart' | 'pause' | 'resume'

const command = (name: Command, summary: string) =>
  createRoute({
    method: 'post',
    path: `/v1/recordings/{id}/${name}`,
    summary,
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
      ),
      422: WRONG_QUERY,
    },
  })

const stop = command('stop', 'Stop permanently. Idempotent.')
const restart = command('restart', 'Start a new attempt now and forget earlier failures')
const pause = command('pause', 'Keep the page open and write nothing. Pages only. Idempotent.')
const resume = command('resume', 'Resume writing, or record a channel that was empty again. Idempotent.')

export const commandRoutes = (context: AppContext): OpenAPIHono => {
  const { engine } = context
  const app = createRouter()

  const runCommand = async (id: string, type: Command): Promise<RecordingView> => {
    const { recording, request } = await loadOr404(engine, id)
    refuseStandby(id)
    if (recording.desired === 'stopped' && type !== 'stop') {
      throw new Problem(
        'recording_stopped',
        `The recording "${id}" was stopped, which is permanent. Create a new one with another id.`,
      )
    }
    if (type === 'pause' && !kindOf(request).canPause) {
      throw new Problem(
        'pause_unsupported',
        `The recording "${id}" is of a channel, which Agora cannot pause. Stop it, and record the rest with another id.`,
      )
    }
    const stored = (await engine.command(id, { type })) ?? (await loadOr404(engine, id))
    return loadView(context, stored)
  }

  app.openapi(stop, async (c) => c.json(await runCommand(c.req.valid('param').id, 'stop'), 200))
  app.openapi(restart, async (c) => c.json(await runCommand(c.req.valid('param').id, 'restart'), 200))
  app.openapi(pause, async (c) => c.json(await runCommand(c.req.valid('param').id, 'pause'), 200))
  app.openapi(resume, async (c) => c.json(await runCommand(c.req.valid('param').id, 'resume'), 200))
  return app
}
