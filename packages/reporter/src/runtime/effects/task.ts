import type { Engine } from '../engine.ts'

/** An attempt as Agora knows it. */
export interface Task {
  resourceId: string
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
  return { resourceId: attempt.resourceId, sid: attempt.sid, cname: recordingId, uid: attempt.uid }
}
