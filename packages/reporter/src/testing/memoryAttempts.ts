import { hasRecorded } from '../store/attempts.ts'
import type { StoreOperations } from '../store/store.ts'
import type { AttemptKey } from '../store/types.ts'
import { findAttempt } from '../supervisor/attempts.ts'
import type { Attempt } from '../supervisor/recording.ts'
import type { Tables } from './memoryTables.ts'
import { put, type UndoLog } from './undoLog.ts'

export type AttemptOperation =
  | 'findAttempt'
  | 'saveSettledAttempts'
  | 'loadSettledAttempt'
  | 'readSettledAttempts'

export const attemptOperations = (
  tables: Pick<Tables, 'recordings' | 'settledAttempts'>,
  undo: UndoLog,
): Pick<StoreOperations, AttemptOperation> => ({
  findAttempt: async (task) =>
    find(tables, ({ sid }) => sid === task.sid) ??
    find(tables, ({ sid, uid }, id) => sid === null && uid === task.uid && id === task.cname),
  saveSettledAttempts: async (recordingId, attempts) => {
    const numbers = new Set(attempts.map(({ number }) => number))
    const others = (tables.settledAttempts.get(recordingId) ?? []).filter(
      ({ number }) => !numbers.has(number),
    )
    const all = [...others, ...attempts].sort((one, other) => other.number - one.number)
    put(tables.settledAttempts, recordingId, all, undo)
  },
  loadSettledAttempt: async (recordingId, number) =>
    tables.settledAttempts.get(recordingId)?.find((attempt) => attempt.number === number),
  readSettledAttempts: async (recordingId, { from = 1, before = Infinity, recordedOnly = false, limit }) =>
    (tables.settledAttempts.get(recordingId) ?? [])
      .filter(({ number }) => number >= from && number < before)
      .filter((attempt) => !recordedOnly || hasRecorded(attempt))
      .slice(0, limit),
})

const find = (
  { recordings, settledAttempts }: Pick<Tables, 'recordings' | 'settledAttempts'>,
  matches: (attempt: Attempt, recordingId: string) => boolean,
): AttemptKey | undefined => {
  for (const [recordingId, { recording }] of recordings) {
    const settled = settledAttempts.get(recordingId) ?? []
    const found =
      recording.attempts.find((attempt) => matches(attempt, recordingId)) ??
      settled.find((attempt) => !findAttempt(recording, attempt.number) && matches(attempt, recordingId))
    if (found) return { recordingId, number: found.number }
  }
  return undefined
}
