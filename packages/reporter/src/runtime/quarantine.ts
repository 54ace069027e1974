import { DecisionError, UnreadableRowError } from '../store/errors.ts'
import type { Clock } from './clock.ts'

/**
 * Recordings that no retry can help for now: the row cannot be read, or the decision on it is a defect. They are left
 * out for a minute, so that they hold up neither the others nor `/readyz`. Every other error is the store's, and says
 * nothing about the recording.
 */
export interface Quarantine {
  /** @returns false if this error is no reason to leave a recording out */
  add(recordingId: string, error: unknown): boolean
  /** The recordings that are left out now. */
  ids(): string[]
}

export const QUARANTINE_SECONDS = 60

export const createQuarantine = (clock: Pick<Clock, 'elapsed'>): Quarantine => {
  /** Until when, in monotonic time: a step of the wall clock must not prolong it. */
  const until = new Map<string, number>()
  return {
    add: (recordingId, error) => {
      const isHopeless = error instanceof UnreadableRowError || error instanceof DecisionError
      if (isHopeless) until.set(recordingId, clock.elapsed() + QUARANTINE_SECONDS * 1000)
      return isHopeless
    },
    ids: () => {
      for (const [id, end] of until) if (end <= clock.elapsed()) until.delete(id)
      return [...until.keys()]
    },
  }
}
