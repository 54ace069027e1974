import { sleep } from '../clock.ts'
import type { FaultRegistry, FaultSubject } from '../faults/faultRegistry.ts'
import type { Call, CallFaultThen } from '../types.ts'
import { acquire } from './acquire.ts'
import { badParameter } from './answers.ts'
import type { CallContext, CallHandler, IncomingCall } from './callContext.ts'
import { isMode } from './modes/modes.ts'
import { query } from './query.ts'
import { start } from './start.ts'
import { stop } from './stop.ts'
import { createUpdates } from './update.ts'

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
  incoming: Omit<IncomingCall, 'mode'>
  /** The mode in the path; null for `acquire`, which has none. */
  mode: string | null
  subject: FaultSubject
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
    ...createUpdates(),
    stop,
  }

  const carryOut = async ({ incoming, mode }: CallToPerform): Promise<Reply> => {
    const { call } = incoming
    if (mode !== null && !isMode(mode)) {
      const detail = `mode must be individual, mix or web, not ${JSON.stringify(mode)}`
      return { type: 'answer', answer: badParameter(call, 'mode', detail) }
    }
    return { type: 'answer', answer: await handlers[call](context, { ...incoming, mode }) }
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
