import { natives } from '../natives.ts'
import type { Report } from '../types.ts'

/** A report as it is made; the other fields are filled in when it is sent. */
export type Draft = Omit<Report, 'sid' | 'missed' | 'note'>

/** A report that waits to be sent. */
export interface QueuedReport {
  draft: Draft
  /** The report must arrive, in order: `hello`, `loaded`, and heartbeats with a changed check. */
  keep: boolean
}

/** Longest queue while the reporter cannot be reached; beyond it the oldest heartbeats with a changed check are dropped. */
export const MAX_QUEUED = 32

/** The queue, oldest first, with one more report, which replaces a steady heartbeat. */
export const enqueue = (queue: readonly QueuedReport[], report: QueuedReport): QueuedReport[] => {
  const kept = natives.Array.filter(queue, ({ keep }) => keep)
  const oldest =
    kept.length < MAX_QUEUED ? null : natives.Array.find(kept, ({ draft }) => draft.type === 'heartbeat')
  return [...natives.Array.filter(kept, (one) => one !== oldest), report]
}

/** The queue with an undelivered report back in front, unless it is a steady heartbeat and a newer report waits. */
export const requeue = (queue: QueuedReport[], report: QueuedReport): QueuedReport[] =>
  report.keep || !queue.length ? [report, ...queue] : queue
