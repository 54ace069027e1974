import { OpenAPIHono } from '@hono/zod-openapi'
import type { AppContext } from '../context.ts'
import { changeRecordingRoutes } from './changeRecording.ts'
import { commandRoutes } from './commands.ts'
import { createRecordingRoutes } from './createRecording.ts'
import { hourlyStatisticsRoutes } from './hourlyStatistics.ts'
import { readAttemptsRoutes } from './readAttempts.ts'
import { readRecordingRoutes } from './readRecordings.ts'
import { timelineRoutes } from './timeline.ts'

/** `/v1/recordings`: what business servers and operators call. */
export const recordingRoutes = (context: AppContext): OpenAPIHono => {
  const app = new OpenAPIHono()
  app.route('/', createRecordingRoutes(context))
  app.route('/', readRecordingRoutes(context))
  app.route('/', readAttemptsRoutes(context))
  app.route('/', timelineRoutes(context))
  app.route('/', hourlyStatisticsRoutes(context))
  app.route('/', commandRoutes(context))
  app.route('/', changeRecordingRoutes(context))
  return app
}
