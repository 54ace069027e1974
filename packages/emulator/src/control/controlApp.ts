import { type Handler, Hono, type MiddlewareHandler } from 'hono'
import { faultSchema } from '../faults/faultSchema.ts'
import type { EmulatorControls } from '../types.ts'
import { channelCommandSchema, commandSchema } from './commandSchema.ts'
import { ControlError, parseControl } from './controlError.ts'

const readJson = async (request: Request): Promise<unknown> => {
  try {
    return await request.json()
  } catch {
    throw new ControlError(400, 'The body is not valid JSON', [{ path: '', message: 'must be JSON' }])
  }
}

/**
 * Refuses requests from web pages: recorded pages run on the same machine, and a browser sends an `Origin` header with
 * every request that could change something or be read.
 */
const refuseWebPages: MiddlewareHandler = async (context, next) => {
  const origin = context.req.header('origin')
  if (origin !== undefined && origin !== new URL(context.req.url).origin) {
    throw new ControlError(403, `Web pages may not use the control API (Origin: ${origin})`)
  }
  await next()
}

/**
 * The control API. It asks for no credentials.
 *
 * @param overview answers requests for the API's own path
 */
export const createControlApp = (
  emulator: Omit<EmulatorControls, 'setNotificationTarget'>,
  overview: Handler,
): Hono => {
  const app = new Hono()

  app.use(refuseWebPages)

  app.get('/', overview)
  app.get('/tasks', (context) => context.json(emulator.tasks()))
  app.get('/requests', (context) => context.json(emulator.requests()))

  app.get('/faults', (context) => context.json(emulator.faults()))
  app.post('/faults', async (context) => {
    const request = parseControl(faultSchema, await readJson(context.req.raw))
    return context.json(emulator.injectFault(request), 201)
  })
  app.delete('/faults', (context) => {
    emulator.clearFaults()
    return context.body(null, 204)
  })
  app.get('/faults/:id', (context) => {
    const id = context.req.param('id')
    const fault = emulator.faults().find((candidate) => candidate.id === id)
    if (!fault) throw unknownFault(id)
    return context.json(fault)
  })
  app.delete('/faults/:id', (context) => {
    const id = context.req.param('id')
    if (!emulator.clearFaults(id)) throw unknownFault(id)
    return context.body(null, 204)
  })

  app.post('/tasks/:sid/commands', async (context) => {
    const command = parseControl(commandSchema, await readJson(context.req.raw))
    await emulator.runCommand(context.req.param('sid'), command)
    return context.body(null, 204)
  })

  app.get('/channels', (context) => context.json(emulator.channels()))
  app.post('/channels/:cname/commands', async (context) => {
    const command = parseControl(channelCommandSchema, await readJson(context.req.raw))
    emulator.runChannelCommand(context.req.param('cname'), command)
    return context.body(null, 204)
  })

  app.all('*', (context) => {
    throw new ControlError(404, `No route matches ${context.req.method} ${context.req.path}`)
  })
  app.onError((error, context) => {
    if (!(error instanceof ControlError)) return context.json({ error: error.message, fields: [] }, 500)
    return context.json({ error: error.message, fields: error.fields }, error.status)
  })
  return app
}

const unknownFault = (id: string) => new ControlError(404, `No fault has the id ${id}`)
