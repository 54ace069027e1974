import type { RecordingSummary, TimelineView } from '@stillrolling/reporter'
import type { RecordingApi } from '../testbed/api.ts'

/** Follows the timelines of all recordings of a reporter. */
export interface Follower {
  /** Fetches what is new since the last poll, and calls `onEntry` for each entry, oldest first. */
  poll(): Promise<void>
}

/** @param since entries before this moment (milliseconds since the epoch) are skipped */
export const followRecordings = (
  api: RecordingApi,
  since: number,
  onEntry: (recording: RecordingSummary, entry: TimelineView) => Promise<void>,
): Follower => {
  /** The last entry of each recording that `onEntry` was called for. */
  const lastIds = new Map<string, number>()
  return {
    poll: async () => {
      for (const recording of (await api.list()).reverse()) {
        for (const entry of await api.timeline(recording.id, lastIds.get(recording.id) ?? 0)) {
          lastIds.set(recording.id, entry.id)
          if (Date.parse(entry.at) >= since) await onEntry(recording, entry)
        }
      }
    },
  }
}
