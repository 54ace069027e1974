import { VersionConflictError } from '../store/errors.ts'
import { isTerminal } from '../store/recordingFacts.ts'
import type { StoreOperations } from '../store/store.ts'
import type { ListedRecording, StoredRecording } from '../store/types.ts'
import { dueAt } from '../supervisor/recording.ts'
import { recordingsWithEffects } from './memoryEffects.ts'
import { isMain, page, summarize } from './memoryListing.ts'
import type { RecordingRow, Tables } from './memoryTables.ts'
import { put, type UndoLog } from './undoLog.ts'

export type RecordingOperation =
  | 'insertRecording'
  | 'loadRecording'
  | 'saveRecording'
  | 'saveRequest'
  | 'dueRecordings'
  | 'pushBackDueTimes'
  | 'loadRecordings'
  | 'liveRecordings'
  | 'countRecordings'
  | 'listRecordings'
  | 'summarizeRecordings'

const withLastHeartbeat = ({ lastHeartbeats }: Tables, row: RecordingRow): StoredRecording => ({
  ...row,
  lastHeartbeat: lastHeartbeats.get(row.recording.id),
})

const listed = (tables: Tables, row: RecordingRow): ListedRecording => {
  const { id, createdAt } = row.recording
  return { id, createdAt, stored: withLastHeartbeat(tables, row) }
}

export const recordingOperations = (
  tables: Tables,
  undo: UndoLog,
): Pick<StoreOperations, RecordingOperation> => {
  const { recordings, effects } = tables
  return {
    insertRecording: async (request, recording, now) => {
      if (recordings.has(recording.id)) throw new Error(`The id ${recording.id} is taken`)
      const { cname, uidBase } = recording
      const isTaken = [...recordings.values()].some(
        ({ recording: other }) => other.cname === cname && other.uidBase === uidBase,
      )
      if (isTaken) throw new Error(`The uids from ${uidBase} on in ${cname} are taken`)
      put(
        recordings,
        recording.id,
        { request, recording, version: 1, dueAt: dueAt(recording) ?? null, updatedAt: now, stateSince: now },
        undo,
      )
    },
    loadRecording: async (id) => {
      const row = recordings.get(id)
      return row && withLastHeartbeat(tables, row)
    },
    saveRecording: async (stored, recording, now) => {
      const { id } = recording
      const before = recordings.get(id)
      if (before?.version !== stored.version) {
        throw new VersionConflictError(id)
      }
      const { request, version } = stored
      const row = {
        request,
        recording,
        version: version + 1,
        dueAt: dueAt(recording) ?? null,
        updatedAt: now,
        stateSince: before.recording.state === recording.state ? before.stateSince : now,
      }
      put(recordings, id, row, undo)
    },
    saveRequest: async (id, request) => {
      const row = recordings.get(id)
      if (row) put(recordings, id, { ...row, request }, undo)
    },
    loadRecordings: async (ids) =>
      ids.flatMap((id) => {
        const row = recordings.get(id)
        return row ? [listed(tables, row)] : []
      }),
    dueRecordings: async (now, { limit, except, after = Number.NEGATIVE_INFINITY }) =>
      [...recordings.values()]
        .filter(({ dueAt }) => dueAt !== null && dueAt <= now && dueAt > after)
        .filter(({ recording }) => !except.includes(recording.id))
        .sort((one, other) => Number(one.dueAt) - Number(other.dueAt))
        .slice(0, limit)
        .map(({ recording }) => recording.id),
    pushBackDueTimes: async (changes) => {
      const moved: string[] = []
      for (const { id, version, dueAt } of changes) {
        const row = recordings.get(id)
        if (row?.version !== version) continue
        put(recordings, id, { ...row, dueAt }, undo)
        moved.push(id)
      }
      return moved
    },
    liveRecordings: async () => {
      const pending = recordingsWithEffects(effects)
      return [...recordings.values()]
        .filter(
          ({ recording, dueAt }) => !isTerminal(recording) || dueAt !== null || pending.has(recording.id),
        )
        .map(({ recording }) => recording.id)
    },
    countRecordings: async () =>
      [...recordings.values()].filter(({ recording }) => !isTerminal(recording) && isMain(recording)).length,
    listRecordings: async (options) => page(recordings, options).map((row) => listed(tables, row)),
    summarizeRecordings: async () => summarize([...recordings.values()]),
  }
}
