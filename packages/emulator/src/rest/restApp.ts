import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { LinearRouter } from 'hono/router/linear-router'
import { aborted } from '../clock.ts'
import type { FaultSubject } from '../faults/faultRegistry.ts'
import type { Tasks } from '../task/tasks.ts'
import type { Call, CallView, EmulatorClock } from '../types.ts'
import { ANSWERS, type Answer } from './answers.ts'
import type { GatewayRequest } from './gateway.ts'
import { type Journal, redact } from './journal.ts'
import type { createPerformCall, PerformedCall, Reply } from './performCall.ts'

export interface RestOptions {
  clock: EmulatorClock
  tasks: Tasks
  journal: Journal
  gateway: (request: GatewayRequest) => Answer | null
  performCall: ReturnType<typeof createPerformCall>
  /** Aborted when the emulator closes, so that hanging calls end. */
  closing: AbortSignal
  /** Called with each call when it has been answered, or its answer was lost. */
  onCall: (call: CallView) => void
}

/** The connection that a request came on. */
export interface Connection {
  /** Ends the connection without an answer, and returns a response that stands for the missing one. */
  end(how: 'close' | 'reset'): Response
}

interface Env {
  Bindings: Connection
}

type RestContext = Context<Env>

const APP = '/v1/apps/:appId/cloud_recording'
const TASK = `${APP}/resourceid/:resourceId/sid/:sid/mode/:mode`

const ROUTES: { method: 'GET' | 'POST'; path: string; call: Call }[] = [
  { method: 'POST', path: `${APP}/acquire`, call: 'acquire' },
  { method: 'POST', path: `${APP}/resourceid/:resourceId/mode/:mode/start`, call: 'start' },
  { method: 'GET', path: `${TASK}/query`, call: 'query' },
  { method: 'POST', path: `${TASK}/update`, call: 'update' },
  { method: 'POST', path: `${TASK}/updateLayout`, call: 'updateLayout' },
  { method: 'POST', path: `${TASK}/stop`, call: 'stop' },
]

const NOTIFICATION_SERVER_PATHS = ['/v1/ncs/ip', '/v2/ncs/ip']

const NOTIFICATION_SERVERS: Answer = {
  status: 200,
  body: { data: { service: { hosts: [{ primaryIP: '127.0.0.1' }] } } },
}

/** Far above the size of any valid request. */
const MAX_BODY_BYTES = 1024 * 1024

const NOT_JSON = Symbol('not JSON')

const parseBody = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return NOT_JSON
  }
}

/** Agora asks for `application/json;charset=utf-8`; parameters and case do not matter. */
const isDeclaredJson = (contentType: string | undefined): boolean =>
  /^application\/json\s*(;|$)/i.test(contentType?.trim() ?? '')

const textField = (body: unknown, field: string): string | null => {
  if (typeof body !== 'object' || body === null) return null
  const value: unknown = Object.entries(body).find(([key]) => key === field)?.[1]
  return typeof value === 'string' ? value : null
}

const answered = (answer: Answer): PerformedCall => ({ reply: { type: 'answer', answer }, faultId: null })

/** Statuses that HTTP allows no body with. */
const STATUSES_WITHOUT_BODY = [204, 205, 304]

const createResponse = (status: number, contentType: string, body: string): Response =>
  new Response(STATUSES_WITHOUT_BODY.includes(status) ? null : body, {
    status,
    headers: { 'content-type': contentType },
  })

const respond = async (context: RestContext, reply: Reply, closing: AbortSignal): Promise<Response> => {
  switch (reply.type) {
    case 'answer':
      return createResponse(reply.answer.status, 'application/json', JSON.stringify(reply.answer.body))
    case 'text':
      return createResponse(reply.status, 'text/plain', reply.body)
    case 'reset':
      return context.env.end('reset')
    case 'dropped':
      return context.env.end('close')
    case 'hung':
      await aborted(AbortSignal.any([context.req.raw.signal, closing]))
      return context.env.end('close')
  }
}

/** Agora's REST API: the routes, the gateway, the journal, and the faults that lose an answer. */
export const createRestApp = (options: RestOptions): Hono<Env> => {
  const { clock, tasks, journal, gateway, performCall, closing, onCall } = options
  // Hono's default router does its work at the first request, which is slow with thousands of short-lived emulators.
  const app = new Hono<Env>({ router: new LinearRouter() })

  const subjectOf = (sid: string | undefined, body: unknown): FaultSubject => {
    const task = sid === undefined ? undefined : tasks.get(sid)?.facts()
    return { cname: task?.cname ?? textField(body, 'cname'), uid: task?.uid ?? textField(body, 'uid') }
  }

  const openView = (context: RestContext, call: CallView['call'], body: unknown): CallView =>
    journal.open({
      at: new Date(clock.now()).toISOString(),
      call,
      method: context.req.method,
      path: context.req.path,
      ...subjectOf(context.req.param('sid'), body),
      sid: context.req.param('sid') ?? null,
      body: body === NOT_JSON ? null : redact(body),
      status: null,
      answer: null,
      detail: null,
      fault: null,
    })

  /** Completes the view, and sends the reply. */
  const conclude = (context: RestContext, view: CallView, { reply, faultId }: PerformedCall) => {
    view.fault = faultId
    if (reply.type === 'answer') {
      view.status = reply.answer.status
      view.answer = reply.answer.body
      view.detail = reply.answer.detail ?? null
    } else if (reply.type === 'text') {
      view.status = reply.status
      view.answer = reply.body
    }
    onCall({ ...view })
    return respond(context, reply, closing)
  }

  /** Passes a call through the gateway and carries it out. */
  const handle = async (context: RestContext, call: Call, body: unknown): Promise<PerformedCall> => {
    const {
      appId = null,
      resourceId = '',
      sid = '',
      mode = null,
    } = context.req.param() as Partial<Record<string, string>>
    const refusal = gateway({ authorization: context.req.header('authorization'), appId })
    if (refusal) return answered(refusal)
    if (call !== 'query') {
      if (!isDeclaredJson(context.req.header('content-type'))) return answered(ANSWERS.notDeclaredJson)
      if (body === NOT_JSON) return answered(ANSWERS.notJson)
    }
    return performCall({ incoming: { call, resourceId, sid, body }, mode, subject: subjectOf(sid, body) })
  }

  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: (context) => context.json(ANSWERS.bodyTooLarge.body, 413),
    }),
  )

  for (const { method, path, call } of ROUTES) {
    app.on(method, path, async (context) => {
      const body = method === 'GET' ? null : parseBody(await context.req.text())
      const view = openView(context, call, body)
      const performed = await handle(context, call, body)
      const { reply } = performed
      // The sid of a start is known only from its answer.
      view.sid ??= reply.type === 'answer' ? textField(reply.answer.body, 'sid') : null
      return conclude(context, view, performed)
    })
  }

  for (const path of NOTIFICATION_SERVER_PATHS) {
    app.get(path, (context) => {
      const view = openView(context, 'ncsIp', null)
      const refusal = gateway({ authorization: context.req.header('authorization'), appId: null })
      return conclude(context, view, answered(refusal ?? NOTIFICATION_SERVERS))
    })
  }

  app.all('*', (context) => conclude(context, openView(context, null, null), answered(ANSWERS.noRoute)))
  return app
}
