import { taskStatus } from '../task/taskView.ts'
import { type CallHandler, findTask, isAnswer } from './callContext.ts'
import { recorderState, rtmpState } from './extensionState.ts'

export const query: CallHandler = (context, incoming) => {
  const task = findTask(context, incoming)
  if (isAnswer(task)) return task
  const { cname, uid, resourceId, sid } = task
  const serverResponse = {
    status: taskStatus(task),
    extensionServiceState: [recorderState(task, context.clock.now()), ...rtmpState(task)],
  }
  return { status: 200, body: { cname, uid, resourceId, sid, serverResponse } }
}
