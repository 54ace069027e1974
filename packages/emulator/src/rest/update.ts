import { sleep } from '../clock.ts'
import { isRefusal, type Refusal, type RunningTask } from '../task/runningTask.ts'
import { ANSWERS, type Answer, badLayout, badParameter } from './answers.ts'
import {
  type CallContext,
  type CallHandler,
  findRunningTask,
  type IncomingCall,
  identityOf,
  isAnswer,
  refuseIdentity,
} from './callContext.ts'
import { checkIdentity } from './requests/common.ts'

/**
 * How long an update takes. Another update of the same task is answered 206/65 (request not completed) meanwhile, because
 * Agora asks clients to wait for each answer (https://docs.agora.io/en/api-reference/api-ref/cloud-recording/update).
 */
export const UPDATE_MS = 100

/** A call that changes a task. */
interface ChangingCall {
  call: 'update' | 'updateLayout'
  read: (task: RunningTask, body: unknown) => ReturnType<RunningTask['readUpdate']>
  refuse: (refusal: Refusal) => Answer
}

const UPDATE: ChangingCall = {
  call: 'update',
  read: (task, body) => task.readUpdate(body),
  refuse: ({ field, detail }) => badParameter('update', field, detail),
}

const UPDATE_LAYOUT: ChangingCall = {
  call: 'updateLayout',
  read: (task, body) => task.readLayout(body),
  refuse: ({ field, detail }) =>
    field === 'mode' ? badParameter('updateLayout', field, detail) : badLayout(detail),
}

/** Carries out a change that takes a moment. */
const createChangingCall =
  (updating: Set<string>, { call, read, refuse }: ChangingCall): CallHandler =>
  async (context: CallContext, incoming: IncomingCall): Promise<Answer> => {
    const { body } = incoming
    // The fields of the body itself are checked before the task is looked for, those of its kind afterwards.
    const checked = checkIdentity(body)
    if (!checked.ok) return badParameter(call, checked.field, checked.detail)
    const task = findRunningTask(context, incoming)
    if (isAnswer(task)) return task
    const change = read(task, body)
    if (isRefusal(change)) return refuse(change)
    const other = refuseIdentity(task, checked.request)
    if (other) return other
    const identity = identityOf(task)
    if (updating.has(identity.sid)) return ANSWERS.notCompleted

    updating.add(identity.sid)
    await sleep(context.clock, UPDATE_MS, context.closing)
    updating.delete(identity.sid)
    change.apply()
    return { status: 200, body: identity }
  }

/** The handlers of `update` and `updateLayout`. They keep the sids of the tasks that are being updated. */
export const createUpdates = (): Record<'update' | 'updateLayout', CallHandler> => {
  const updating = new Set<string>()
  return {
    update: createChangingCall(updating, UPDATE),
    updateLayout: createChangingCall(updating, UPDATE_LAYOUT),
  }
}
