import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { LinearRouter } from 'hono/router/linear-router'
import type { Subject } from '../faults/faultRegistry.ts'
import type { Tasks } from '../task/tasks.ts'
import type { Call, CallView, EmulatorClock } from '../types.ts'
import { ANSWERS, type Answer, badParameter } from './answers.ts'
import type { GatewayRequest } from './gateway.ts'
import { type Journal, redact } from './journal.ts'
import { type createPerformCall, type PerformedCall, type Reply, waitForHangUp } from './performCall.ts'

export interface RestOptions {
  clock: EmulatorClock
  tasks: Tasks
  journal: Journal
  gateway: (request: GatewayRequest) => Answer | null
  perform: ReturnType<typeof createPerformCall>
  closing: AbortSignal
  /** Told of each call once it is answered or lost. */
  done: (call: CallView) => void
}

/** What carries a request, and can lose its answer. */
export interface Connection {
  /** Cuts the connection, with a reset or a plain end. Its response stands for the answer that never comes. */
  cut(reset: boolean): Response
}

interface Env {
  Bindings: Connection
}

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

/** Far more than any start needs. */
const MAX_BODY_BYTES = 1024 * 1024

const NOT_JSON = Symbol('not JSON')

const parseBody = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return NOT_JSON
  }
}

const textOf = (body: unknown, field: string): string | null => {
  if (typeof body !== 'object' || body === null) return null
  const value: unknown = Object.entries(body).find(([key]) => key === field)?.[1]
  return typeof value === 'string' ? value : null
}

/** HTTP allows these no body. */
const WITHOUT_BODY = [204, 205, 304]

const reply = (status: number, type: string, body: string): Response =>
  new Response(WITHOUT_BODY.includes(status) ? null : body, { status, headers: { 'content-type': type } })

/** Agora's REST API: routes, gateway, journal, and the ways in which an answer can get lost. */
export const createRestApp = (options: RestOptions): Hono<Env> => {
  const { clock, tasks, journal, gateway, perform, closing, done } = options
  // Hono's default router spends its time at the first request, which matters to thousands of short-lived emulators.
  const app = new Hono<Env>({ router: new LinearRouter() })

  const conclude = async (context: Context<Env>, view: CallView, { ending, fault }: PerformedCall) => {
    view.fault = fault
    if (ending.as === 'answer') {
      view.status = ending.answer.status
      view.answer = ending.answer.body
    } else if (ending.as === 'text') {
      view.status = ending.status
      view.answer = ending.body
    }
    done({ ...view })
    return respond(context, ending)
  }

  const respond = async (context: Context<Env>, ending: Reply): Promise<Response> => {
    switch (ending.as) {
      case 'answer':
        return reply(ending.answer.status, 'application/json', JSON.stringify(ending.answer.body))
      case 'text':
        return reply(ending.status, 'text/plain', ending.body)
      case 'reset':
        return context.env.cut(true)
      case 'dropped':
        return context.env.cut(false)
      case 'hung':
        await waitForHangUp(context.req.raw.signal, closing)
        return context.env.cut(false)
    }
  }

  const subjectOf = (sid: string | undefined, body: unknown): Subject => {
    const task = sid === undefined ? undefined : tasks.get(sid)
    return { cname: task?.cname ?? textOf(body, 'cname'), uid: task?.uid ?? textOf(body, 'uid') }
  }

  const openView = (context: Context<Env>, call: CallView['call'], body: unknown): CallView =>
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
      fault: null,
    })

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
      const { appId, resourceId = '', sid = '', mode = null } = context.req.param() as Record<string, string>
      const authorization = context.req.header('authorization')
      const refused = gateway({ authorization, appId: appId ?? null })
      if (refused) return conclude(context, view, { ending: { as: 'answer', answer: refused }, fault: null })
      if (body === NOT_JSON) {
        const answer = badParameter(call, 'body must be JSON')
        return conclude(context, view, { ending: { as: 'answer', answer }, fault: null })
      }
      const subject = subjectOf(sid, body)
      const performed = await perform({ call, resourceId, sid, body }, mode, subject)
      // What a start made is known only now.
      view.sid ??= performed.ending.as === 'answer' ? textOf(performed.ending.answer.body, 'sid') : null
      return conclude(context, view, performed)
    })
  }

  for (const path of ['/v1/ncs/ip', '/v2/ncs/ip']) {
    app.get(path, (context) => {
      const view = openView(context, 'ncsIp', null)
      const refused = gateway({ authorization: context.req.header('authorization'), appId: null })
      const hosts = {
        status: 200,
        body: { data: { service: { hosts: [{ primaryIP: '127.0.0.1' }] } } },
      } as const
      return conclude(context, view, { ending: { as: 'answer', answer: refused ?? hosts }, fault: null })
    })
  }

  app.all('*', (context) => {
    const view = openView(context, null, null)
    return conclude(context, view, { ending: { as: 'answer', answer: ANSWERS.noRoute }, fault: null })
  })
  return app
}
