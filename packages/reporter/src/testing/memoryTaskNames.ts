import { isTerminal } from '../store/recordingFacts.ts'
import type { StoreOperations } from '../store/store.ts'
import type { FoundAttempt } from '../store/types.ts'
import { findAttempt } from '../supervisor/attempts.ts'
import type { Attempt, Recording } from '../supervisor/recording.ts'
import { uidRangeOf } from '../uidRange.ts'
import type { RecordingRow, Tables } from './memoryTables.ts'

export type TaskNameOperation = 'findAttempt' | 'recordingsWithoutSid' | 'liveRecordingsIn' | 'takenUids'

export const taskNameOperations = (
  tables: Pick<Tables, 'recordings' | 'settledAttempts'>,
): Pick<StoreOperations, TaskNameOperation> => {
  const rowsIn = (cname: string): RecordingRow[] =>
    [...tables.recordings.values()]
      .filter(({ recording }) => recording.cname === cname)
      .sort((one, other) => one.recording.uidBase - other.recording.uidBase)
  const recordingsIn = (cname: string): Recording[] => rowsIn(cname).map(({ recording }) => recording)
  /** Also one that has been put back into its recording since. */
  const hasSettled = ({ id }: Recording, { number }: Attempt): boolean =>
    (tables.settledAttempts.get(id) ?? []).some((settled) => settled.number === number)

  return {
    findAttempt: async ({ sid, cname, uid }) => {
      const bySid = sid === undefined ? undefined : find(tables, (attempt: Attempt) => attempt.sid === sid)
      return bySid ?? find(tables, (attempt, recording) => attempt.uid === uid && recording.cname === cname)
    },
    recordingsWithoutSid: async (cname) =>
      recordingsIn(cname)
        .filter((recording) =>
          recording.attempts.some((attempt) => attempt.sid === null && !hasSettled(recording, attempt)),
        )
        .map(({ id }) => id),
    liveRecordingsIn: async (cname) =>
      recordingsIn(cname)
        .filter((recording) => !isTerminal(recording))
        .map(({ id }) => id),
    takenUids: async (cname) => ({
      blocks: recordingsIn(cname).map(({ id, uidBase, state }) => ({
        ...{ recordingId: id, uidBase, isStopped: state === 'stopped' },
      })),
      userRanges: rowsIn(cname).flatMap(({ request, recording }) =>
        recording.state === 'stopped' ? [] : (uidRangeOf(request) ?? []),
      ),
    }),
  }
}

const find = (
  { recordings, settledAttempts }: Pick<Tables, 'recordings' | 'settledAttempts'>,
  matches: (attempt: Attempt, recording: Recording) => boolean,
): FoundAttempt | undefined => {
  for (const [recordingId, { recording }] of recordings) {
    const settled = settledAttempts.get(recordingId) ?? []
    const found =
      recording.attempts.find((attempt) => matches(attempt, recording)) ??
      settled.find((attempt) => !findAttempt(recording, attempt.number) && matches(attempt, recording))
    if (found) return { recordingId, number: found.number, sid: found.sid }
  }
  return undefined
}
