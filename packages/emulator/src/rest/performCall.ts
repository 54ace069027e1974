import { aborted, sleep } from '../clock.ts'
import type { FaultRegistry, Subject } from '../faults/faultRegistry.ts'
import type { Call, CallFaultThen } from '../types.ts'
import { acquire } from './acquire.ts'
import { type Answer, badParameter } from './answers.ts'
import type { CallContext, CallHandler, IncomingCall } from './callContext.ts'
import { query } from './query.ts'
import { start } from './start.ts'
import { stop } from './stop.ts'
import { createUpdate } from './update.ts'

/** How a call ends on the wire. `dropped` and `reset` cut the connection, `hung` never answers. */
export type Reply =
  | { as: 'answer'; answer: { status: number; body: unknown } }
  | { as: 'text'; status: number; body: string }
  | { as: 'dropped' | 'reset' | 'hung' }

export interface PerformedCall {
  ending: Reply
  /** Id of the fault that took part. */
  fault: string | null
}

const MODES = ['individual', 'mix', 'web']

/** The modes of the path are checked first: the emulator knows web page mode only. */
const wrongMode = (call: Call, mode: string | null): Answer | null => {
  if (mode === null || mode === 'web') return null
  if (!MODES.includes(mode)) return badParameter(call, `mode must be individual, mix or web, not ${mode}`)
  return badParameter(call, `mode ${mode} is not emulated yet; this emulator knows mode web`)
}

const faultyAnswer = (then: Extract<CallFaultThen, { status: number }>): Reply => {
  if ('body' in then) return { as: 'text', status: then.status, body: then.body }
  const { status, ...body } = then
  return { as: 'answer', answer: { status, body } }
}

/**
 * Does a call that passed the gateway, or what a fault makes of it.
 */
export const createPerformCall = (
  service: CallContext,
  faults: FaultRegistry,
): ((incoming: IncomingCall, mode: string | null, subject: Subject) => Promise<PerformedCall>) => {
  const handlers: Record<Call, CallHandler> = {
    acquire,
    start,
    query,
    update: createUpdate(),
    updateLayout: () => badParameter('UpdateLayout', 'mode web has no layout'),
    stop,
  }

  const work = async (incoming: IncomingCall, mode: string | null): Promise<Reply> => {
    const { call } = incoming
    const answer = wrongMode(call, mode) ?? (await handlers[call](service, incoming))
    return { as: 'answer', answer }
  }

  return async (incoming, mode, subject) => {
    const fault = faults.takeForCall(incoming.call, subject)
    if (!fault) return { ending: await work(incoming, mode), fault: null }
    const { then, id } = fault
    if ('drop' in then) return { ending: { as: 'dropped' }, fault: id }
    if ('delay' in then) {
      await sleep(service.clock, then.delay * 1000, service.closing)
      return { ending: await work(incoming, mode), fault: id }
    }
    if ('loseAnswer' in then) {
      await work(incoming, mode)
      return { ending: { as: then.how === 'reset' ? 'reset' : 'hung' }, fault: id }
    }
    return { ending: faultyAnswer(then), fault: id }
  }
}

/** Waits until the client gives up or the emulator closes. */
export const waitForHangUp = async (client: AbortSignal, closing: AbortSignal): Promise<void> => {
  await aborted(AbortSignal.any([client, closing]))
}
