import { Hono } from 'hono'
import { commandSchema, faultSchema } from '../faults/faultSchema.ts'
import type { CallView, FaultRequest, FaultView, TaskCommand, TaskView } from '../types.ts'
import { ControlError, parseControl } from './controlError.ts'

/** What the control API reaches of the emulator. */
export interface Controlled {
  tasks(): TaskView[]
  requests(): CallView[]
  fault(request: FaultRequest): FaultView
  faults(): FaultView[]
  clearFaults(id?: string): boolean
  command(sid: string, command: TaskCommand): Promise<void>
}

const bodyOf = async (request: Request): Promise<unknown> => {
  try {
    return await request.json()
  } catch {
    throw new ControlError(400, 'the body is not JSON', [{ path: '', message: 'must be JSON' }])
  }
}

/**
 * The control API. It asks for no credentials, so requests that a web page makes are refused: the pages that are
 * recorded run on this machine too, and a browser names their origin in whatever could change something.
 */
export const createControlApp = (emulator: Controlled): Hono => {
  const app = new Hono()

  app.use(async (context, next) => {
    const origin = context.req.header('origin')
    if (origin !== undefined && origin !== new URL(context.req.url).origin) {
      throw new ControlError(403, `requests of web pages are refused (Origin: ${origin})`)
    }
    await next()
  })

  app.get('/tasks', (context) => context.json(emulator.tasks()))
  app.get('/requests', (context) => context.json(emulator.requests()))

  app.get('/faults', (context) => context.json(emulator.faults()))
  app.post('/faults', async (context) => {
    const request = parseControl(faultSchema, await bodyOf(context.req.raw))
    return context.json(emulator.fault(request), 201)
  })
  app.delete('/faults', (context) => {
    emulator.clearFaults()
    return context.body(null, 204)
  })
  app.get('/faults/:id', (context) => {
    const id = context.req.param('id')
    const fault = emulator.faults().find((candidate) => candidate.id === id)
    if (!fault) throw new ControlError(404, `no fault has the id ${id}`)
    return context.json(fault)
  })
  app.delete('/faults/:id', (context) => {
    const id = context.req.param('id')
    if (!emulator.clearFaults(id)) throw new ControlError(404, `no fault has the id ${id}`)
    return context.body(null, 204)
  })

  app.post('/tasks/:sid/commands', async (context) => {
    const command = parseControl(commandSchema, await bodyOf(context.req.raw))
    await emulator.command(context.req.param('sid'), command)
    return context.body(null, 204)
  })

  app.all('*', () => {
    throw new ControlError(404, 'no such route')
  })
  app.onError((error, context) => {
    if (!(error instanceof ControlError)) return context.json({ error: error.message, fields: [] }, 500)
    return context.json({ error: error.message, fields: error.fields }, error.status)
  })
  return app
}
