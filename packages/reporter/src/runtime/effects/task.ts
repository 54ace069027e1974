import { NotFoundError } from '@stillrolling/rest-core'
import type { Engine } from '../engine.ts'

/** An attempt as Agora knows it. */
export interface Task {
  /** The likeliest first: after a lost answer nobody knows by which of them Agora knows the sid. */
  resourceIds: string[]
  sid: string
  cname: string
  uid: string
}

/** Undefined as long as Agora has not given the attempt a resource and a sid. */
export const taskOf = async (
  engine: Engine,
  recordingId: string,
  number: number,
): Promise<Task | undefined> => {
  const stored = await engine.load(recordingId)
  const attempt = stored?.recording.attempts[number - 1]
  if (!attempt || attempt.resourceId === null || attempt.sid === null) return undefined
  const resourceIds = [attempt.resourceId, ...attempt.otherResourceIds]
  return { resourceIds, sid: attempt.sid, cname: recordingId, uid: attempt.uid }
}

/**
 * Makes a call with each of a task's resources until Agora knows one.
 * @throws what the last call threw, when Agora knows none of them
 */
export const tryResources = async <T>(
  { resourceIds }: Task,
  call: (resourceId: string) => Promise<T>,
): Promise<{ resourceId: string; answer: T }> => {
  for (const [index, resourceId] of resourceIds.entries()) {
    try {
      return { resourceId, answer: await call(resourceId) }
    } catch (error) {
      if (!(error instanceof NotFoundError) || index === resourceIds.length - 1) throw error
    }
  }
  throw new Error('a task has at least one resource')
}
