import { mainIdOf } from '../standbyId.ts'
import type { StoreOperations } from '../store/store.ts'
import type { TimelineEvent } from '../store/types.ts'
import type { Tables } from './memoryTables.ts'
import { put, type UndoLog } from './undoLog.ts'

export type TimelineOperation = 'appendTimeline' | 'readTimeline' | 'readTimelineEvents' | 'timelineRange'

export const timelineOperations = (
  tables: Tables,
  undo: UndoLog,
): Pick<StoreOperations, TimelineOperation> => {
  const all = (): TimelineEvent[] =>
    [...tables.timeline]
      .flatMap(([recordingId, entries]): TimelineEvent[] => {
        const row = tables.recordings.get(recordingId)
        if (!row) return []
        const { id, kind, state } = row.recording
        const recording = { id, kind, state, labels: row.request.labels }
        return entries.map((entry) => ({ ...entry, recording }))
      })
      .toSorted((one, other) => one.id - other.id)
  return {
    appendTimeline: async (recordingId, entries, at) => {
      if (entries.length === 0) return
      const added = entries.map((entry) => ({ ...entry, id: ++tables.lastId, at }))
      put(tables.timeline, recordingId, [...(tables.timeline.get(recordingId) ?? []), ...added], undo)
    },
    readTimeline: async (recordingId, { after, limit }) =>
      (tables.timeline.get(recordingId) ?? []).filter(({ id }) => id > after).slice(0, limit),
    readTimelineEvents: async ({ after, recordingId, limit }) =>
      all()
        .filter(({ id }) => id > after)
        .filter(({ recording: { id } }) => recordingId === undefined || (mainIdOf(id) ?? id) === recordingId)
        .slice(0, limit),
    timelineRange: async () => {
      const ids = [...tables.timeline.values()].flat().map(({ id }) => id)
      return ids.length === 0 ? undefined : { oldest: Math.min(...ids), newest: Math.max(...ids) }
    },
  }
}
