import { type CallHandler, findKnownTask, identityOf, isAnswer } from './callContext.ts'

export const query: CallHandler = (context, incoming) => {
  const task = findKnownTask(context, incoming)
  if (isAnswer(task)) return task
  const serverResponse = { status: task.status(), ...task.queried() }
  return { status: 200, body: { ...identityOf(task), serverResponse } }
}
