import type { TaskView } from '@stillrolling/emulator'
import type { Identity } from '@stillrolling/rest-core'
import type { Caller } from './callers.ts'

/**
 * The address of a task as far as this caller can know it, or null. After `started` it knows the sid. Otherwise a
 * notification has the cname, uid and sid, and the resource is one of those in the caller's results, or, after a crash,
 * one of those it stored.
 */
export const findTask = (
  caller: Caller,
  task: TaskView,
): (Identity & { sid: string; resourceId: string }) | null => {
  const { cname, uid, results, stored } = caller
  const last = results.at(-1)
  if (task.cname !== cname || task.uid !== uid || last?.outcome === 'notStarted') return null
  const { sid, resourceId } = task
  const known =
    last?.outcome === 'started' && last.sid !== sid
      ? []
      : results.flatMap((each) => resourcesOf(each, stored))
  return known.includes(resourceId) ? { cname, uid, sid, resourceId } : null
}

const resourcesOf = (result: Caller['results'][number], stored: readonly string[]): readonly string[] => {
  switch (result.outcome) {
    case 'started':
      return [result.resourceId]
    case 'running':
    case 'unknown':
      return result.resourceIds
    case 'notStarted':
      return []
    case 'crashed':
      return stored
  }
}
