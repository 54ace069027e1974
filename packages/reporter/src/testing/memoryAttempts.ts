import { hasRecorded } from '../store/attempts.ts'
import type { StoreOperations } from '../store/store.ts'
import type { Tables } from './memoryTables.ts'
import { put, type UndoLog } from './undoLog.ts'

export type AttemptOperation = 'saveSettledAttempts' | 'loadSettledAttempt' | 'readSettledAttempts'

export const attemptOperations = (
  tables: Pick<Tables, 'settledAttempts'>,
  undo: UndoLog,
): Pick<StoreOperations, AttemptOperation> => ({
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
