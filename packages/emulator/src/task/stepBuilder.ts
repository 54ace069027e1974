import { msgNameOf } from '../notifications/events.ts'
import type { CommonAction, NotificationToSend, NotifyAction, TaskFacts } from './task.ts'

/** A task after an input, and the actions to carry out. */
export interface Step<T extends TaskFacts, Action> {
  task: T
  actions: (Action | CommonAction)[]
}

export const unchanged = <T extends TaskFacts, Action>(task: T): Step<T, Action> => ({ task, actions: [] })

export const extend = <T extends TaskFacts, Action>(
  step: Step<T, Action>,
  change: Partial<NoInfer<T>>,
  ...actions: (NoInfer<Action> | CommonAction)[]
): Step<T, Action> => ({
  task: { ...step.task, ...change },
  actions: [...step.actions, ...actions],
})

export const log = <T extends TaskFacts, Action>(step: Step<T, Action>, message: string): Step<T, Action> =>
  extend(step, {}, { type: 'log', message })

const send = <T extends TaskFacts, Action>(
  step: Step<T, Action>,
  notification: Omit<NotifyAction, 'type' | 'sequence'>,
): Step<T, Action> => {
  const { sequence } = step.task
  const action: NotifyAction = { type: 'notify', sequence, ...notification }
  return { task: { ...step.task, sequence: sequence + 1 }, actions: [...step.actions, action] }
}

/** Sends a notification of the server that records and, if it still reports, of the one before it. */
export const notify = <T extends TaskFacts, Action>(
  step: Step<T, Action>,
  event: number,
  details: Record<string, unknown>,
): Step<T, Action> => {
  const { uid, former } = step.task.session
  const named = { msgName: msgNameOf(event), ...details }
  const uids = former?.reports === 'continues' ? [former.uid, uid] : [uid]
  return uids.reduce((each, from) => send(each, { event, details: named, uid: from, redundant: false }), step)
}

/** Sends one notification of one server. */
export const notifyFrom = <T extends TaskFacts, Action>(
  step: Step<T, Action>,
  { event, details, uid = step.task.session.uid, redundant }: NotificationToSend,
): Step<T, Action> => {
  const msgName = msgNameOf(event)
  const named = msgName === undefined ? details : { msgName, ...details }
  return send(step, { event, details: named, uid, redundant })
}
