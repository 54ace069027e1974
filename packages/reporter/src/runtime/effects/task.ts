import { type Mode, NotFoundError } from '@stillrolling/rest-core'
import type { StoredRecording } from '../../store/types.ts'
import { findAttempt } from '../../supervisor/attempts.ts'
import type { Attempt } from '../../supervisor/recording.ts'
import type { Engine } from '../engine.ts'
import { kindOf } from '../kinds/kindOf.ts'
import { throwIfInterrupted } from './context.ts'

/** The names that Agora knows an attempt's task by. */
export interface Task {
  /** The likeliest first. After a lost answer it is unknown which of them the sid belongs to. */
  resourceIds: string[]
  sid: string
  cname: string
  uid: string
  mode: Mode
}

/** @returns undefined while the attempt has no resource or no sid */
export const taskOf = async (
  engine: Pick<Engine, 'load'>,
  recordingId: string,
  number: number,
): Promise<Task | undefined> => {
  const stored = await engine.load(recordingId, number)
  const attempt = findAttempt(stored?.recording, number)
  if (!stored || !attempt) return undefined
  return taskOfAttempt(stored, attempt)
}

/** @returns undefined while the attempt has no resource or no sid */
export const taskOfAttempt = (
  { request, recording }: StoredRecording,
  attempt: Attempt,
): Task | undefined => {
  const { resourceId, otherResourceIds, sid, uid } = attempt
  if (resourceId === null || sid === null) return undefined
  const { cname } = recording
  return {
    resourceIds: [resourceId, ...otherResourceIds],
    sid,
    cname,
    uid,
    mode: kindOf(request).modeOf(request),
  }
}

/**
 * Makes a call with each of a task's resources until Agora finds the task.
 * @throws {InterruptedError} if the process ends first
 * @throws {NotFoundError} if Agora finds it under none of them
 * @throws any other error of a call, immediately
 */
export const tryResources = async <T>(
  { resourceIds }: Pick<Task, 'resourceIds'>,
  call: (resourceId: string) => Promise<T>,
  ending?: AbortSignal,
): Promise<{ resourceId: string; answer: T }> => {
  for (const [index, resourceId] of resourceIds.entries()) {
    try {
      return { resourceId, answer: await call(resourceId) }
    } catch (error) {
      throwIfInterrupted(error, ending)
      if (!(error instanceof NotFoundError) || index === resourceIds.length - 1) throw error
    }
  }
  throw new Error('a task has at least one resource')
}
