import { isDeepStrictEqual } from 'node:util'
import { isLive } from '../task/task.ts'
import type { Mode } from '../types.ts'
import { ANSWERS, type Answer, badParameter, otherChannel } from './answers.ts'
import { type CallContext, type CallHandler, type IncomingCall, identityOf, isAnswer } from './callContext.ts'
import type { StartPlan } from './modes/mode.ts'
import { MODES } from './modes/modes.ts'
import { isExpired, type Resource } from './resources.ts'

/** The first field in which the request of start differs from the `startParameter` of acquire; null if none does. */
const differingField = (startParameter: Record<string, unknown>, clientRequest: Record<string, unknown>) => {
  const fields = new Set([...Object.keys(startParameter), ...Object.keys(clientRequest)])
  return [...fields].find((field) => !isDeepStrictEqual(startParameter[field], clientRequest[field])) ?? null
}

const refuseScene = (mode: Mode, scene: number): Answer | null => {
  const { scenes } = MODES[mode]
  if (scenes.includes(scene)) return null
  const detail = `for mode ${mode}, scene of acquire must be ${scenes.join(' or ')}; it was ${scene}`
  return badParameter('start', 'mode', detail)
}

/** The answer to a start that does not match its acquire; null if it does. */
const refuseMismatch = (
  mode: Mode,
  resource: Resource,
  { cname, uid }: StartPlan,
  body: unknown,
): Answer | null => {
  if (cname !== resource.cname) {
    return otherChannel('cname is not the one that the resourceId was acquired for')
  }
  if (uid !== resource.uid) {
    return otherChannel('uid is not the one that the resourceId was acquired for')
  }
  const { scene, startParameter } = resource.request
  const refusal = refuseScene(mode, scene)
  if (refusal || !startParameter) return refusal
  // Compares the body as it was sent, because the parsed request contains defaults.
  const { clientRequest } = body as { clientRequest: Record<string, unknown> }
  const field = differingField(startParameter, clientRequest)
  if (field === null) return null
  const detail = `clientRequest.${field} differs from startParameter.${field} of acquire`
  return badParameter('start', field, detail)
}

/** Why the resource cannot be used; null if it can. */
const refuseResource = (resource: Resource, { tasks, clock }: CallContext): Answer | null => {
  if (resource.sid !== null) {
    const task = tasks.get(resource.sid)
    if (task && isLive(task.facts())) return ANSWERS.alreadyStarted
    return badParameter('start', 'resourceId', 'the resourceId has been used; acquire a new one')
  }
  return isExpired(resource, clock.now()) ? ANSWERS.resourceExpired : null
}

const startTask = (
  context: CallContext,
  resource: Resource,
  { mode, body }: IncomingCall & { mode: Mode },
): Answer => {
  const { tasks, concurrency } = context
  const plan = MODES[mode].readStart(body, context)
  if (isAnswer(plan)) return plan
  const mismatch = refuseMismatch(mode, resource, plan, body)
  if (mismatch) return mismatch
  const live = tasks.live().map((task) => task.facts())
  if (live.some(({ cname, uid }) => cname === plan.cname && uid === plan.uid)) return ANSWERS.taskConflict
  // The limit was not reached at acquire, but has been since.
  if (live.length >= concurrency) return ANSWERS.noWorker
  const task = plan.create(resource)
  const identity = identityOf(task)
  resource.sid = identity.sid
  tasks.add(task)
  return { status: 200, body: identity }
}

export const start: CallHandler = (context, incoming) => {
  const { mode, resourceId } = incoming
  const resource = context.resources.get(resourceId)
  if (!resource || mode === null)
    return badParameter('start', 'resourceId', 'the resourceId is unknown or expired; acquire a new one')
  return refuseResource(resource, context) ?? startTask(context, resource, { ...incoming, mode })
}
