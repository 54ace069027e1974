import { ANSWERS, badParameter } from './answers.ts'
import type { CallHandler } from './callContext.ts'
import { checkAcquire } from './requests/acquireRequest.ts'

export const acquire: CallHandler = ({ tasks, resources, concurrency }, { body }) => {
  const checked = checkAcquire(body)
  if (!checked.ok) return badParameter('acquire', checked.field, checked.detail)
  if (tasks.live().length >= concurrency) return ANSWERS.overload
  const { id, cname, uid } = resources.acquire(checked.request)
  return { status: 200, body: { cname, uid, resourceId: id } }
}
