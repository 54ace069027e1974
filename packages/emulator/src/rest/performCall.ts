import { sleep } from '../clock.ts'
import type { FaultRegistry, FaultSubject } from '../faults/faultRegistry.ts'
import type { Call, CallFaultThen } from '../types.ts'
import { acquire } from './acquire.ts'
import { type Answer, badParameter } from './answers.ts'
import type { CallContext, CallHandler, IncomingCall } from './callContext.ts'
import { query } from './query.ts'
import { start } from './start.ts'
import { stop } from './stop.ts'
import { createUpdate } from './update.ts'

/**
 * What the client receives: an answer, a text that is not JSON, a connection that is closed (`dropped`) or reset
 * without an answer, or nothing at all (`hung`).
 */
export type Reply =
  | { type: 'answer'; answer: { status: number; body: unknown; detail?: string } }
  | { type: 'text'; status: number; body: string }
  | { type: 'dropped' | 'reset' | 'hung' }

export interface PerformedCall {
  reply: Reply
  /** Id of the fault that was applied; null if none was. */
  faultId: string | null
}

export interface CallToPerform {
  incoming: IncomingCall
  /** The mode in the path; null for `acquire`, which has none. */
  mode: string | null
  subject: FaultSubject
}

const MODES = ['individual', 'mix', 'web']

/** The answer to a call whose mode is not `web`, the only mode that is emulated; null for mode `web`. */
const refuseMode = (call: Call, mode: string | null): Answer | null => {
  if (mode === null || mode === 'web') return null
  return badParameter(
    call,
    'mode',
    MODES.includes(mode)
      ? `mode ${mode} is not emulated yet; this emulator supports mode web`
      : `mode must be individual, mix or web, not ${JSON.stringify(mode)}`,
  )
}

const replyOfFault = (then: Extract<CallFaultThen, { status: number }>): Reply => {
  if ('body' in then) return { type: 'text', status: then.status, body: then.body }
  const { status, ...body } = then
  return { type: 'answer', answer: { status, body } }
}

/** Creates the function that carries out a call which has passed the gateway, or the fault that applies to it. */
export const createPerformCall = (
  context: CallContext,
  faults: FaultRegistry,
): ((call: CallToPerform) => Promise<PerformedCall>) => {
  const handlers: Record<Call, CallHandler> = {
    acquire,
    start,
    query,
    update: createUpdate(),
    updateLayout: () => badParameter('updateLayout', 'mode', 'mode web has no layout'),
    stop,
  }

  const carryOut = async ({ incoming, mode }: CallToPerform): Promise<Reply> => {
    const { call } = incoming
    const answer = refuseMode(call, mode) ?? (await handlers[call](context, incoming))
    return { type: 'answer', answer }
  }

  const applyFault = async (then: CallFaultThen, call: CallToPerform): Promise<Reply> => {
    if ('drop' in then) return { type: 'dropped' }
    if ('delay' in then) {
      await sleep(context.clock, then.delay * 1000, context.closing)
      return carryOut(call)
    }
    if ('loseAnswer' in then) {
      await carryOut(call)
      return { type: then.how === 'reset' ? 'reset' : 'hung' }
    }
    return replyOfFault(then)
  }

  return async (call) => {
    const fault = faults.takeForCall(call.incoming.call, call.subject)
    if (!fault) return { reply: await carryOut(call), faultId: null }
    return { reply: await applyFault(fault.then, call), faultId: fault.id }
  }
}
