import type { Report } from '../types.ts'

/** A report as it is made; `sid` and `missed` are filled in when it is sent. */
export type Draft = Omit<Report, 'sid' | 'missed'>

/** A report that waits to be sent. */
export interface QueuedReport {
  draft: Draft
  /** The report must arrive, in order: `hello`, `loaded`, and heartbeats with a changed check. */
  keep: boolean
}

/** Longest queue while the reporter cannot be reached; beyond it the oldest heartbeats with a changed check are dropped. */
export const MAX_QUEUED = 32

/** A dropped heartbeat's note moves to its successor, unless that has a note itself. */
const moveNote = ({ note }: Draft, successor: QueuedReport): QueuedReport =>
  note === undefined || successor.draft.note !== undefined
    ? successor
    : { ...successor, draft: { ...successor.draft, note } }

/** The queue, oldest first, with one more report, which replaces a steady heartbeat. */
export const enqueue = (queue: readonly QueuedReport[], report: QueuedReport): QueuedReport[] => {
  const kept = queue.filter(({ draft, keep }) => {
    if (!keep) report = moveNote(draft, report)
    return keep
  })
  if (kept.length >= MAX_QUEUED) {
    kept.splice(
      kept.findIndex(({ draft }) => draft.type === 'heartbeat'),
      1,
    )
  }
  return [...kept, report]
}

/** The queue with an undelivered report back in front, unless it is a steady heartbeat and a newer report waits. */
export const requeue = (queue: readonly QueuedReport[], report: QueuedReport): QueuedReport[] => {
  const [next, ...rest] = queue
  return report.keep || !next ? [report, ...queue] : [moveNote(report.draft, next), ...rest]
}
